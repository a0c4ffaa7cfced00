import Foundation
import Tensors

/// Fingerprints of files, to detect changes; large files are sampled.
public enum FileFingerprint {
  /// Maximum size in bytes of a file that is read completely.
  public static let wholeBytes = 4 << 20
  /// Number of evenly spaced samples of a larger file, including its first and last bytes.
  static let pieces = 64
  static let pieceBytes = 16 << 10

  /// Fingerprint of a file's size and contents; of a large file 1 MiB of samples.
  /// - Parameter includesTime: whether a large file's modification time is included.
  /// - Returns: nil if the file cannot be read.
  public static func of(_ path: String, includesTime: Bool = false) -> String? {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
    let size = Int(status.st_size)
    guard size > wholeBytes else {
      return read(descriptor, [0..<size]).map { "\(size)-\(hexadecimal($0))" }
    }
    let stride = (size - pieceBytes) / (pieces - 1)
    let ranges = (0..<pieces).map { piece in
      let start = piece == pieces - 1 ? size - pieceBytes : piece * stride
      return start..<start + pieceBytes
    }
    let time = includesTime ? "-\(status.st_mtim.tv_sec)" : ""
    return read(descriptor, ranges).map { "\(size)\(time)-\(hexadecimal($0))" }
  }

  /// Fingerprint of those named files of a directory that exist, with their names; nil if none
  /// exists.
  public static func of(
    _ names: [String], in directory: String, includesTime: Bool = false
  ) -> String? {
    let parts = names.compactMap { name in
      of("\(directory)/\(name)", includesTime: includesTime).map { "\(name)=\($0)" }
    }
    return parts.isEmpty ? nil : of(text: parts.joined(separator: " "))
  }

  /// Fingerprint of a text.
  public static func of(text: String) -> String { hexadecimal(Array(text.utf8)) }

  private static func hexadecimal(_ bytes: [UInt8]) -> String {
    let sum = bytes.withUnsafeBytes { Checksum.of($0) } ?? 0
    let digits = String(sum, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }

  /// Reads byte ranges of a file; nil if the file is too short or cannot be read.
  private static func read(_ descriptor: Int32, _ ranges: [Range<Int>]) -> [UInt8]? {
    var bytes = [UInt8](repeating: 0, count: ranges.reduce(0) { $0 + $1.count })
    var done = 0
    for range in ranges {
      var place = range.lowerBound
      while place < range.upperBound {
        let count = bytes.withUnsafeMutableBytes {
          pread(
            descriptor, ($0.baseAddress ?? nil).map { $0 + done }, range.upperBound - place,
            off_t(place))
        }
        if count < 0, errno == EINTR { continue }
        guard count > 0 else { return nil }
        place += count
        done += count
      }
    }
    return bytes
  }
}
