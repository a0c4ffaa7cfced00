import Foundation
import Tensors

/// Cosines and sines of the rotary embedding for three-axis positions. Each angle of a head belongs
/// to time, height or width, as the configuration's `rotaryAxes` states.
struct RotaryTable: Sendable {
  /// Cosines and sines of each token's angles, [tokens, headWidth / 2].
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

  /// The cosines and sines of consecutive tokens.
  func rows(_ range: Range<Int>) -> RotaryTable {
    range == 0..<cosines.rows
      ? self : RotaryTable(cosines: cosines.rows(range), sines: sines.rows(range))
  }

  /// The cosines and sines of selected tokens.
  func rows(_ indices: [Int]) -> RotaryTable {
    RotaryTable(cosines: cosines.gatherRows(indices), sines: sines.gatherRows(indices))
  }
}
