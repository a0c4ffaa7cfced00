import Foundation
import Synchronization

/// Blocks that were given up and wait for the next who wants one of about their size. A fresh block
/// costs a fault per page and is cleared first, which took a twentieth of an encoder's time.
final class SpareMemory: Sendable {
  static let shared = SpareMemory()

  static let leastBytes = 1 << 16
  /// What may wait at most; beyond it, those that waited longest are freed.
  private static let mostBytes = 256 << 20

  private let blocks = Mutex<[Block]>([])

  /// Unchecked, because a pointer may be anybody's: a block has one owner, this list or who took it.
  private struct Block: @unchecked Sendable {
    let base: UnsafeMutableRawPointer
    let capacity: Int
  }

  /// The smallest that is large enough and less than half wasted.
  func take(_ count: Int) -> (UnsafeMutableRawPointer, Int)? {
    blocks.withLock { blocks in
      let fitting = blocks.indices.filter { (count...2 * count).contains(blocks[$0].capacity) }
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
      while blocks.reduce(0, { $0 + $1.capacity }) > Self.mostBytes {
        free(blocks.removeFirst().base)
      }
    }
  }
}
