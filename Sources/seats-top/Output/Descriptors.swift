import Glibc

/// How many files can be open at once.
enum Descriptors {
  /// What a run, its screen, a trace and the tools that decode media take, with room to spare.
  static let required = 40
  /// As much as is asked for where the system leaves the choice: sweeps decode many clips at once.
  private static let wanted: rlim_t = 4096

  /// Gives standard streams that are closed something that is none of the files which are opened later:
  /// results would be written into one of those. Input has an end, output and errors go nowhere, and
  /// output says so.
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

  /// Raises the limit as far as that helps.
  /// - Throws: `DescriptorError` where too few are left: libraries end the process when they get none.
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

  /// Numbers that nothing has, at most `count`.
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
