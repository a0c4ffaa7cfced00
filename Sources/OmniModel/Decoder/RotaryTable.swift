import Foundation
import Tensors

/// Cosines and sines of three-axis rotary positions: angle j belongs to time, height or width by
/// the configuration's `rotaryAxes`.
struct RotaryTable: Sendable {
  /// [tokens, headWidth / 2].
  let cosines, sines: Tensor

  init(_ positions: [SIMD3<Float>], _ config: DecoderConfiguration) {
    let half = config.headWidth / 2
    let frequencies = (0..<half).map {
      Float(1 / pow(config.rotaryBase, Double(2 * $0) / Double(config.headWidth)))
    }
    let axes = config.rotaryAxes
    var angles: [Float] = []
    angles.reserveCapacity(positions.count * half)
    for position in positions {
      for index in 0..<half { angles.append(position[axes[index]] * frequencies[index]) }
    }
    cosines = Tensor([positions.count, half], angles.map { cos($0) })
    sines = Tensor([positions.count, half], angles.map { sin($0) })
  }

  private init(cosines: Tensor, sines: Tensor) {
    self.cosines = cosines
    self.sines = sines
  }

  /// The rows of consecutive tokens.
  func rows(_ range: Range<Int>) -> RotaryTable {
    range == 0..<cosines.rows
      ? self : RotaryTable(cosines: cosines.rows(range), sines: sines.rows(range))
  }

  /// The rows of the given tokens.
  func rows(_ indices: [Int]) -> RotaryTable {
    RotaryTable(cosines: cosines.gatherRows(indices), sines: sines.gatherRows(indices))
  }
}
