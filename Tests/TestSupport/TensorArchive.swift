// swift-format-ignore-file: AlwaysUseLowerCamelCase
// Fixtures keep the spelling of their keys.

import Foundation

/// Reads the tensors of a fixture, whatever their type. Independent of the program's own reader.
public struct TensorArchive {
  private struct Entry: Decodable {
    let dtype: String
    let shape: [Int]
    let data_offsets: [Int]
  }

  private let entries: [String: Entry]
  private let body: Data

  public init(_ url: URL) throws {
    let all = try Data(contentsOf: url)
    let length = Int(all.prefix(8).reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) })
    var header =
      try JSONSerialization.jsonObject(with: all[8..<8 + length]) as? [String: Any] ?? [:]
    header["__metadata__"] = nil
    let json = try JSONSerialization.data(withJSONObject: header)
    entries = try JSONDecoder().decode([String: Entry].self, from: json)
    body = all.dropFirst(8 + length)
  }

  public var names: [String] { entries.keys.sorted() }

  public func has(_ name: String) -> Bool { entries[name] != nil }

  public func shape(_ name: String) throws -> [Int] { try entry(name).shape }

  /// F32, F16, BF16, I32 or U8 numbers, widened to Float.
  public func floats(_ name: String) throws -> [Float] {
    let entry = try entry(name)
    let bytes = Array(
      body.dropFirst(entry.data_offsets[0]).prefix(entry.data_offsets[1] - entry.data_offsets[0]))
    return bytes.withUnsafeBytes { raw in
      switch entry.dtype {
      case "F32":
        (0..<raw.count / 4).map { raw.loadUnaligned(fromByteOffset: 4 * $0, as: Float.self) }
      case "I32":
        (0..<raw.count / 4).map { Float(raw.loadUnaligned(fromByteOffset: 4 * $0, as: Int32.self)) }
      case "F16":
        (0..<raw.count / 2).map {
          Float(Float16(bitPattern: raw.loadUnaligned(fromByteOffset: 2 * $0, as: UInt16.self)))
        }
      case "BF16":
        (0..<raw.count / 2).map {
          let bits = raw.loadUnaligned(fromByteOffset: 2 * $0, as: UInt16.self)
          return Float(bitPattern: UInt32(bits) << 16)
        }
      default: raw.map { Float($0) }
      }
    }
  }

  public func integers(_ name: String) throws -> [Int] { try floats(name).map { Int($0) } }

  private func entry(_ name: String) throws -> Entry {
    guard let entry = entries[name] else { throw FixtureError.noTensor(name) }
    return entry
  }
}

public enum FixtureError: Error {
  case noTensor(String)
}
