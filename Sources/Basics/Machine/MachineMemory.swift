import Foundation

/// Available and used memory of the machine and of this process.
public enum MachineMemory {
  /// Memory that this process can still allocate, in bytes; nil if unknown. The minimum of the
  /// machine's free memory and of the limits by control groups (containers, batch jobs) and by
  /// `ulimit -v`.
  public static var available: Int? {
    [machine, ControlGroup.ofProcess.flatMap(\.available), limit].compactMap { $0 }.min()
  }

  /// Free memory of the machine in bytes: the kernel's `MemAvailable`.
  private static var machine: Int? { value("MemAvailable:", in: "/proc/meminfo") }

  /// Address space left below the limit of `ulimit -v`, in bytes.
  private static var limit: Int? {
    var limit = rlimit()
    guard getrlimit(__rlimit_resource_t(RLIMIT_AS.rawValue), &limit) == 0,
      limit.rlim_cur < rlim_t(Int.max), let taken = pages.first
    else { return nil }
    return max(0, Int(limit.rlim_cur) - taken)
  }

  /// Resident memory of this process, in bytes; nil if unknown.
  public static var resident: Int? { pages.dropFirst().first }

  /// Peak resident memory of this process, in bytes; nil if unknown.
  public static var peakResident: Int? { value("VmHWM:", in: "/proc/self/status") }

  /// Total memory of the machine, in bytes; nil if unknown.
  public static var installed: Int? { value("MemTotal:", in: "/proc/meminfo") }

  /// Reads a line `key NUMBER kB` of a kernel file, in bytes.
  private static func value(_ key: String, in path: String) -> Int? {
    let text = try? String(contentsOfFile: path, encoding: .utf8)
    let line = text?.split(separator: "\n").first { $0.hasPrefix(key) }
    return line?.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap { Int($0) }
      .map { $0 * 1024 }
  }

  /// Address space and resident memory of this process, in bytes.
  private static var pages: [Int] {
    let text = try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8)
    let pages = text?.split(separator: " ").prefix(2).compactMap { Int($0) } ?? []
    return pages.map { $0 * Int(sysconf(Int32(_SC_PAGESIZE))) }
  }
}

/// A Linux control group (version 2) and its parent groups, which may limit memory.
struct ControlGroup {
  /// Directories of the groups, from the innermost group outwards.
  let folders: [String]

  /// Parses the control group of a process.
  /// - Parameters:
  ///   - membership: contents of `/proc/PID/cgroup`.
  ///   - root: mount point of the control groups.
  init?(_ membership: String, root: String = "/sys/fs/cgroup") {
    guard let line = membership.split(separator: "\n").first(where: { $0.hasPrefix("0::/") })
    else { return nil }
    let names = line.dropFirst("0::/".count).split(separator: "/")
    guard !names.contains("..") else { return nil }
    folders = (0...names.count).reversed().map { count in
      ([root] + names.prefix(count).map(String.init)).joined(separator: "/")
    }
  }

  static var ofProcess: ControlGroup? {
    (try? String(contentsOfFile: "/proc/self/cgroup", encoding: .utf8)).flatMap { ControlGroup($0) }
  }

  /// Memory left below the lowest limit, in bytes; page cache counts as free. Nil without a limit.
  var available: Int? {
    folders.compactMap { folder -> Int? in
      guard let most = Self.number(folder + "/memory.max"),
        let taken = Self.number(folder + "/memory.current")
      else { return nil }
      let files = ["active_file", "inactive_file"].reduce(0) {
        $0 + (Self.value($1, in: folder + "/memory.stat") ?? 0)
      }
      return max(0, most - max(0, taken - files))
    }.min()
  }

  /// Reads a number from a file; nil for `max`.
  private static func number(_ path: String) -> Int? {
    (try? String(contentsOfFile: path, encoding: .utf8))
      .flatMap { Int($0.trimmingCharacters(in: .whitespacesAndNewlines)) }
  }

  private static func value(_ key: String, in path: String) -> Int? {
    let text = try? String(contentsOfFile: path, encoding: .utf8)
    return text?.split(separator: "\n").lazy.map { $0.split(separator: " ") }
      .first { $0.first.map(String.init) == key }?.last.flatMap { Int($0) }
  }
}
