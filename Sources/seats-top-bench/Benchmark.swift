import Basics
import Foundation
import Runs

/// Measures latency of the program: time to the first frame, and response to keys during a prefill.
///
/// `seats-top-bench [SEATS-TOP]` runs the given executable, or the one in the same directory, on a
/// pseudo-terminal and prints medians and ranges. Results are printed, not checked. `soak` before
/// the executable runs `Soak`; `frames` measures the rendering time of screens.
@main
enum Benchmark {
  static func main() throws {
    if CommandLine.arguments.dropFirst().first == "soak" {
      var soak = try Soak(CommandLine.arguments.dropFirst(2))
      exit(try soak.run())
    }
    if CommandLine.arguments.dropFirst().first == "frames" { return FrameBenchmark().measure() }
    let own = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath()
    let beside = own.deletingLastPathComponent().appending(path: "seats-top").path
    let program = CommandLine.arguments.dropFirst().first ?? beside
    guard FileManager.default.isExecutableFile(atPath: program) else {
      print("seats-top-bench: no executable \(program): run make build first.")
      exit(2)
    }
    try startUp(program)
    try keys(program)
  }

  /// Measures the time from starting the process to its first output, and to the first row of the
  /// ledger.
  private static func startUp(_ program: String) throws {
    var first: [Double] = []
    var ledger: [Double] = []
    for _ in 0..<15 {
      let start = ContinuousClock.now
      let terminal = try PseudoTerminal(program, [])
      terminal.read { !$0.isEmpty }
      first.append(milliseconds(since: start))
      terminal.read { $0.contains("Stage I") }
      ledger.append(milliseconds(since: start))
      terminal.close()
    }
    print(Spread("start to first output", first))
    print(Spread("start to first row of the ledger", ledger))
  }

  /// Measures the time from a key to the next output, at random moments of a long prefill.
  private static func keys(_ program: String) throws {
    let clip = try LongClip()
    let terminal = try PseudoTerminal(program, [clip.directory.path, "--method", "full"])
    terminal.read { $0.contains("layer 1") }
    terminal.write(" ")
    var latencies: [Double] = []
    for index in 0..<100 {
      terminal.drain(for: .milliseconds(40 + index % 13))
      let start = ContinuousClock.now
      terminal.write(index % 2 == 0 ? "k" : "j")
      terminal.read { !$0.isEmpty }
      latencies.append(milliseconds(since: start))
    }
    terminal.close()
    print(Spread("latency, key to output, during a prefill", latencies))
  }

  private static func milliseconds(since start: ContinuousClock.Instant) -> Double {
    start.duration(to: .now) / .milliseconds(1)
  }
}

/// Median, 95th percentile and maximum of some times.
struct Spread: CustomStringConvertible {
  let label: String
  let times: [Double]

  init(_ label: String, _ times: [Double]) {
    self.label = label
    self.times = times.sorted()
  }

  var description: String {
    let padding = String(repeating: " ", count: max(0, 32 - label.count))
    return label + padding
      + String(
        format: "median %7.2f ms   p95 %7.2f ms   max %7.2f ms   of %d", median(times),
        times[times.count * 95 / 100], times[times.count - 1], times.count)
  }
}

/// A temporary clip directory with a long clip of noise.
private final class LongClip {
  let directory: URL

  init() throws {
    directory = FileManager.default.temporaryDirectory.appending(path: "seats-top-\(UUID())")
    try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
    try Data("question = 'What is this?'\n[preprocess]\nmin_pixels = 784\n".utf8)
      .write(to: directory.appending(path: "clip.toml"))
    var state: UInt32 = 1
    var video = Data()
    for _ in 0..<96 {
      video += Data("P6 448 448 255\n".utf8)
      video += Data(
        (0..<448 * 448 * 3).map { _ in
          state = state &* 1_664_525 &+ 1_013_904_223
          return UInt8(state >> 24)
        })
    }
    try video.write(to: directory.appending(path: "video.ppm"))
  }

  deinit { try? FileManager.default.removeItem(at: directory) }
}
