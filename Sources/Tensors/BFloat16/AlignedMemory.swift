import Foundation

/// Bytes at an address that suits any vector; uninitialised.
///
/// Unchecked, because the compiler cannot see it: whoever fills them does so before sharing them, or
/// writes parts that nobody else touches.
final class AlignedMemory: @unchecked Sendable {
  let base: UnsafeMutableRawPointer
  let count: Int

  /// From here on, large pages: fewer misses, and far fewer page faults.
  private static let largePage = 2 << 20

  init(_ count: Int) {
    let isLarge = count >= 2 * Self.largePage
    var address: UnsafeMutableRawPointer?
    let failure = posix_memalign(&address, isLarge ? Self.largePage : 64, max(64, count))
    // As arrays do: models that cannot fit are refused before anything is allocated.
    guard failure == 0, let address else { fatalError("no memory for \(count) bytes") }
    if isLarge { madvise(address, count, MADV_HUGEPAGE) }
    base = address
    self.count = count
  }

  deinit { free(base) }

  func pointer<Element>(to element: Element.Type, at byte: Int = 0) -> UnsafeMutablePointer<Element>
  {
    (base + byte).assumingMemoryBound(to: element)
  }
}
