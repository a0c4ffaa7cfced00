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
