import Foundation
import Tensors

/// A vision encoder: patches to tokens.
protocol VisionEncoder: Sendable {
  /// - Returns: tokens in raster order per grid, [tokens, decoder width], and the last block's
  ///   rotated queries and keys.
  func callAsFunction(
    _ patches: Patches, _ cancellation: Cancellation
  ) throws(PrefillError) -> EncodedModality
}

/// Rotary angles of patches: the first half of a head's pairs by row, the second by column.
struct VisionRotation: Sendable {
  /// [patches, headWidth / 2].
  let cosines, sines: Tensor

  /// - Parameter order: patch at each row; nil: in order.
  init(_ patches: Patches, _ config: VisionConfiguration, order: [Int]? = nil) {
    let quarter = config.headWidth / 4
    let frequencies = (0..<quarter).map { Float(1 / pow(10_000, Double($0) / Double(quarter))) }
    let places = Patches.places(
      rows: patches.rows, columns: patches.columns, merge: config.mergeSize)
    let angles = (order ?? Array(0..<patches.values.rows)).flatMap { patch in
      let place = places[patch % places.count]
      return frequencies.map { Float(place.row) * $0 }
        + frequencies.map { Float(place.column) * $0 }
    }
    let shape = [patches.values.rows, 2 * quarter]
    cosines = Tensor(shape, angles.map { cos($0) })
    sines = Tensor(shape, angles.map { sin($0) })
  }
}
