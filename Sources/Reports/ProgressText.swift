import Basics

extension WorkProgress {
  /// The kind of work as text: `packing the weights`.
  public var words: String {
    switch work {
    case .packing: "packing the weights"
    case .reading: "reading the weights"
    case .making: "making dummy weights"
    case .copying: "copying the clip"
    case .frames: "decoding frames"
    case .imageEncoder: "image encoder"
    case .videoEncoder: "video encoder"
    case .audioEncoder: "audio encoder"
    case .layers: "layers"
    case .fullTokens: "full tokens"
    case .repeats: "repetitions"
    case .dependency: "dependency"
    case .sweep: "sweep"
    case .comparison: "compare"
    case .agreement: "agreement"
    case .worth: "worth"
    }
  }

  private var isInBytes: Bool { [.packing, .reading, .making, .copying].contains(work) }

  private func amount(_ count: Int) -> String {
    isInBytes ? Measure.bytes(count) : "\(count)"
  }

  /// Amount, rate and time left as text: `3.90 GiB of 9.20 GiB, 1.10 GiB/s, 5.0 s left`.
  public var figures: String {
    var text = "\(amount(done)) of \(amount(total))"
    if let perSecond {
      text +=
        isInBytes
        ? ", \(Measure.bytes(Int(min(9e18, perSecond))))/s" : ", \(Self.rate(perSecond))"
    }
    if let secondsLeft { text += ", \(Measure.clock(secondsLeft * 1000)) left" }
    return text
  }

  /// A rate in the unit that gives at least one: `2.4/s`, `12/min`, `3.0/h`.
  private static func rate(_ perSecond: Double) -> String {
    let (value, unit) =
      perSecond >= 1
      ? (perSecond, "s") : perSecond * 60 >= 1 ? (perSecond * 60, "min") : (perSecond * 3600, "h")
    return "\(Measure.decimal(value, value < 10 ? 1 : 0))/\(unit)"
  }
}
