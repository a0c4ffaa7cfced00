import Foundation

/// Available and used memory of this process.
public enum MachineMemory {
  /// The minimum of the machine's free memory and what the limits of control groups (containers,
  /// batch jobs) and `ulimit -v` leave. Bytes; nil if unknown.
  public static var available: Int? {
    [machine, ControlGroup.ofProcess.flatMap(\.available), limit].compactMap { $0 }.min()
  }

  /// `MemAvailable` of the kernel.
  private static var machine: Int? { value("MemAvailable:", in: "/proc/meminfo") }

  /// What `ulimit -v` leaves.
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

  /// Memory of the machine, in bytes; nil if unknown.
  public static var installed: Int? { value("MemTotal:", in: "/proc/meminfo") }

  /// A line of the kernel, `key NUMBER kB`, in bytes.
  private static func value(_ key: String, in path: String) -> Int? {
    let text = try? String(contentsOfFile: path, encoding: .utf8)
    let line = text?.split(separator: "\n").first { $0.hasPrefix(key) }
    return line?.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap { Int($0) }
      .map { $0 * 1024 }
  }

  /// Address space and resident memory, in bytes.
  private static var pages: [Int] {
    let text = try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8)
    let pages = text?.split(separator: " ").prefix(2).compactMap { Int($0) } ?? []
    return pages.map { $0 * Int(sysconf(Int32(_SC_PAGESIZE))) }
  }
}

/// A control group (version 2) and its parents.
struct ControlGroup {
  /// Folders, from the innermost group outwards.
  let folders: [String]

  /// - Parameters:
  ///   - membership: text of `/proc/PID/cgroup`.
  ///   - root: mount point of the groups.
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

  /// What the smallest limit leaves; page cache counts as free. Nil without a limit.
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

  /// A number of a file; nil for `max`.
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
