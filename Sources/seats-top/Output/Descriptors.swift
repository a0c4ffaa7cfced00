import Glibc

/// The limit of open files of the process.
enum Descriptors {
  /// Number of file descriptors that run, screen, trace and tools need, with a margin.
  static let required = 40
  /// Number of file descriptors requested from the system, because sweeps decode many clips in
  /// parallel.
  private static let wanted: rlim_t = 4096

  /// Opens standard streams that are closed, so that files opened later do not get their
  /// descriptors. Then input is empty, output fails with an error, and standard error is discarded.
  static func fillStandardStreams() {
    for (stream, mode) in [
      (STDIN_FILENO, O_RDONLY), (STDOUT_FILENO, O_RDONLY), (STDERR_FILENO, O_WRONLY),
    ] where fcntl(stream, F_GETFD) == -1 {
      let nothing = open("/dev/null", mode)
      guard nothing >= 0, nothing != stream else { continue }
      dup2(nothing, stream)
      close(nothing)
    }
  }

  /// Raises the soft limit of open files as far as useful.
  /// - Throws: `DescriptorError` if too few are available, because libraries abort without
  ///   descriptors.
  static func prepare() throws(DescriptorError) {
    raise()
    let free = free(upTo: required)
    guard free >= required else { throw .tooFew(found: free, required: required) }
  }

  private static func raise() {
    var limit = rlimit()
    guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return }
    let possible = min(wanted, limit.rlim_max)
    guard limit.rlim_cur < possible else { return }
    limit.rlim_cur = possible
    setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
  }

  /// Number of free file descriptors, at most `count`.
  private static func free(upTo count: Int) -> Int {
    let end = sysconf(Int32(_SC_OPEN_MAX))
    var (free, number) = (0, 0)
    while free < count, number < end {
      if fcntl(Int32(number), F_GETFD) == -1 { free += 1 }
      number += 1
    }
    return free
  }
}

/// Too few files can be open at the same time.
enum DescriptorError: Error {
  case tooFew(found: Int, required: Int)
}
