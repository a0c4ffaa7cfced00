import OmniModel
import Tensors

extension ErrorMessage {
  /// Error message for a failed memory allocation during a step.
  static func about(_ error: AllocationFailure) -> String {
    "A step needs \(size(error.bytes)) of memory that the system refuses: end other programs, raise "
      + "the limit (ulimit -v), or use a shorter clip."
  }

  static func about(_ forecast: PrefillMemoryEstimate, available: Int) -> String {
    "Prefilling \(forecast.tokens) tokens takes up to \(size(forecast.total)) besides the weights "
      + "(computing \(size(forecast.computing)), keys and values \(size(forecast.keyValues)), snapshots "
      + "\(size(forecast.snapshots))), and \(size(available)) of memory are free: use a "
      + "shorter or smaller clip, or a lower --snapshot-memory."
  }
}

extension ErrorMessage {
  static func about(_ forecast: PrefillMemoryEstimate, least: Int, bound: Int) -> String {
    "Prefilling \(forecast.tokens) tokens takes at least \(size(least)) of memory, all included, "
      + "and --memory allows \(size(bound)): give --memory \(boundOption(least)), use a shorter or "
      + "smaller clip, or a lower --snapshot-memory."
  }

  static func about(_ path: String, weights: Int, least: Int, bound: Int) -> String {
    "The weights of \(path) take \(size(weights)), or \(size(least)) if they are read as they are "
      + "used, and only \(size(bound)) are available: give --memory \(boundOption(least)) or more, or "
      + "use a smaller model."
  }

  static func about(_ path: String, weights: Int, missing: Int) -> String {
    "The weights of \(path) take \(size(weights)), and the limit of the address space (ulimit -v) is "
      + "\(size(missing)) too low even if they are read as they are used: raise it, or use a smaller "
      + "model."
  }

  /// The figures come first: a narrow screen cuts the end.
  static func about(_ plan: StreamingPlan) -> String {
    let cause =
      plan.isAsked ? "the \(size(plan.bound)) of --memory" : "the \(size(plan.bound)) that are free"
    let reason =
      "at most \(size(plan.bound)) resident; the weights of \(plan.model) take "
      + "\(size(plan.weights)), more than \(cause) leave."
    guard plan.stored > 0 else { return "Streaming weights, generated again on use: \(reason)" }
    var text = "Streaming weights from disk: up to \(size(plan.stored)) per prefill"
    if let seconds = plan.seconds, let bandwidth = plan.bandwidth {
      text += " (about \(duration(seconds)) of reading at the measured \(rate(bandwidth)))"
    }
    return text + ", up to \(size(plan.storedPerToken)) per token of the answer, \(reason)"
  }

  /// A rate as text: `1.5 GiB/s`.
  static func rate(_ bytesPerSecond: Double) -> String {
    size(Int(bytesPerSecond.rounded())) + "/s"
  }

  /// A duration as text: `40 s`, `12 min`.
  static func duration(_ seconds: Double) -> String {
    switch seconds {
    case ..<10: String(format: "%.1f s", seconds)
    case ..<120: "\(Int(seconds.rounded())) s"
    case ..<7200: "\(Int((seconds / 60).rounded())) min"
    default: String(format: "%.1f h", seconds / 3600)
    }
  }

  /// A value for `--memory` in whole MiB, slightly higher, because another start may need more.
  private static func boundOption(_ bytes: Int) -> String {
    "\((bytes + bytes / 50) >> 20 + 32)M"
  }
}
