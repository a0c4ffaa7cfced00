import OmniModel
import Tensors

extension ErrorMessage {
  /// A failed allocation during a step.
  static func about(_ error: AllocationFailure) -> String {
    "The system refuses \(size(error.bytes)) of memory that a step needs: end other programs, raise "
      + "the limit (ulimit -v), or use a shorter clip."
  }

  static func about(_ forecast: PrefillForecast, available: Int) -> String {
    "Prefilling \(forecast.tokens) tokens takes up to \(size(forecast.total)) beside the weights "
      + "(computing \(size(forecast.computing)), keys and values \(size(forecast.keyValues)), states to "
      + "go back to \(size(forecast.snapshots))) and \(size(available)) of memory are free: use a "
      + "shorter or smaller clip, or a lower --snapshot-memory."
  }
}
