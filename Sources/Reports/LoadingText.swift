import OmniModel

/// Progress of loading the weights, as defined by the engine.
public typealias LoadingProgress = OmniModel.LoadingProgress

extension LoadingProgress {
  /// The kind of work as text: `packing the weights`.
  public var words: String {
    switch work {
    case .packing: "packing the weights"
    case .reading: "reading the weights"
    case .making: "making dummy weights"
    }
  }

  /// Bytes, rate and time left as text: `3.90 GiB of 9.20 GiB, 1.10 GiB/s, 5.00 s left`.
  public var figures: String {
    var text = "\(Measure.bytes(done)) of \(Measure.bytes(total))"
    if let bytesPerSecond { text += ", \(Measure.bytes(Int(bytesPerSecond)))/s" }
    if let secondsLeft { text += ", \(Measure.clock(secondsLeft * 1000)) left" }
    return text
  }
}
