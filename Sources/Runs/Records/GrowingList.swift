import Foundation

/// An append-only list whose copies share memory: all n prefixes of a list of n elements take O(n)
/// memory, not O(n²).
struct GrowingList<Element: Sendable & Equatable & BitwiseCopyable>: Sendable, Equatable {
  /// Number of elements in a chunk of 2 KiB.
  private static var chunkCount: Int { max(1, 2048 / MemoryLayout<Element>.stride) }

  /// Chunks that are full.
  private var chunks: [[Element]] = []
  /// Elements after the last full chunk.
  private var tail: [Element] = []

  init() {}

  init(_ elements: some Sequence<Element>) {
    append(contentsOf: elements)
  }

  var count: Int { chunks.count * Self.chunkCount + tail.count }
  var last: Element? { tail.last ?? chunks.last?.last }
  /// All elements as an array. O(count).
  var elements: [Element] { chunks.flatMap(\.self) + tail }

  subscript(index: Int) -> Element {
    let (chunk, place) = index.quotientAndRemainder(dividingBy: Self.chunkCount)
    return chunk < chunks.count ? chunks[chunk][place] : tail[place]
  }

  mutating func append(_ element: Element) {
    tail.append(element)
    guard tail.count == Self.chunkCount else { return }
    chunks.append(tail)
    tail = []
  }

  mutating func append(contentsOf elements: some Sequence<Element>) {
    for element in elements { append(element) }
  }

  /// Removes all elements after the first `count`.
  mutating func truncate(to count: Int) {
    while chunks.count * Self.chunkCount > count { tail = chunks.removeLast() }
    tail.removeLast(self.count - count)
  }

  /// The elements from index `start` on.
  func suffix(from start: Int) -> [Element] { (start..<count).map { self[$0] } }

  /// Length of the common prefix of two lists. Chunks that both share are not compared.
  func commonPrefix(with other: GrowingList) -> Int {
    var same = 0
    while same < min(chunks.count, other.chunks.count), chunks[same] == other.chunks[same] {
      same += 1
    }
    return same * Self.chunkCount + Self.commonPrefix(chunk(same), other.chunk(same))
  }

  private static func commonPrefix(_ own: [Element], _ theirs: [Element]) -> Int {
    let count = min(own.count, theirs.count)
    let isSame = own.withUnsafeBytes { own in
      theirs.withUnsafeBytes { theirs in
        guard let first = own.baseAddress, let second = theirs.baseAddress else { return true }
        return memcmp(first, second, count * MemoryLayout<Element>.stride) == 0
      }
    }
    // A list grown from the other has it as a prefix.
    return isSame ? count : zip(own, theirs).prefix { $0 == $1 }.count
  }

  private func chunk(_ index: Int) -> [Element] { index < chunks.count ? chunks[index] : tail }
}
