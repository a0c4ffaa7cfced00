import Testing

/// A short, repeatable part of what `make fuzz` does for hours. A reader that fails here takes the
/// whole test process down: that is the finding.
@Suite(.serialized) struct `File readers with damaged input` {
  @Test(arguments: Reader.all.map(\.name))
  func `every file reader handles damaged input without a crash`(_ name: String) throws {
    let reader = try #require(Reader.named(name))
    let seeds = reader.seeds()
    #expect(!seeds.isEmpty)
    for bytes in seeds + FoundCases.bytes(for: name) { reader.read(bytes) }
    // Whole, they take minutes without optimisation.
    for bytes in reader.monsters { reader.read(Array(bytes.prefix(10_000))) }
    var random = Damage(seed: 8)
    for number in 0..<300 { reader.read(random.damaged(seeds[number % seeds.count])) }
  }

  @Test(arguments: Reader.all.map(\.name))
  func `every file reader handles extreme numbers without a crash`(_ name: String) throws {
    let reader = try #require(Reader.named(name))
    for seed in reader.seeds() where seed.count < 20_000 {
      // All of them take minutes without optimisation. 11 is prime to how many numbers there are.
      for (index, bytes) in Seed.extremes(of: seed).enumerated() where index % 11 == 0 {
        reader.read(bytes)
      }
    }
  }
}

/// The same damage on every run.
private struct Damage {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  private mutating func number(below limit: Int) -> Int {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return Int(state >> 33) % max(1, limit)
  }

  /// Bytes changed, cut out, or moved.
  mutating func damaged(_ bytes: [UInt8]) -> [UInt8] {
    var bytes = bytes
    for _ in 0...number(below: 4) where !bytes.isEmpty {
      let place = number(below: bytes.count)
      let end = min(bytes.count, place + 1 + number(below: 16))
      switch number(below: 4) {
      case 0: bytes[place] = UInt8(number(below: 256))
      case 1: bytes.removeSubrange(place..<end)
      case 2: bytes.insert(contentsOf: bytes[place..<end], at: number(below: bytes.count))
      default: bytes.removeSubrange(end...)
      }
    }
    return bytes
  }
}
