import OmniModel

extension ErrorMessage {
  static func about(_ fault: EngineFault) -> String {
    let reason = printable(fault.reason)
    let cause = reason.isEmpty ? "" : " (\(withoutStop(reason)))"
    return switch fault.kind {
    case .refused: "The engine refused the step\(cause)."
    case .memory:
      "The engine has too little memory for the step\(cause): keep fewer tokens, or use a shorter "
        + "clip."
    case .failed: "The engine failed in the step\(cause): start the run again."
    case .notStarted:
      "The command of --engine cannot be started\(cause): check its first word and its quotes."
    case .version(let oldest, let newest):
      "The engine speaks versions \(oldest) to \(newest) of the protocol, and this program version 1: "
        + "update the older of the two."
    case .ended:
      "The engine has ended\(cause): 0 starts it again, with the run from its start."
    case .silent(let seconds):
      "The engine gave no sign of life for \(seconds) seconds\(cause): check the connection; 0 starts "
        + "it again, with the run from its start."
    case .malformed:
      "The engine sent what is not of the protocol\(cause): use one that speaks it, and nothing else on "
        + "its standard output."
    case .cancelled: "The run was cancelled."
    case .restarted:
      "The engine was started again and has lost its states: 0 runs from the start."
    }
  }

  private static func withoutStop(_ text: String) -> String {
    text.hasSuffix(".") ? String(text.dropLast()) : text
  }
}
