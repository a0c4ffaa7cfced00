import CKernels
import Foundation
import Synchronization

/// The error that the system could not allocate memory.
public struct AllocationFailure: Error, Sendable, Equatable {
  public let bytes: Int

  public init(bytes: Int) { self.bytes = bytes }
}

/// The handler for a failed allocation during a computation, which cannot continue.
public enum WorkingMemory {
  /// The current handler; by default it traps. The program installs one that prints an error
  /// message.
  private static let refusal = Mutex<@Sendable (AllocationFailure) -> Never> {
    fatalError("no memory for \($0.bytes) bytes")
  }

  /// Sets the handler for failed allocations.
  /// - Parameter end: reports the error and ends the process.
  public static func onAllocationFailure(_ end: @escaping @Sendable (AllocationFailure) -> Never) {
    refusal.withLock { $0 = end }
  }

  /// Limits the memory kept for reuse: freed memory beyond a sixteenth of the bound is returned to
  /// the system.
  package static func bound(_ bytes: Int) {
    kernel_return_large_blocks()
    BufferPool.shared.keep(bytes / 16)
    AlignedMemory.recycles.store(true, ordering: .relaxed)
  }

  /// Address space that libraries may still take, in bytes.
  package static var libraryBytes: Int { OpenBLASBuffers.bytesToCome }

  package static func refused(_ error: AllocationFailure) -> Never {
    refusal.withLock { $0 }(error)
  }

  /// Whether `bytes` can be allocated now; the memory is released at once.
  public static func has(_ bytes: Int) -> Bool { (try? AlignedMemory(lasting: bytes)) != nil }
}

/// Uninitialised memory, aligned for all vector instructions.
///
/// Unchecked Sendable: bytes are written before they are shared, or each thread writes its own
/// part.
final class AlignedMemory: @unchecked Sendable {
  let base: UnsafeMutableRawPointer
  let count: Int
  /// Bytes allocated; at least `count`.
  private let capacity: Int
  /// Whether the memory returns to the buffer pool when it is released.
  private let isShared: Bool

  /// Whether long-lived memory, too, returns to the buffer pool: streamed weights come and go.
  static let recycles = Atomic(false)

  /// Allocates memory for long-lived data.
  init(lasting count: Int) throws(AllocationFailure) {
    self.count = count
    isShared = count >= BufferPool.leastBytes && Self.recycles.load(ordering: .relaxed)
    if isShared, let spare = BufferPool.shared.take(count, most: count + count / 8) {
      (base, capacity) = spare
    } else {
      (base, capacity) = (try Self.allocated(count), count)
    }
  }

  /// Allocates short-lived memory from the buffer pool; the caller has checked that enough is
  /// available.
  init(_ count: Int) {
    self.count = count
    isShared = count >= BufferPool.leastBytes
    if isShared, let spare = BufferPool.shared.take(count) {
      (base, capacity) = spare
      return
    }
    do {
      (base, capacity) = (try Self.allocated(count), count)
    } catch {
      WorkingMemory.refused(error)
    }
  }

  private static func allocated(_ count: Int) throws(AllocationFailure) -> UnsafeMutableRawPointer {
    let alignment = LargePages.suit(count) ? LargePages.bytes : 64
    var address: UnsafeMutableRawPointer?
    let failure = posix_memalign(&address, alignment, max(64, count))
    guard failure == 0, let address else { throw AllocationFailure(bytes: count) }
    LargePages.advise(address, count)
    return address
  }

  deinit {
    if isShared { BufferPool.shared.give(base, capacity) } else { free(base) }
  }

  func pointer<Element>(to element: Element.Type, at byte: Int = 0) -> UnsafeMutablePointer<Element>
  {
    (base + byte).assumingMemoryBound(to: element)
  }
}
