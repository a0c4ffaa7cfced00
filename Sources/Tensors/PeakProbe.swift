import CKernels
import Foundation

/// Measures the peak speed of one core: multiply-adds on registers without memory access, with the
/// instructions that matrix products use in a precision.
public enum PeakProbe {
  /// Peak FLOP per second of CPU time, where a multiply-add counts 2; nil if matrix products use no
  /// vector instructions. The best of several runs of about 10 ms.
  public static func flopsPerSecond(_ precision: Precision) -> Double? {
    let best = (0..<8).reduce(0) { best, _ in max(best, once(precision)) }
    return best > 0 ? best : nil
  }

  private static func once(_ precision: Precision) -> Double {
    let start = CPUClock.thread.seconds
    let flops = count(precision, rounds: 2000).written
    return flops / max(CPUClock.thread.seconds - start, 1e-9)
  }

  /// FLOPs of a probe, as counted from its instructions and from its results.
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

/// CPU time clocks, as opposed to wall time.
public enum CPUClock: Sendable {
  /// CPU time of all threads of this process.
  case process
  /// CPU time of the calling thread.
  case thread

  public var seconds: Double {
    var time = timespec()
    let clock = self == .process ? CLOCK_PROCESS_CPUTIME_ID : CLOCK_THREAD_CPUTIME_ID
    clock_gettime(clock, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
  }
}
