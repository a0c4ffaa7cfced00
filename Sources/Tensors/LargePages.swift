import Foundation

/// 2 MiB pages for large blocks: fewer TLB misses and 1/512 of the page faults, which with the
/// clearing of pages took 10 % of an encoder's time.
enum LargePages {
  static let bytes = 2 << 20

  /// Whether a block of `count` bytes is large enough.
  static func suit(_ count: Int) -> Bool { count >= 2 * bytes }

  /// Requests large pages (madvise) before the first write.
  static func advise(_ start: UnsafeMutableRawPointer, _ count: Int) {
    guard suit(count) else { return }
    let page = sysconf(Int32(_SC_PAGESIZE))
    let first = (Int(bitPattern: start) + page - 1) / page * page
    let end = (Int(bitPattern: start) + count) / page * page
    madvise(UnsafeMutableRawPointer(bitPattern: first), end - first, MADV_HUGEPAGE)
  }
}

extension [Float] {
  /// `count` uninitialised floats; `write` must set each of them.
  /// - Parameter write: gets the address of the first; nil if `count` is 0.
  init(count: Int, writtenBy write: (UnsafeMutablePointer<Float>?) -> Void) {
    self.init(unsafeUninitializedCapacity: count) { numbers, initialized in
      if let base = numbers.baseAddress {
        LargePages.advise(base, count * MemoryLayout<Float>.stride)
      }
      write(numbers.baseAddress)
      initialized = count
    }
  }
}
