import Glibc

/// The limit of open files.
enum Descriptors {
  /// Required descriptors of run, screen, trace and tools, with a margin.
  static let required = 40
  /// Requested limit: sweeps decode many clips in parallel.
  private static let wanted: rlim_t = 4096

  /// Opens closed standard streams, so that later files do not get their descriptors. Input is
  /// empty; output reports an error; standard error is discarded.
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

  /// Raises the soft limit as far as useful.
  /// - Throws: `DescriptorError` if too few are available: libraries abort without descriptors.
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

  /// Number of free descriptors, at most `count`.
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

/// Too few files can be open at once.
enum DescriptorError: Error {
  case tooFew(found: Int, required: Int)
}
