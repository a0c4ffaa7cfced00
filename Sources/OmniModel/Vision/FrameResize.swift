/// 8-bit RGB frames of equal size, [height, width, 3] each.
public struct PixelFrames: Sendable, Equatable {
  public let frames: [[UInt8]]
  public let height, width: Int

  /// Creates frames of equal size.
  /// - Parameter frames: height × width × 3 bytes each, RGB.
  public init(_ frames: [[UInt8]], height: Int, width: Int) {
    precondition(frames.allSatisfy { $0.count == height * width * 3 }, "\(height)×\(width) frames")
    self.frames = frames
    self.height = height
    self.width = width
  }
}

/// The resized size of a frame in the image and video processors: both sides are multiples of
/// `factor`, the number of pixels is within bounds, and the aspect ratio is kept as far as
/// possible. Nil for an aspect ratio above 200. `utilityResize` follows the rule for media files.
public func smartResize(
  height: Int, width: Int, factor: Int, bounds: PixelBounds
) -> (height: Int, width: Int)? {
  guard height > 0, width > 0, max(height, width) <= 200 * min(height, width) else { return nil }
  func multiple(_ value: Double, _ rule: FloatingPointRoundingRule) -> Int {
    Int((value / Double(factor)).rounded(rule)) * factor
  }
  let (h, w) = (Double(height), Double(width))
  let nearest = (height: multiple(h, .toNearestOrEven), width: multiple(w, .toNearestOrEven))
  let area = nearest.height * nearest.width
  if area > bounds.most {
    let shrink = (h * w / Double(bounds.most)).squareRoot()
    return (max(factor, multiple(h / shrink, .down)), max(factor, multiple(w / shrink, .down)))
  }
  if area < bounds.least {
    let grow = (Double(bounds.least) / (h * w)).squareRoot()
    return (multiple(h * grow, .up), multiple(w * grow, .up))
  }
  return nearest
}

/// The resized size of a video's frames if the pixel bounds apply to all frames together: both
/// sides are multiples of `factor`, and the aspect ratio is kept as far as possible. Frames smaller
/// than a token are first enlarged to one. Nil for an aspect ratio above 200.
public func sharedResize(
  height: Int, width: Int, frames: Int, framesPerGrid: Int, factor: Int, bounds: PixelBounds
) -> (height: Int, width: Int)? {
  guard height > 0, width > 0, frames > 0 else { return nil }
  var (h, w) = (Double(height), Double(width))
  let unit = Double(factor)
  if h < unit || w < unit {
    let scale = max(unit / h, unit / w)
    (h, w) = ((h * scale).rounded(.towardZero), (w * scale).rounded(.towardZero))
  }
  guard max(h, w) <= 200 * min(h, w) else { return nil }
  func multiple(_ value: Double, _ rule: FloatingPointRoundingRule) -> Double {
    (value / unit).rounded(rule) * unit
  }
  let nearest = (
    height: multiple(h, .toNearestOrEven), width: multiple(w, .toNearestOrEven)
  )
  let times = max(
    1, (Double(frames) / Double(framesPerGrid)).rounded(.toNearestOrEven))
  let volume = times * Double(framesPerGrid) * nearest.height * nearest.width
  let all = Double(frames) * h * w
  var size = nearest
  if volume > Double(bounds.most) {
    let shrink = (all / Double(bounds.most)).squareRoot()
    size = (
      max(unit, multiple(h / shrink, .down)), max(unit, multiple(w / shrink, .down))
    )
  } else if volume < Double(bounds.least) {
    let grow = (Double(bounds.least) / all).squareRoot()
    size = (multiple(h * grow, .up), multiple(w * grow, .up))
  }
  guard size.height * size.width < 1e12 else { return nil }
  return (Int(size.height), Int(size.width))
}

/// The resized size of a frame in `qwen_omni_utils`: both sides are multiples of `factor`, at least
/// `factor`, and the number of pixels is within bounds. Nil for an aspect ratio above 200, and if
/// the bounds would give an empty side.
public func utilityResize(
  height: Int, width: Int, factor: Int, least: Double, most: Double
) -> (height: Int, width: Int)? {
  guard height > 0, width > 0, max(height, width) <= 200 * min(height, width) else { return nil }
  let unit = Double(factor)
  func multiple(_ value: Double, _ rule: FloatingPointRoundingRule) -> Double {
    (value / unit).rounded(rule) * unit
  }
  let (h, w) = (Double(height), Double(width))
  var size = (
    height: max(unit, multiple(h, .toNearestOrEven)),
    width: max(unit, multiple(w, .toNearestOrEven))
  )
  if size.height * size.width > most {
    let shrink = (h * w / most).squareRoot()
    size = (multiple(h / shrink, .down), multiple(w / shrink, .down))
  } else if size.height * size.width < least {
    let grow = (least / (h * w)).squareRoot()
    size = (multiple(h * grow, .up), multiple(w * grow, .up))
  }
  guard size.height >= unit, size.width >= unit, size.height * size.width < 1e12 else { return nil }
  return (Int(size.height), Int(size.width))
}

/// Antialiased bicubic resizing (a = −½) of 8-bit images: a horizontal and a vertical pass in
/// fixed-point arithmetic, each rounded and clamped to 0…255.
public struct BicubicResize: Sendable {
  /// Fixed-point format of the filter weights, which differs between image libraries.
  public enum Weights: Sendable {
    /// torchvision: 16 bits, with as many fraction bits as the largest weight allows.
    case torchvision
    /// Pillow: 22 fraction bits.
    case pillow
  }

  private let source, target: (height: Int, width: Int)
  private let horizontal, vertical: Taps

  public init(
    from source: (height: Int, width: Int), to target: (height: Int, width: Int),
    weights: Weights = .torchvision
  ) {
    self.source = source
    self.target = target
    horizontal = Taps(source.width, to: target.width, weights)
    vertical = Taps(source.height, to: target.height, weights)
  }

  /// Resizes a frame.
  /// - Parameter pixels: [source height, source width, 3].
  /// - Returns: [target height, target width, 3].
  public func callAsFunction(_ pixels: [UInt8]) -> [UInt8] {
    precondition(pixels.count == source.height * source.width * 3, "\(pixels.count) bytes")
    let wide =
      source.width == target.width
      ? pixels
      : horizontal.apply(
        pixels, outer: source.height, outerStride: source.width * 3, stride: 3, inner: 3)
    guard source.height != target.height else { return wide }
    return vertical.apply(
      wide, outer: 1, outerStride: 0, stride: target.width * 3, inner: target.width * 3)
  }
}

/// Fixed-point filter weights of every output sample along one axis.
private struct Taps: Sendable {
  private let starts: [Int]
  private let weights: [[Int32]]
  private let precision: Int32

  init(_ source: Int, to target: Int, _ kind: BicubicResize.Weights) {
    let scale = Double(source) / Double(target)
    let stretch = max(scale, 1)
    let support = 2 * stretch
    var starts: [Int] = []
    var exact: [[Double]] = []
    for index in 0..<target {
      let centre = scale * (Double(index) + 0.5)
      let first = max(Int(centre - support + 0.5), 0)
      let last = min(Int(centre + support + 0.5), source)
      let raw = (first..<last).map { Self.cubic((Double($0) - centre + 0.5) / stretch) }
      let sum = raw.reduce(0, +)
      starts.append(first)
      exact.append(raw.map { $0 / sum })
    }
    let largest = exact.lazy.flatMap { $0 }.max() ?? 1
    var precision = kind == .pillow ? 22 : 0
    while precision < 22, Int(0.5 + largest * Double(1 << (precision + 1))) < 1 << 15 {
      precision += 1
    }
    self.starts = starts
    self.precision = Int32(precision)
    weights = exact.map { $0.map { Int32(($0 * Double(1 << precision)).rounded()) } }
  }

  /// Keys' cubic kernel with a = −½.
  private static func cubic(_ x: Double) -> Double {
    let x = abs(x)
    if x < 1 { return (1.5 * x - 2.5) * x * x + 1 }
    return x < 2 ? ((-0.5 * x + 2.5) * x - 4) * x + 2 : 0
  }

  /// Filters samples at distance `stride`, for `inner` adjacent elements, `outer` times.
  func apply(
    _ pixels: [UInt8], outer: Int, outerStride: Int, stride: Int, inner: Int
  ) -> [UInt8] {
    let half = Int32(1) << (precision - 1)
    return [UInt8](unsafeUninitializedCapacity: outer * starts.count * inner) { result, count in
      var at = 0
      for line in 0..<outer {
        for (start, weights) in zip(starts, weights) {
          let base = line * outerStride + start * stride
          for number in 0..<inner {
            var sum = half
            for (tap, weight) in weights.enumerated() {
              sum += weight * Int32(pixels[base + tap * stride + number])
            }
            result[at] = UInt8(clamping: sum >> precision)
            at += 1
          }
        }
      }
      count = at
    }
  }
}
