/// Antialiased bicubic resizing (a = −½) in single precision, with a horizontal and a vertical
/// pass, as torchvision resizes float frames such as those of `qwen_omni_utils`. `BicubicResize`
/// resizes byte frames.
public struct FloatResize: Sendable {
  private let source, target: (height: Int, width: Int)
  private let horizontal, vertical: FloatTaps

  public init(from source: (height: Int, width: Int), to target: (height: Int, width: Int)) {
    self.source = source
    self.target = target
    horizontal = FloatTaps(source.width, to: target.width)
    vertical = FloatTaps(source.height, to: target.height)
  }

  /// Resizes a frame.
  /// - Parameter pixels: [source height, source width, 3].
  /// - Returns: [target height, target width, 3]; neither rounded nor clamped to 0…255.
  public func callAsFunction(_ pixels: [Float]) -> [Float] {
    precondition(pixels.count == source.height * source.width * 3, "\(pixels.count) numbers")
    let wide =
      source.width == target.width
      ? pixels
      : horizontal.apply(
        pixels, outer: source.height, outerStride: source.width * 3, stride: 3, inner: 3)
    guard source.height != target.height else { return wide }
    return vertical.apply(
      wide, outer: 1, outerStride: 0, stride: target.width * 3, inner: target.width * 3)
  }

  /// Resizes a frame to 8-bit levels: rounded half to even, and clamped.
  public func bytes(_ pixels: [UInt8]) -> [UInt8] {
    self(pixels.map { Float($0) }).map { UInt8(min(255, max(0, $0)).rounded(.toNearestOrEven)) }
  }
}

/// Filter weights of every output sample along one axis.
private struct FloatTaps: Sendable {
  private let starts: [Int]
  private let weights: [[Float]]

  init(_ source: Int, to target: Int) {
    let scale = Float(source) / Float(target)
    let stretch = max(scale, 1)
    let support = 2 * stretch
    var starts: [Int] = []
    var weights: [[Float]] = []
    for index in 0..<target {
      let centre = scale * (Float(index) + 0.5)
      let first = max(Int(centre - support + 0.5), 0)
      let last = min(Int(centre + support + 0.5), source)
      let raw = (first..<last).map { Self.cubic((Float($0) - centre + 0.5) / stretch) }
      let sum = raw.reduce(0, +)
      starts.append(first)
      weights.append(raw.map { $0 / sum })
    }
    self.starts = starts
    self.weights = weights
  }

  /// Keys' cubic kernel with a = −½.
  private static func cubic(_ x: Float) -> Float {
    let x = abs(x)
    if x < 1 { return (1.5 * x - 2.5) * x * x + 1 }
    return x < 2 ? ((-0.5 * x + 2.5) * x - 4) * x + 2 : 0
  }

  /// Filters samples at distance `stride`, for `inner` adjacent elements, `outer` times.
  func apply(
    _ pixels: [Float], outer: Int, outerStride: Int, stride: Int, inner: Int
  ) -> [Float] {
    let count = outer * starts.count * inner
    return [Float](unsafeUninitializedCapacity: count) { result, written in
      result.initialize(repeating: 0)
      pixels.withUnsafeBufferPointer { pixels in
        var at = 0
        for line in 0..<outer {
          for (start, weights) in zip(starts, weights) {
            var base = line * outerStride + start * stride
            for weight in weights {
              for number in 0..<inner { result[at + number] += weight * pixels[base + number] }
              base += stride
            }
            at += inner
          }
        }
      }
      written = count
    }
  }
}
