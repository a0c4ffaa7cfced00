/// Collects decoded frames, resizes each, and limits their total memory.
struct FrameCollector {
  let file: String
  /// Expected number of frames, which is passed to `prepare`.
  let planned: Int
  let limits: MediaLimits
  let prepare: PrepareFrame?

  private(set) var frames: [RGBImage] = []
  private var heldBytes = 0
  /// Memory of array and image headers in bytes.
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
