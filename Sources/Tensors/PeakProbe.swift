import CKernels
import Foundation

/// The most that one core of this processor computes, measured: multiply-adds on registers, nothing
/// read from memory, with the instructions that products of the precision use.
public enum PeakProbe {
  /// FLOP per second of CPU time, 2 per multiply-add; nil where the products use no vector
  /// instruction that could be measured. The best of several tries of about 10 ms, since everything
  /// else on the machine only slows it.
  public static func flopsPerSecond(_ precision: Precision) -> Double? {
    let best = (0..<8).reduce(0) { best, _ in max(best, once(precision)) }
    return best > 0 ? best : nil
  }

  private static func once(_ precision: Precision) -> Double {
    let start = CPUClock.thread.seconds
    let flops = count(precision, rounds: 2000).written
    return flops / max(CPUClock.thread.seconds - start, 1e-9)
  }

  /// FLOPs of a probe, counted by its instructions and by its results.
  static func count(_ precision: Precision, rounds: Int) -> (written: Double, executed: Double) {
    let count =
      switch precision {
      case .single: kernel_single_peak(rounds, ProductThreads.libraryUses512Bits)
      case .bfloat16: kernel_bf16_peak(rounds)
      case .int8: kernel_int8_peak(rounds)
      }
    return (count.written, count.executed)
  }
}

/// Time that a processor spent, as against time that passed.
public enum CPUClock: Sendable {
  /// Of all threads of this process.
  case process
  /// Of the calling thread.
  case thread

  public var seconds: Double {
    var time = timespec()
    let clock = self == .process ? CLOCK_PROCESS_CPUTIME_ID : CLOCK_THREAD_CPUTIME_ID
    clock_gettime(clock, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
  }
}
