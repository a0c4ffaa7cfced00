import CKernels
import Foundation
import Synchronization

/// A checksum that detects accidental damage; not cryptographic. Independent of the number of
/// threads; as fast as memory can be read.
public enum Checksum {
  /// Bytes that one thread processes at a time.
  private static let pieceBytes = 1 << 20

  /// The checksum of some bytes.
  /// - Returns: nil if cancelled; 0 if the bytes cannot be read.
  public static func of(_ bytes: UnsafeRawBufferPointer) -> UInt64? {
    let pieces = (bytes.count + pieceBytes - 1) / pieceBytes
    let done = Atomic(0)
    let unreadable = Atomic(0)
    var sums = [UInt64](repeating: 0, count: pieces)
    sums.withUnsafeMutableBufferPointer { sums in
      guard let base = sums.baseAddress else { return }
      let result = UnsafeShared(base)
      nonisolated(unsafe) let bytes = bytes
      ProductThreads.perform(pieces, flops: .infinity) { piece in
        let range = piece * pieceBytes..<min((piece + 1) * pieceBytes, bytes.count)
        let part = UnsafeRawBufferPointer(rebasing: bytes[range])
        if isReadable(part) {
          result.base[piece] = kernel_checksum(part.baseAddress, part.count)
        } else {
          unreadable.add(1, ordering: .relaxed)
        }
        done.add(1, ordering: .relaxed)
      }
    }
    guard done.load(ordering: .relaxed) == pieces else { return nil }
    guard unreadable.load(ordering: .relaxed) == 0 else { return 0 }
    return sums.withUnsafeBytes { kernel_checksum($0.baseAddress, $0.count) }
  }

  /// Whether all bytes can be read. Loads all pages in one system call, which is faster than one by
  /// one; a disk error or a truncated file returns false instead of raising SIGBUS.
  private static func isReadable(_ bytes: UnsafeRawBufferPointer) -> Bool {
    let page = Int(getpagesize())
    guard let base = bytes.baseAddress, Int(bitPattern: base) % page == 0 else { return true }
    let failed = madvise(.init(mutating: base), bytes.count, MADV_POPULATE_READ) != 0
    return !(failed && (errno == EFAULT || errno == EHWPOISON))
  }
}
