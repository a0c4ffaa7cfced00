/// Something that reads bytes from outside, as a fuzzer drives it.
struct Reader: Sendable {
  /// As in `make fuzz READER=ppm`.
  let name: String
  /// Whole and well-formed inputs to start from.
  let seeds: @Sendable () -> [[UInt8]]
  /// Wraps bytes that are monsters in themselves as this format wants its contents.
  let dress: @Sendable ([UInt8]) -> [UInt8]
  /// The most memory that reading `n` bytes may hold at once, in bytes.
  let bound: AllocationBound
  /// Reads the bytes and uses what came of them; errors of the reader are fine.
  let read: @Sendable ([UInt8]) -> Void

  init(
    name: String, seeds: @autoclosure @escaping @Sendable () -> [[UInt8]],
    dress: @escaping @Sendable ([UInt8]) -> [UInt8] = { $0 }, bound: AllocationBound,
    read: @escaping @Sendable ([UInt8]) -> Void
  ) {
    self.name = name
    self.seeds = seeds
    self.dress = dress
    self.bound = bound
    self.read = read
  }
}

/// `fixed + perByte · n` for an input of n bytes.
struct AllocationBound: Sendable {
  let fixed, perByte: Int

  func bytes(forInputOf count: Int) -> Int { fixed + perByte * count }
}

extension Reader {
  /// Every reader there is.
  static let all =
    mediaReaders + checkpointReaders + screenReaders + worldReaders + runReaders
    + settingsReaders + evaluationReaders + engineReaders

  /// Long, deep and repetitive inputs.
  var monsters: [[UInt8]] { Seed.monsters.map(dress) }

  static func named(_ name: String) -> Reader? { all.first { $0.name == name } }
}
