import Foundation
import Synchronization

/// A pool of released memory blocks for reuse. A newly allocated block costs a page fault per page
/// and is cleared first, which took 5 % of an encoder's time.
final class BufferPool: Sendable {
  static let shared = BufferPool()

  static let leastBytes = 1 << 16
  /// Maximum size of the pool in bytes; beyond it the oldest blocks are freed.
  private static let mostBytes = 256 << 20

  private let blocks = Mutex<[Block]>([])
  /// Current maximum size of the pool in bytes; at most `mostBytes`.
  private let limit = Atomic(mostBytes)

  /// Lowers the maximum size of the pool.
  func keep(_ bytes: Int) { limit.store(min(bytes, Self.mostBytes), ordering: .relaxed) }

  /// Unchecked Sendable: a block has one owner, the pool or its user.
  private struct Block: @unchecked Sendable {
    let base: UnsafeMutableRawPointer
    let capacity: Int
  }

  /// Removes and returns the smallest block that is large enough; nil if there is none.
  /// - Parameter most: capacity up to which a block is taken; twice `count` by default.
  func take(_ count: Int, most: Int? = nil) -> (UnsafeMutableRawPointer, Int)? {
    blocks.withLock { blocks in
      let capacities = count...(most ?? 2 * count)
      let fitting = blocks.indices.filter { capacities.contains(blocks[$0].capacity) }
      guard let best = fitting.min(by: { blocks[$0].capacity < blocks[$1].capacity }) else {
        return nil
      }
      let block = blocks.remove(at: best)
      return (block.base, block.capacity)
    }
  }

  func give(_ base: UnsafeMutableRawPointer, _ capacity: Int) {
    blocks.withLock { blocks in
      blocks.append(Block(base: base, capacity: capacity))
      while blocks.reduce(0, { $0 + $1.capacity }) > limit.load(ordering: .relaxed) {
        free(blocks.removeFirst().base)
      }
    }
  }
}
