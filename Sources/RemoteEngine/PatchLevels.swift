import Foundation
import Tensors

/// Patches as one byte per number: frames have at most 256 levels per channel, whatever their normalisation.
struct PatchLevels {
  static let channels = 3
  /// Level of each number of the patches, in their order.
  let bytes: Data
  /// Value of each level: [channels, 256].
  let values: Tensor

  /// - Parameter patches: [patches, channels × numbers].
  /// - Returns: nil if a channel has more than 256 different values.
  init?(_ patches: Tensor) {
    let (rows, columns) = (patches.rows, patches.columns)
    guard columns > 0, columns % Self.channels == 0 else { return nil }
    let width = columns / Self.channels
    var tables = (0..<Self.channels).map { _ in LevelTable() }
    var bytes = Data(count: rows * columns)
    let isWhole = bytes.withUnsafeMutableBytes { (levels: UnsafeMutableRawBufferPointer) -> Bool in
      patches.elements.withUnsafeBufferPointer { values in
        var at = 0
        for _ in 0..<rows {
          for channel in 0..<Self.channels {
            for _ in 0..<width {
              guard let level = tables[channel].level(of: values[at].bitPattern) else {
                return false
              }
              levels[at] = level
              at += 1
            }
          }
        }
        return true
      }
    }
    guard isWhole else { return nil }
    self.bytes = bytes
    values = Tensor([Self.channels, 256], tables.flatMap(\.values))
  }
}

/// Numbers different values in the order in which they come.
private struct LevelTable {
  private static let slots = 1024
  /// Bit patterns of the values, by level.
  private var patterns: [UInt32] = []
  /// Level + 1 by the hash of a bit pattern, 0 for none; open addressing.
  private var places = [UInt16](repeating: 0, count: slots)

  /// The values of the levels; 0 for those that are not in use.
  var values: [Float] {
    patterns.map { Float(bitPattern: $0) } + [Float](repeating: 0, count: 256 - patterns.count)
  }

  /// - Returns: nil for the 257th value.
  mutating func level(of pattern: UInt32) -> UInt8? {
    var slot = Int((pattern &* 0x9E37_79B1) >> 22)
    while places[slot] > 0 {
      let level = Int(places[slot]) - 1
      if patterns[level] == pattern { return UInt8(level) }
      slot = (slot + 1) % Self.slots
    }
    guard patterns.count < 256 else { return nil }
    patterns.append(pattern)
    places[slot] = UInt16(patterns.count)
    return UInt8(patterns.count - 1)
  }
}
