import Foundation
import SyntheticWorld
import Testing

/// One scene with what the training renderer makes of it.
struct SharedScene: Decodable, CustomTestStringConvertible {
  let scene: Scene
  /// FNV-1a of each frame's bytes, in hexadecimal.
  let frames: [String]
  /// Pairs of sample number and value.
  let points: [[Double]]
  /// Sum of all squared samples.
  let energy: Double

  var testDescription: String { "seed \(scene.seed), \(scene.windows.count) windows" }

  static func all() throws -> [SharedScene] {
    let file = Bundle.module.url(
      forResource: "scenes", withExtension: "json", subdirectory: "Fixtures")
    guard let file else { throw CocoaError(.fileNoSuchFile) }
    return try JSONDecoder().decode([SharedScene].self, from: Data(contentsOf: file))
  }
}

/// FNV-1a with 64 bits, in hexadecimal.
func checksum(_ bytes: [UInt8]) -> String {
  let value = bytes.reduce(UInt64(0xCBF2_9CE4_8422_2325)) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
  let digits = String(value, radix: 16)
  return String(repeating: "0", count: 16 - digits.count) + digits
}
