/// The frame rate of a video, checked against its time stamps.
struct FrameRate: Equatable {
  /// Frames per second, used for sampling and for time positions.
  let perSecond: Double
  /// The rate that the container states, if the time stamps contradict it.
  let contradicted: Double?
  /// Duration by the time stamps in seconds, if they contradict the rate.
  let measuredSeconds: Double?

  /// Allowed relative difference between the stated and the measured rate.
  private static let tolerance = 0.05

  /// Containers whose stated rate the published reader always uses, whatever the time stamps.
  private static let takenAsStated: Set = ["mov", "matroska", "webm", "avi", "flv", "asf", "mpeg"]

  /// Determines the frame rate; nil if it is unknown.
  /// - Parameters:
  ///   - stated: the container's rate, if valid
  ///   - formats: ffmpeg's names of the container, separated by commas
  ///   - seconds: duration by the time stamps
  init?(stated: Double?, formats: String, frames: Int, seconds: Double?) {
    let measured = seconds.map { Double(frames) / $0 }
      .flatMap { MediaProbe.Stream.plausibleRates.contains($0) ? $0 : nil }
    guard let stated else {
      guard let measured else { return nil }
      self.init(perSecond: measured, contradicted: nil, measuredSeconds: nil)
      return
    }
    guard let measured, let seconds, frames > 1,
      abs(stated / measured - 1) > Self.tolerance
    else {
      self.init(perSecond: stated, contradicted: nil, measuredSeconds: nil)
      return
    }
    let isTaken = formats.split(separator: ",").contains { Self.takenAsStated.contains(String($0)) }
    self.init(
      perSecond: isTaken ? stated : measured, contradicted: stated, measuredSeconds: seconds)
  }

  private init(perSecond: Double, contradicted: Double?, measuredSeconds: Double?) {
    self.perSecond = perSecond
    self.contradicted = contradicted
    self.measuredSeconds = measuredSeconds
  }

  /// An audit line if rate and time stamps contradict each other.
  func audit(frames: Int) -> [AuditLine] {
    guard let stated = contradicted, let seconds = measuredSeconds else { return [] }
    let claim =
      "the container states \(stated.fixed(3)) fps, but \(frames) frames span "
      + "\(seconds.fixed(2)) s"
    let choice =
      perSecond == stated
      ? "stated rate used, as in the published code" : "\(perSecond.fixed(3)) fps used"
    return [.notice(.video, "rate", "\(claim): \(choice)")]
  }
}
