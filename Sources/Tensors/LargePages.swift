import Foundation

/// Pages of 2 MiB for what is large: fewer misses, and a five-hundredth of the page faults, which with
/// the clearing of pages took a tenth of an encoder's time.
enum LargePages {
  static let bytes = 2 << 20

  /// Whether a block of `count` bytes is worth them.
  static func suit(_ count: Int) -> Bool { count >= 2 * bytes }

  /// Asks for them where nothing has been written yet.
  static func advise(_ start: UnsafeMutableRawPointer, _ count: Int) {
    guard suit(count) else { return }
    let page = sysconf(Int32(_SC_PAGESIZE))
    let first = (Int(bitPattern: start) + page - 1) / page * page
    let end = (Int(bitPattern: start) + count) / page * page
    madvise(UnsafeMutableRawPointer(bitPattern: first), end - first, MADV_HUGEPAGE)
  }
}

extension [Float] {
  /// So many numbers, which whoever makes them writes before anybody reads them.
  /// - Parameter write: gets the address of the first; nil where there are none.
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
