import Foundation

/// Measures the read speed of a disk, without the page cache.
public enum DiskSpeed {
  /// Minimum file size in bytes: reading less is too short to measure.
  private static let leastBytes = 16 << 20
  private static let mostBytes = 512 << 20
  private static let blockBytes = 8 << 20

  /// The flag `O_DIRECT`, which the C library declares only with _GNU_SOURCE.
  #if arch(arm64)
    private static let pastCache: Int32 = 0o200000
  #else
    private static let pastCache: Int32 = 0o40000
  #endif

  /// Measures the speed of reading blocks of a file, in random places, without the page cache, for
  /// at most `seconds`. Always reading the same place would measure the cache of a drive or of a
  /// virtual machine's host.
  /// - Returns: bytes per second; nil if the file is too small or its file system does not support
  ///   O_DIRECT.
  public static func reading(_ path: String, seconds limit: Double = 0.5) -> Double? {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | pastCache)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    var status = stat()
    var block: UnsafeMutableRawPointer?
    guard fstat(descriptor, &status) == 0, status.st_size >= leastBytes,
      posix_memalign(&block, 1 << 16, blockBytes) == 0, let block
    else { return nil }
    defer { free(block) }
    let start = ContinuousClock.now
    var (bytes, seconds) = (0, 0.0)
    var places = Array(0..<Int(status.st_size) / blockBytes).shuffled()
    while bytes < mostBytes, seconds < limit, let place = places.popLast() {
      let count = pread(descriptor, block, blockBytes, off_t(place * blockBytes))
      guard count > 0 else { break }
      bytes += count
      seconds = start.duration(to: .now) / .seconds(1)
    }
    return bytes >= leastBytes / 2 && seconds > 0 ? Double(bytes) / seconds : nil
  }

  /// Measures the read speed of a directory's disk with its largest file, or with a temporary file
  /// of 64 MiB if none is large enough.
  /// - Returns: bytes per second; nil if it cannot be measured.
  public static func ofDirectory(_ directory: String) -> Double? {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? []
    let largest = names.map { directory + "/" + $0 }.map { ($0, size($0)) }.max { $0.1 < $1.1 }
    if let (path, bytes) = largest, bytes >= 4 * leastBytes { return reading(path) }
    return withTemporaryFile(in: directory) { reading($0) }
  }

  private static func size(_ path: String) -> Int {
    var status = stat()
    return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFREG ? Int(status.st_size) : 0
  }

  private static func withTemporaryFile(
    in directory: String, _ body: (String) -> Double?
  ) -> Double? {
    let path = "\(directory)/.seats-top-\(getpid())"
    let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
    guard descriptor >= 0 else { return nil }
    defer { unlink(path) }
    // Not zeros, since some file systems do not store blocks of zeros.
    let block = (0..<1 << 20).map { UInt8(truncatingIfNeeded: $0 &* 2_654_435_761 >> 13) }
    var isWritten = true
    for _ in 0..<64 where isWritten {
      isWritten =
        block.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) } == block.count
    }
    isWritten = fsync(descriptor) == 0 && isWritten
    close(descriptor)
    return isWritten ? body(path) : nil
  }
}
