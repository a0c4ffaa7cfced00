/// Takes frames as they are decoded, prepares each, and keeps count of the memory they hold.
struct FrameCollector {
  let file: String
  /// How many frames are expected; told to `prepare`.
  let planned: Int
  let limits: MediaLimits
  let prepare: PrepareFrame?

  private(set) var frames: [RGBImage] = []
  private var heldBytes = 0
  /// The array and the picture around the pixels.
  private static let overhead = 96

  init(file: String, planned: Int, limits: MediaLimits, prepare: PrepareFrame?) {
    self.file = file
    self.planned = planned
    self.limits = limits
    self.prepare = prepare
  }

  mutating func take(_ decoded: RGBImage) throws(MediaError) {
    let frame = prepare?(decoded, planned) ?? decoded
    heldBytes += frame.pixels.count + Self.overhead
    guard heldBytes <= limits.frameBytes else {
      throw .framesTooLarge(
        file: file, frame: frames.count, bytes: heldBytes, limit: limits.frameBytes)
    }
    frames.append(frame)
  }
}
