import Foundation
import Tensors

/// What files are recognised by without reading large ones whole.
public enum FileFingerprint {
  /// Files of at most so many bytes are read whole.
  public static let wholeBytes = 4 << 20
  /// Of larger ones so many pieces are read, evenly spread, the first and the last among them.
  static let pieces = 64
  static let pieceBytes = 16 << 10

  /// Size and content; of a large file a sample of its content, 1 MiB.
  /// - Parameter includesTime: a large file is also recognised by when it was last written.
  /// - Returns: nil where the file cannot be read.
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

  /// Of the files of a directory that are there, with their names; nil where none is.
  public static func of(
    _ names: [String], in directory: String, includesTime: Bool = false
  ) -> String? {
    let parts = names.compactMap { name in
      of("\(directory)/\(name)", includesTime: includesTime).map { "\(name)=\($0)" }
    }
    return parts.isEmpty ? nil : of(text: parts.joined(separator: " "))
  }

  /// Of a text.
  public static func of(text: String) -> String { hexadecimal(Array(text.utf8)) }

  private static func hexadecimal(_ bytes: [UInt8]) -> String {
    let sum = bytes.withUnsafeBytes { Checksum.of($0) } ?? 0
    let digits = String(sum, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }

  /// Nil where the file ends too early or cannot be read.
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
