import Foundation
import Tensors

/// A vision encoder: converts patches to vision tokens.
protocol VisionEncoder: Sendable {
  /// Encodes patches.
  /// - Returns: vision tokens in raster order of each grid, [tokens, decoder width], and the last
  ///   block's queries and keys after the rotary embedding.
  func callAsFunction(
    _ patches: Patches, _ cancellation: Cancellation
  ) throws(PrefillError) -> EncodedModality
}

/// Rotary angles of patches: the first half of a head's pairs depends on the row, the second on the
/// column.
struct VisionRotation: Sendable {
  /// Cosines and sines of each patch's angles, [patches, headWidth / 2].
  let cosines, sines: Tensor

  /// Computes the angles of all patches.
  /// - Parameter order: patch index of each row; nil for the order of the patches.
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
