import Foundation

/// Available and used memory of the machine and of this process.
public enum MachineMemory {
  /// Memory that this process can still allocate, in bytes; nil if unknown. The minimum of the
  /// machine's free memory and of the limits by control groups (containers, batch jobs) and by
  /// `ulimit -v`.
  public static var available: Int? {
    [machine, groups, limit].compactMap { $0 }.min()
  }

  /// The limits of this process's memory: the source of each, and the bytes left below it. Sources
  /// without a limit are omitted.
  public static var limits: [(source: String, available: Int)] {
    [("machine", machine), ("control group", groups), ("ulimit -v", limit)].compactMap {
      source, available in available.map { (source, $0) }
    }
  }

  private static var groups: Int? {
    ControlGroup.ofProcess.compactMap(\.available).min()
  }

  /// Free memory of the machine in bytes: the kernel's `MemAvailable`.
  private static var machine: Int? { value("MemAvailable:", in: "/proc/meminfo") }

  /// Address space left below the limit of `ulimit -v`, in bytes.
  private static var limit: Int? {
    guard let limit = addressSpaceLimit, let taken = addressSpace else { return nil }
    return max(0, limit - taken)
  }

  /// Limit of the address space of this process in bytes (`ulimit -v`); nil without a limit.
  public static var addressSpaceLimit: Int? {
    var limit = rlimit()
    guard getrlimit(__rlimit_resource_t(RLIMIT_AS.rawValue), &limit) == 0,
      limit.rlim_cur < rlim_t(Int.max)
    else { return nil }
    return Int(limit.rlim_cur)
  }

  /// Address space of this process, in bytes; nil if unknown.
  public static var addressSpace: Int? { pages.first }

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

/// A Linux control group and its parent groups, which may limit memory: of version 2, or of the
/// memory controller of version 1.
struct ControlGroup {
  /// Names of a control group's files, which depend on its version.
  private struct Files {
    let most, taken: String
    /// Keys in `memory.stat` that count pages of the page cache.
    let pages: [String]

    static let version1 = Files(
      most: "memory.limit_in_bytes", taken: "memory.usage_in_bytes",
      pages: ["total_active_file", "total_inactive_file"])
    static let version2 = Files(
      most: "memory.max", taken: "memory.current", pages: ["active_file", "inactive_file"])
  }

  /// Directories of the groups, from the innermost group outwards.
  let folders: [String]
  private let files: Files

  /// Parses the control group of a process.
  /// - Parameters:
  ///   - line: a line of `/proc/PID/cgroup`, such as `0::/batch/job` or `4:memory:/batch/job`.
  ///   - root: mount point of the control groups.
  init?(_ line: some StringProtocol, root: String = "/sys/fs/cgroup") {
    let parts = line.trimmingCharacters(in: .newlines).split(
      separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
    guard parts.count == 3, parts[2].hasPrefix("/") else { return nil }
    let base: String
    if parts[0] == "0", parts[1].isEmpty {
      (base, files) = (root, .version2)
    } else if parts[1].split(separator: ",").contains("memory") {
      (base, files) = (root + "/memory", .version1)
    } else {
      return nil
    }
    let names = parts[2].split(separator: "/")
    guard !names.contains("..") else { return nil }
    folders = (0...names.count).reversed().map { count in
      ([base] + names.prefix(count).map(String.init)).joined(separator: "/")
    }
  }

  /// The control groups of this process, one for each version in use.
  static var ofProcess: [ControlGroup] {
    let text = (try? String(contentsOfFile: "/proc/self/cgroup", encoding: .utf8)) ?? ""
    return text.split(separator: "\n").compactMap { ControlGroup($0) }
  }

  /// Memory left below the lowest limit, in bytes; page cache counts as free, since the system can
  /// reclaim it. Nil without a limit.
  var available: Int? {
    folders.compactMap { folder -> Int? in
      // In version 1, a number near 2⁶³ means no limit.
      guard let most = Self.number(folder + "/" + files.most), most < 1 << 60,
        let taken = Self.number(folder + "/" + files.taken)
      else { return nil }
      let pages = files.pages.reduce(0) {
        $0 + (Self.value($1, in: folder + "/memory.stat") ?? 0)
      }
      return max(0, most - max(0, taken - pages))
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
