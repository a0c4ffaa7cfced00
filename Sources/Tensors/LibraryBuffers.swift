import Synchronization

/// Working memory of OpenBLAS, which takes a buffer for every product that runs beside others, when
/// there first are so many, and keeps it. Where memory is refused it asks again for ever; so it is
/// asked for here first.
enum LibraryBuffers {
  private struct Count {
    var running = 0
    /// Buffers that the library has, and that products under way are about to make it take.
    var taken = 0
    var coming = 0
  }

  private static let count = Mutex(Count())

  /// Bytes of a buffer, on x86-64; address space more than memory.
  private static let bufferBytes = (128 << 20) + 4096

  /// Every call of the library that may need a buffer goes through here.
  static func during(_ product: () -> Void) {
    let isFirst = enter()
    product()
    leave(isFirst)
  }

  /// - Returns: whether there were never so many products at once.
  private static func enter() -> Bool {
    count.withLock { count in
      count.running += 1
      guard count.running > count.taken + count.coming else { return false }
      count.coming += 1
      let bytes = count.coming * bufferBytes
      if !WorkingMemory.has(bytes) { WorkingMemory.refused(MemoryRefused(bytes: bytes)) }
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
