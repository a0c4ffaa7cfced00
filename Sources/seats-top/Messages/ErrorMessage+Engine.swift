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
      "The engine supports versions \(oldest) to \(newest) of the protocol, and this program version 1: "
        + "update the older of the two."
    case .ended:
      "The engine process has ended\(cause): 0 restarts it and the run."
    case .silent(let seconds):
      "The engine sent nothing for \(seconds) seconds\(cause): check the connection; 0 restarts the "
        + "engine and the run."
    case .malformed:
      "The output of the engine does not follow the protocol\(cause): it must write only frames of "
        + "the protocol to standard output."
    case .cancelled: "The run was cancelled."
    case .restarted:
      "The engine was restarted and has lost its states: 0 restarts the run."
    case .otherHost: "The command of --engine does not name the computer\(cause)."
    }
  }

  static func withoutStop(_ text: String) -> String {
    text.hasSuffix(".") ? String(text.dropLast()) : text
  }
}
