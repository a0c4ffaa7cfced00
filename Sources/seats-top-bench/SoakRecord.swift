import Basics
import Foundation

/// Results of a soak test so far.
struct SoakRecord {
  var latencies: [Double] = []
  private let process: pid_t
  private var watch = Stopwatch()
  private var actionCount = 0
  private var lastActions: [String] = []
  private var samples: [(minutes: Double, kilobytes: Double)] = []
  private var files: [Int] = []
  private var threads: [Int] = []

  init(_ process: pid_t) { self.process = process }

  /// Minutes since the start, without time in which the soak test itself was stopped.
  var minutes: Double { watch.seen / .seconds(60) }

  mutating func note(_ action: String) {
    watch.look()
    actionCount += 1
    lastActions.append(action)
    if lastActions.count > 100 { lastActions.removeFirst() }
  }

  /// Measures memory, open files and threads of the process, at most every five seconds.
  mutating func sample() {
    let minutes = minutes
    if let last = samples.last, minutes - last.minutes < 5.0 / 60 { return }
    let pages = words("statm").dropFirst().first.flatMap { Double($0) } ?? 0
    samples.append((minutes, pages * Double(sysconf(Int32(_SC_PAGESIZE))) / 1024))
    files.append(count("fd"))
    threads.append(count("task"))
  }

  private func words(_ name: String) -> [Substring] {
    let text = try? String(contentsOfFile: "/proc/\(process)/\(name)", encoding: .utf8)
    return text?.split(separator: " ") ?? []
  }

  private func count(_ name: String) -> Int {
    (try? FileManager.default.contentsOfDirectory(atPath: "/proc/\(process)/\(name)"))?.count ?? 0
  }

  func say() {
    if !latencies.isEmpty { print(Spread("latency, key to output", latencies)) }
    print(String(format: "%d keys and resizes in %.1f minutes", actionCount, minutes))
    guard let first = samples.first, let last = samples.last else { return }
    print(
      String(
        format: "resident memory %.0f KiB at start, %.0f at end, %.0f maximum; slope %+.1f KiB/min "
          + "after the first third", first.kilobytes, last.kilobytes,
        samples.map(\.kilobytes).max() ?? 0, slope))
    let sixths = (0..<6).map { part in
      samples.filter { Int($0.minutes / max(minutes, 1e-9) * 6) == part }.map(\.kilobytes).max()
    }
    let maxima = sixths.map { String(Int($0 ?? 0)) }.joined(separator: ", ")
    print("maximum in each sixth of the time: \(maxima) KiB")
    print("files \(extent(files)), threads \(extent(threads))")
  }

  func fail(_ why: String) -> Int32 {
    say()
    print("FAILED: the program \(why). Last keys: \(lastActions)")
    return 1
  }

  private func extent(_ counts: [Int]) -> String {
    "\(counts.first ?? 0) at start, \(counts.last ?? 0) at end, \(counts.max() ?? 0) maximum"
  }

  /// Least-squares slope of the measurements after the warm-up.
  private var slope: Double {
    let settled = samples.dropFirst(samples.count / 3)
    let count = Double(settled.count)
    guard count > 2 else { return 0 }
    let time = settled.reduce(0) { $0 + $1.minutes } / count
    let size = settled.reduce(0) { $0 + $1.kilobytes } / count
    let above = settled.reduce(0) { $0 + ($1.minutes - time) * ($1.kilobytes - size) }
    let below = settled.reduce(0) { $0 + ($1.minutes - time) * ($1.minutes - time) }
    return below > 0 ? above / below : 0
  }
}

/// A stopwatch that excludes time in which this process was stopped: a longer gap between checks
/// counts as the maximum wait.
struct Stopwatch {
  private(set) var seen = Duration.zero
  private(set) var wasStopped = false
  private var last = ContinuousClock.now
  private static let longestGap = Duration.seconds(3)

  mutating func look() {
    let now = ContinuousClock.now
    let gap = last.duration(to: now)
    wasStopped = wasStopped || gap > Self.longestGap
    seen += min(gap, Self.longestGap)
    last = now
  }
}
