import CKernels
import Foundation

/// What one core of this processor can do at most, measured: multiply-adds on registers, nothing
/// read from memory.
public enum PeakProbe {
  /// FLOP per second of CPU time, 2 per multiply-add; 0 where the processor lacks the instruction.
  /// The best of several tries of about 10 ms, since everything else on the machine only slows it.
  public static func flopsPerSecond(_ precision: Precision) -> Double {
    (0..<8).reduce(0) { best, _ in max(best, once(precision)) }
  }

  private static func once(_ precision: Precision) -> Double {
    let start = CPUClock.thread.seconds
    let flops =
      switch precision {
      case .single: kernel_single_peak(4000)
      case .bfloat16: kernel_bf16_peak(4000)
      case .int8: kernel_int8_peak(4000)
      }
    return flops / max(CPUClock.thread.seconds - start, 1e-9)
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
