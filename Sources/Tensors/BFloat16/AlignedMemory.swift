import Foundation
import Synchronization

/// Memory was asked for, and the system refused.
public struct MemoryRefused: Error, Sendable, Equatable {
  public let bytes: Int

  public init(bytes: Int) { self.bytes = bytes }
}

/// What happens where memory is refused in the middle of a computation, which has no way to go on.
public enum WorkingMemory {
  /// The program puts a sentence in its place at its start; tests and benchmarks have nobody to tell.
  private static let refusal = Mutex<@Sendable (MemoryRefused) -> Never> {
    fatalError("no memory for \($0.bytes) bytes")
  }

  /// - Parameter end: says so, and ends the process.
  public static func whenRefused(_ end: @escaping @Sendable (MemoryRefused) -> Never) {
    refusal.withLock { $0 = end }
  }

  static func refused(_ error: MemoryRefused) -> Never { refusal.withLock { $0 }(error) }

  /// Whether so much could be had at once. It is not taken.
  public static func has(_ bytes: Int) -> Bool { (try? AlignedMemory(lasting: bytes)) != nil }
}

/// Bytes at an address that suits any vector; uninitialised.
///
/// Unchecked, because the compiler cannot see it: whoever fills them does so before sharing them, or
/// writes parts that nobody else touches.
final class AlignedMemory: @unchecked Sendable {
  let base: UnsafeMutableRawPointer
  let count: Int
  /// What was allocated: at least `count`.
  private let capacity: Int
  /// Whether others may have it afterwards.
  private let isShared: Bool

  /// Memory for what is kept.
  init(lasting count: Int) throws(MemoryRefused) {
    base = try Self.allocated(count)
    (self.count, capacity, isShared) = (count, count, false)
  }

  /// Memory that a computation needs on its way: whoever starts it has seen that there is enough.
  init(_ count: Int) {
    self.count = count
    isShared = count >= SpareMemory.leastBytes
    if isShared, let spare = SpareMemory.shared.take(count) {
      (base, capacity) = spare
      return
    }
    do {
      (base, capacity) = (try Self.allocated(count), count)
    } catch {
      WorkingMemory.refused(error)
    }
  }

  private static func allocated(_ count: Int) throws(MemoryRefused) -> UnsafeMutableRawPointer {
    let alignment = LargePages.suit(count) ? LargePages.bytes : 64
    var address: UnsafeMutableRawPointer?
    let failure = posix_memalign(&address, alignment, max(64, count))
    guard failure == 0, let address else { throw MemoryRefused(bytes: count) }
    LargePages.advise(address, count)
    return address
  }

  deinit {
    if isShared { SpareMemory.shared.give(base, capacity) } else { free(base) }
  }

  func pointer<Element>(to element: Element.Type, at byte: Int = 0) -> UnsafeMutablePointer<Element>
  {
    (base + byte).assumingMemoryBound(to: element)
  }
}
