import Foundation
import Runs
import Terminal

/// Thumbnails and audio levels of a clip, which can be drawn at any size.
struct FrameImages: Sendable, Equatable {
  private let rows, columns, side: Int
  private let pixels: [UInt8]
  private let bands: Int
  private let levels: [UInt8]
  let hasPictures, hasSound: Bool

  init(_ media: ClipMedia) {
    rows = media.video?.rows ?? 0
    columns = media.video?.columns ?? 0
    side = media.video?.side ?? 1
    pixels = media.video.map { [UInt8]($0.pixels) } ?? []
    bands = media.audio?.bands ?? 0
    levels = media.audio.map { [UInt8]($0.levels) } ?? []
    hasPictures = !pixels.isEmpty
    hasSound = !levels.isEmpty
  }

  /// The colour of a pixel of a video token that is drawn with `scale` × `scale` pixels.
  /// - Parameter token: index of the token among the clip's video tokens, from 0.
  func pixel(_ token: Int, x: Int, y: Int, scale: Int) -> Pixel {
    guard hasPictures else { return Pixel(128, 128, 128) }
    let (left, right) = Self.range(x, scale, side)
    let (top, bottom) = Self.range(y, scale, side)
    let place = token % (rows * columns)
    let firstRow = (token / (rows * columns) * rows + place / columns) * side
    let firstColumn = place % columns * side
    var (red, green, blue) = (0, 0, 0)
    for row in firstRow + top..<firstRow + bottom {
      for column in firstColumn + left..<firstColumn + right {
        let at = (row * columns * side + column) * 3
        guard at + 2 < pixels.count else { continue }
        red += Int(pixels[at])
        green += Int(pixels[at + 1])
        blue += Int(pixels[at + 2])
      }
    }
    let count = (bottom - top) * (right - left)
    return Pixel(UInt8(red / count), UInt8(green / count), UInt8(blue / count))
  }

  /// Range of source pixels for one of `scale` target pixels; never empty.
  private static func range(_ index: Int, _ scale: Int, _ side: Int) -> (Int, Int) {
    let first = index * side / scale
    return (first, max(first + 1, (index + 1) * side / scale))
  }

  /// The maximum level (0…255) of some audio tokens in one of `count` parts of the mel scale,
  /// counted from the top.
  func level(_ tokens: Range<Int>, part: Int, of count: Int) -> UInt8 {
    guard bands > 0 else { return 0 }
    let low = bands - max(part * bands / count + 1, (part + 1) * bands / count)
    let high = bands - part * bands / count
    var loudest: UInt8 = 0
    for token in tokens where (token + 1) * bands <= levels.count {
      for band in max(0, low)..<high { loudest = max(loudest, levels[token * bands + band]) }
    }
    return loudest
  }
}
