import Synchronization

/// Accounting of OpenBLAS's working memory. It allocates a buffer per concurrent product and never
/// frees it. On a failed allocation it retries without end, so the allocation is tried here first.
enum OpenBLASBuffers {
  private struct Count {
    var running = 0
    /// Buffers of the library, including those that current products may add.
    var taken = 0
    var coming = 0
  }

  private static let count = Mutex(Count())

  /// Size of a buffer on x86-64, mostly address space.
  private static let bufferBytes = (128 << 20) + 4096

  /// Runs a library call that may need a buffer.
  static func during(_ product: () -> Void) {
    let isFirst = enter()
    product()
    leave(isFirst)
  }

  /// - Returns: true if there are more concurrent products than ever before.
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
