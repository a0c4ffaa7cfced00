import Basics
import Foundation
import Tensors

/// Wall and CPU times of repeated work.
struct Laps {
  private(set) var wall: [Double] = []
  /// CPU time of all threads in seconds, which depends less on other load than wall time.
  private(set) var cpu: [Double] = []

  /// Runs `work` `count` times, after one run that is not measured.
  init(_ count: Int, _ work: () throws -> Void) rethrows {
    try work()
    for _ in 0..<count { try add(work) }
  }

  init() {}

  mutating func add(_ work: () throws -> Void) rethrows {
    let start = Instant()
    try work()
    add(from: start, to: Instant())
  }

  mutating func add(from start: Instant, to end: Instant) {
    add(wall: start.wall.duration(to: end.wall) / .seconds(1), cpu: end.cpu - start.cpu)
  }

  /// A point in time, by wall clock and CPU time.
  struct Instant {
    let wall = ContinuousClock.now
    let cpu = CPUClock.process.seconds
  }

  /// Adds a measurement, in seconds.
  mutating func add(wall: Double, cpu: Double) {
    self.wall.append(wall)
    self.cpu.append(cpu)
  }
}

/// Prints measurements, one per line, with the percentage of a core's peak speed.
struct Table {
  private let threads = ProductThreads.count

  func title(_ title: String) {
    say("\n\(title)")
    let columns = "wall ms       min       max    CPU ms  GFLOP/CPU-s  of peak"
    say(String(repeating: " ", count: 34) + columns + "  (\(threads) threads)")
  }

  /// Prints one measurement.
  /// - Parameter flops: FLOPs of one run, where a multiply-add counts 2; 0 if not applicable.
  func row(_ name: String, _ laps: Laps, flops: Double, _ precision: Precision = .bfloat16) {
    let wall = laps.wall.sorted().map { $0 * 1000 }
    let cpu = median(laps.cpu)
    var line =
      name.padding(toLength: 32, withPad: " ", startingAt: 0)
      + String(
        format: "%9.2f%10.2f%10.2f%10.2f", median(wall), wall[0], wall[wall.count - 1],
        cpu * 1000)
    if flops > 0 {
      // The peak speed depends on other load, so it is measured for every line.
      line += String(format: "%13.1f", flops / cpu / 1e9)
      if let peak = PeakProbe.flopsPerSecond(precision) {
        line += String(format: "%8.1f%%", 100 * flops / cpu / peak)
      }
    }
    say(line)
  }
}

/// Prints a line at once, without buffering.
func say(_ line: String) { FileHandle.standardOutput.write(Data((line + "\n").utf8)) }
