import Foundation
import Profiling
import Tensors

/// Times of one thing that was done several times.
struct Laps {
  private(set) var wall: [Double] = []
  /// Of all threads of the process. Other programs on the machine stretch wall time, and this hardly.
  private(set) var cpu: [Double] = []

  /// Does it `count` times, after once that is not measured.
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

  /// What both clocks say now.
  struct Instant {
    let wall = ContinuousClock.now
    let cpu = CPUClock.process.seconds
  }

  /// Seconds.
  mutating func add(wall: Double, cpu: Double) {
    self.wall.append(wall)
    self.cpu.append(cpu)
  }
}

/// Prints measurements, a line each, beside what a core can do at most.
struct Table {
  private let threads = ProductThreads.count

  func title(_ title: String) {
    say("\n\(title)")
    let columns = "wall ms     least      most    CPU ms  GFLOP/CPU-s  of peak"
    say(String(repeating: " ", count: 34) + columns + "  (\(threads) threads)")
  }

  /// - Parameter flops: of one lap, 2 per multiply-add; 0 where they say nothing.
  func row(_ name: String, _ laps: Laps, flops: Double, _ precision: Precision = .bfloat16) {
    let wall = laps.wall.sorted().map { $0 * 1000 }
    let cpu = median(laps.cpu)
    var line =
      name.padding(toLength: 32, withPad: " ", startingAt: 0)
      + String(
        format: "%9.2f%10.2f%10.2f%10.2f", median(wall), wall[0], wall[wall.count - 1],
        cpu * 1000)
    if flops > 0 {
      // The peak moves with whoever else is on the machine: it is measured anew for every line.
      line += String(format: "%13.1f", flops / cpu / 1e9)
      if let peak = PeakProbe.flopsPerSecond(precision) {
        line += String(format: "%8.1f%%", 100 * flops / cpu / peak)
      }
    }
    say(line)
  }
}

/// A line that does not wait in a buffer.
func say(_ line: String) { FileHandle.standardOutput.write(Data((line + "\n").utf8)) }
