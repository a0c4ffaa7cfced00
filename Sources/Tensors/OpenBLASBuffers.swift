import Synchronization

/// Counts OpenBLAS's working buffers. The library allocates one per concurrent product, never frees
/// it, and on a failed allocation retries forever, so the allocation is tried here first.
enum OpenBLASBuffers {
  private struct Count {
    var running = 0
    /// Number of buffers in the library, including those that current products may add.
    var taken = 0
    var coming = 0
  }

  private static let count = Mutex(Count())

  /// Size of one buffer on x86-64 in bytes, mostly untouched address space.
  private static let bufferBytes = (128 << 20) + 4096

  /// Address space that later products may still take: a buffer for each thread.
  static var bytesToCome: Int {
    count.withLock { max(0, ProductThreads.count - $0.taken - $0.coming) } * bufferBytes
  }

  /// Runs an OpenBLAS call that may need a buffer.
  static func during(_ product: () -> Void) {
    let isFirst = enter()
    product()
    leave(isFirst)
  }

  /// Registers a concurrent product.
  /// - Returns: whether there are more concurrent products than ever before.
  private static func enter() -> Bool {
    count.withLock { count in
      count.running += 1
      guard count.running > count.taken + count.coming else { return false }
      count.coming += 1
      let bytes = count.coming * bufferBytes
      if !WorkingMemory.has(bytes) { WorkingMemory.refused(AllocationFailure(bytes: bytes)) }
      return true
    }
  }

  private static func leave(_ isFirst: Bool) {
    count.withLock { count in
      count.running -= 1
      guard isFirst else { return }
      count.coming -= 1
      count.taken += 1
    }
  }
}
