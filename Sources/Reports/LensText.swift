import Basics
import Foundation
import Runs

extension LensRecord.Prediction {
  /// The most likely token with its probability: `red 97%`. A long token is truncated.
  /// - Parameter width: maximum number of terminal cells.
  public func label(width: Int) -> String {
    guard let first = best.first else { return "" }
    let percent = String(format: "%.0f%%", (first.probability * 100).rounded(.down))
    return first.shown(width: width - percent.count - 1) + " " + percent
  }
}

extension LensRecord.Prediction.Candidate {
  /// The text of the token, without spaces around it; its id if it has no visible text.
  /// - Parameter width: maximum number of terminal cells; others are cut off.
  public func shown(width: Int) -> String {
    let visible = text.printable.trimmingCharacters(in: .whitespaces)
    guard !visible.isEmpty else { return "#\(id)" }
    var (shown, cells) = ("", 0)
    for character in visible {
      // East Asian characters and pictures take two cells.
      cells += character.unicodeScalars.contains { $0.value >= 0x1100 } ? 2 : 1
      guard cells <= max(1, width) else { break }
      shown.append(character)
    }
    return shown
  }
}

extension LensHistory {
  /// From which layer on the answer stands: `red from layer 9 on`; nil before the head has run.
  public func summary(layers: Int) -> String? {
    guard let layer = answerLayer(layers: layers),
      let token = records.last?.prediction?.best.first
    else { return nil }
    return "\(token.shown(width: 20)) from layer \(layer) on"
  }
}
