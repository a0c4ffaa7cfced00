import HeapModule

/// Byte pair encoding: merges pairs of symbols in the order of the merge list.
struct BytePairEncoder: Sendable {
  private struct Pair: Hashable, Sendable {
    let left, right: Int
  }

  private struct Merge: Sendable {
    let rank, result: Int
  }

  /// Token id of each single byte.
  private let byteIDs: [Int]
  private let merges: [Pair: Merge]

  init(_ model: BytePairModel, path: String) throws(CheckpointError) {
    var byteIDs: [Int] = []
    for byte in UInt8.min...UInt8.max {
      guard let id = model.vocab[ByteAlphabet.spelling(of: [byte])] else {
        throw .badJSON(path: path, place: "model.vocab", reason: "has no token for byte \(byte)")
      }
      byteIDs.append(id)
    }
    self.byteIDs = byteIDs
    var merges: [Pair: Merge] = [:]
    merges.reserveCapacity(model.merges.count)
    for (rank, merge) in model.merges.enumerated() {
      guard let left = model.vocab[merge.left], let right = model.vocab[merge.right],
        let result = model.vocab[merge.left + merge.right]
      else {
        throw .badJSON(
          path: path, place: "model.merges[\(rank)]", reason: "joins tokens that are not in vocab")
      }
      let pair = Pair(left: left, right: right)
      if merges[pair] == nil { merges[pair] = Merge(rank: rank, result: result) }
    }
    self.merges = merges
  }

  /// Token ids of one word. O(n log n) for n bytes.
  func encode(_ word: String) -> [Int] {
    var symbols = Symbols(word.utf8.map { byteIDs[Int($0)] })
    var queue = Heap<Candidate>()
    func offer(_ left: Int, _ symbols: Symbols) {
      guard let right = symbols.next(left) else { return }
      let pair = Pair(left: symbols.ids[left], right: symbols.ids[right])
      guard let merge = merges[pair] else { return }
      queue.insert(Candidate(rank: merge.rank, left: left, pair: (pair.left, pair.right)))
    }
    for index in symbols.ids.indices { offer(index, symbols) }
    while let best = queue.popMin() {
      guard symbols.isCurrent(best),
        let merge = merges[Pair(left: best.pair.0, right: best.pair.1)]
      else { continue }
      symbols.join(best.left, as: merge.result)
      if let before = symbols.previous(best.left) { offer(before, symbols) }
      offer(best.left, symbols)
    }
    return symbols.remaining
  }
}

/// A candidate pair to merge; invalid if one of its symbols has changed.
private struct Candidate: Comparable {
  let rank, left: Int
  let pair: (Int, Int)

  static func < (a: Candidate, b: Candidate) -> Bool { (a.rank, a.left) < (b.rank, b.left) }
  static func == (a: Candidate, b: Candidate) -> Bool { (a.rank, a.left) == (b.rank, b.left) }
}

/// The symbols of a word as a doubly linked list over its bytes.
private struct Symbols {
  var ids: [Int]
  private var following: [Int]
  private var preceding: [Int]
  private var isAlive: [Bool]

  init(_ ids: [Int]) {
    self.ids = ids
    following = ids.indices.map { $0 + 1 }
    preceding = ids.indices.map { $0 - 1 }
    isAlive = ids.map { _ in true }
  }

  func next(_ index: Int) -> Int? { following[index] < ids.count ? following[index] : nil }
  func previous(_ index: Int) -> Int? { preceding[index] >= 0 ? preceding[index] : nil }

  func isCurrent(_ candidate: Candidate) -> Bool {
    guard isAlive[candidate.left], let right = next(candidate.left) else { return false }
    return (ids[candidate.left], ids[right]) == candidate.pair
  }

  /// Merges the symbol at `left` with the next symbol.
  mutating func join(_ left: Int, as id: Int) {
    guard let right = next(left) else { return }
    ids[left] = id
    isAlive[right] = false
    following[left] = following[right]
    if following[left] < ids.count { preceding[following[left]] = left }
  }

  var remaining: [Int] { ids.indices.filter { isAlive[$0] }.map { ids[$0] } }
}
/// Byte-level BPE's mapping of bytes to printable characters.
enum ByteAlphabet {
  private static let scalars: [Unicode.Scalar] = {
    var next: UInt32 = 256
    return (UInt32(0)...255).compactMap { byte in
      let isPrintable = (33...126).contains(byte) || (161...172).contains(byte) || byte >= 174
      defer { if !isPrintable { next += 1 } }
      return Unicode.Scalar(isPrintable ? byte : next)
    }
  }()

  private static let bytes = Dictionary(
    uniqueKeysWithValues: scalars.enumerated().map { ($1, UInt8($0)) })

  static func spelling(of bytes: [UInt8]) -> String {
    String(String.UnicodeScalarView(bytes.map { scalars[Int($0)] }))
  }

  /// Bytes of a token's text in this alphabet; other characters are encoded as UTF-8.
  static func bytes(of spelling: String) -> [UInt8] {
    spelling.unicodeScalars.flatMap { scalar in
      bytes[scalar].map { [$0] } ?? Array(String(scalar).utf8)
    }
  }
}
