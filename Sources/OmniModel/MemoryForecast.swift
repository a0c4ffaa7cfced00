import Foundation
import Tensors

/// What a model will take, before it takes it. Bytes.
struct MemoryForecast: Sendable {
  let weights: Int

  /// Weights are kept in the precision they are computed in.
  init(parameters: Int, _ precision: Precision) {
    let (bytes, overflow) = parameters.multipliedReportingOverflow(by: precision.bytesPerWeight)
    weights = overflow ? .max : bytes
  }

  /// Refuses what is more than the machine has to give.
  /// - Parameter available: nil where the machine does not tell.
  func check(
    _ path: String, available: Int? = MachineMemory.available
  ) throws(CheckpointError) {
    guard let available, weights > available else { return }
    throw .tooLarge(path: path, required: weights, available: available)
  }
}

/// Memory this process may still take.
public enum MachineMemory {
  /// `MemAvailable` of the kernel, in bytes; nil where it is not told.
  public static var available: Int? {
    guard let text = try? String(contentsOfFile: "/proc/meminfo", encoding: .utf8) else {
      return nil
    }
    let line = text.split(separator: "\n").first { $0.hasPrefix("MemAvailable:") }
    return line?.split(separator: " ").dropFirst().first.flatMap { Int($0) }.map { $0 * 1024 }
  }

  /// What this process holds in memory now, in bytes; nil where it is not told.
  public static var resident: Int? {
    let text = try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8)
    let pages = text?.split(separator: " ").dropFirst().first.flatMap { Int($0) }
    return pages.map { $0 * Int(sysconf(Int32(_SC_PAGESIZE))) }
  }
}
