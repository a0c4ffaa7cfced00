import Foundation
import Testing

@testable import Media

/// A directory that is gone after the test.
final class TemporaryDirectory {
  let path: String

  init() throws {
    path = NSTemporaryDirectory() + "media-tests-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  @discardableResult
  func write(_ name: String, _ bytes: [UInt8]) throws -> String {
    try Data(bytes).write(to: URL(fileURLWithPath: "\(path)/\(name)"))
    return "\(path)/\(name)"
  }

  @discardableResult
  func write(_ name: String, _ text: String) throws -> String {
    try write(name, Array(text.utf8))
  }

  /// An executable shell script, standing in for a tool.
  func script(_ name: String, _ body: String) throws {
    let file = try write(name, "#!/bin/sh\n\(body)\n")
    try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: file)
  }
}

/// A picture whose every byte is told by its place and `seed`.
func picture(_ width: Int, _ height: Int, seed: Int = 0) -> RGBImage {
  RGBImage(
    width: width, height: height,
    pixels: (0..<width * height * 3).map { UInt8(($0 * 7 + seed * 31) % 256) })
}

func ppm(_ images: RGBImage...) -> [UInt8] {
  images.flatMap { Array("P6\n\($0.width) \($0.height)\n255\n".utf8) + $0.pixels }
}

/// A RIFF WAVE file put together from its parts.
struct WAV {
  var tag = 3
  var channels = 1
  var rate = 16_000
  var bits = 32
  var extensible = false
  var before: [UInt8] = []
  var after: [UInt8] = []
  var samplesFirst = false
  var claimedLength: Int?
  var payload: [UInt8] = WAV.floats([0, 0.5, -0.5, 1])

  static func floats(_ samples: [Float]) -> [UInt8] {
    samples.flatMap { little($0.bitPattern, 4) }
  }

  static func little(_ value: some BinaryInteger, _ count: Int) -> [UInt8] {
    (0..<count).map { UInt8(truncatingIfNeeded: value >> ($0 * 8)) }
  }

  static func chunk(_ name: String, _ content: [UInt8], claimed: Int? = nil) -> [UInt8] {
    Array(name.utf8) + little(claimed ?? content.count, 4) + content
      + (content.count.isMultiple(of: 2) ? [] : [0])
  }

  var bytes: [UInt8] {
    let align = channels * bits / 8
    var format = Self.little(extensible ? 0xFFFE : tag, 2) + Self.little(channels, 2)
    format += Self.little(rate, 4) + Self.little(rate * align, 4)
    format += Self.little(align, 2) + Self.little(bits, 2)
    if extensible {
      format += Self.little(22, 2) + Self.little(bits, 2) + Self.little(4, 4) + Self.little(tag, 2)
      format += [0, 0, 0, 0, 0x10, 0, 0x80, 0, 0, 0xAA, 0, 0x38, 0x9B, 0x71]
    }
    let data = Self.chunk("data", payload, claimed: claimedLength)
    let chunks = [Self.chunk("fmt ", format), data]
    let body =
      Array("WAVE".utf8) + before + (samplesFirst ? chunks.reversed() : chunks).joined() + after
    return Array("RIFF".utf8) + Self.little(body.count, 4) + body
  }
}

/// The same numbers on every run.
struct SplitMix: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}

/// Changes, cuts, repeats or lengthens a few bytes.
func mutated(_ bytes: [UInt8], _ random: inout SplitMix) -> [UInt8] {
  var bytes = bytes
  for _ in 0..<Int.random(in: 1...4, using: &random) {
    let place = Int.random(in: 0...bytes.count, using: &random)
    switch Int.random(in: 0..<5, using: &random) {
    case 0 where place < bytes.count: bytes[place] = .random(in: 0...255, using: &random)
    case 1: bytes.removeSubrange(place...)
    case 2: bytes.insert(.random(in: 0...255, using: &random), at: place)
    case 3: bytes.insert(contentsOf: bytes.prefix(40), at: place)
    // Headers are where it hurts.
    default:
      guard !bytes.isEmpty else { continue }
      bytes[Int.random(in: 0..<min(48, bytes.count), using: &random)] =
        [0, 0xFF, 0x7F, 0x80, 0x39, 0x23, 0x20].randomElement(using: &random) ?? 0
    }
  }
  return bytes
}
