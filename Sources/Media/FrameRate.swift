/// How many frames of a video make a second.
struct FrameRate: Equatable {
  /// What goes into sampling and positions.
  let perSecond: Double
  /// What the container states, where the time stamps contradict it.
  let contradicted: Double?
  /// What the frames cover by their time stamps, where they contradict the rate.
  let measuredSeconds: Double?

  /// How far the stated rate may be from the measured one.
  private static let tolerance = 0.05

  /// Containers whose stated rate the published reader takes, whatever the time stamps say.
  private static let takenAsStated: Set = ["mov", "matroska", "webm", "avi", "flv", "asf", "mpeg"]

  /// - Parameters:
  ///   - stated: what the container says, if it makes sense
  ///   - formats: ffmpeg's names of the container, parted by commas
  ///   - seconds: what the frames cover by their time stamps
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

  /// A notice where rate and time stamps contradict each other.
  func audit(frames: Int) -> [AuditLine] {
    guard let stated = contradicted, let seconds = measuredSeconds else { return [] }
    let claim =
      "the container states \(stated.fixed(3)) fps, but \(frames) frames cover "
      + "\(seconds.fixed(2)) s"
    let choice =
      perSecond == stated
      ? "the stated rate is used, as published" : "\(perSecond.fixed(3)) fps are used"
    return [.notice(.video, "rate", "\(claim): \(choice)")]
  }
}
