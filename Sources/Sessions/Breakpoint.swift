import Foundation
import Runs
import Selection

/// A breakpoint: pauses a run before a step, after every drop, or when few tokens are left.
///
/// Written as `layer 9`, `drops`, `audio < 40` or `kept < 30 %`.
public enum Breakpoint: Sendable, Hashable, Codable {
  /// Pause before this step.
  case before(PrefillStep)
  /// Pause after every step with a drop.
  case drops
  /// Pause when fewer than `below` tokens of the modality are left; nil counts all modalities.
  case tokens(Modality?, below: Int)
  /// Pause when less than this share (0…1) of the prompt's tokens is left.
  case kept(below: Double)

  /// Whether a run pauses after a step.
  /// - Parameters:
  ///   - entering: token counts that the step processed.
  ///   - leaving: token counts left after it.
  ///   - next: the next step.
  ///   - whole: token counts of the prompt.
  public func stops(
    entering: ModalityCounts, leaving: ModalityCounts, before next: PrefillStep?,
    whole: ModalityCounts
  ) -> Bool {
    switch self {
    case .before(let step): next == step
    case .drops: leaving.total < entering.total
    case .tokens, .kept:
      // Pauses only once: at the step where the condition becomes true.
      holds(leaving, whole: whole) && !holds(entering, whole: whole)
    }
  }

  private func holds(_ counts: ModalityCounts, whole: ModalityCounts) -> Bool {
    switch self {
    case .before, .drops: false
    case .tokens(let modality, let limit): (modality.map { counts[$0] } ?? counts.total) < limit
    case .kept(let share): Double(counts.total) < share * Double(whole.total)
    }
  }
}

extension Breakpoint {
  /// Parses `layer 9`, `9`, `Stage I`, `head`, `drops`, `audio < 40`, `tokens < 200` or
  /// `kept < 30 %`; nil for other text.
  public init?(_ text: String) {
    let words = text.lowercased().split { $0 == " " }.joined(separator: " ")
    if let comparison = Self.comparison(words) {
      self = comparison
    } else if let step = Self.step(words) {
      self = .before(step)
    } else if words == "drop" || words == "drops" {
      self = .drops
    } else {
      return nil
    }
  }

  private static func step(_ words: String) -> PrefillStep? {
    if words == "head" { return .head }
    if words == "stage 1" || words == "stage i" { return .stage1 }
    let number = words.hasPrefix("layer ") ? words.dropFirst("layer ".count) : Substring(words)
    guard let layer = Int(number), 1..<100_000 ~= layer else { return nil }
    return .layer(layer)
  }

  private static func comparison(_ words: String) -> Breakpoint? {
    let sides = words.split(separator: "<", omittingEmptySubsequences: false)
    guard sides.count == 2 else { return nil }
    let (subject, limit) = (sides[0].filter { $0 != " " }, sides[1].filter { $0 != " " })
    if subject == "kept" {
      guard limit.hasSuffix("%"), let percent = Double(limit.dropLast()), 0...100 ~= percent else {
        return nil
      }
      return .kept(below: percent / 100)
    }
    guard let count = Int(limit), count >= 0 else { return nil }
    if subject == "tokens" { return .tokens(nil, below: count) }
    return Modality(rawValue: String(subject)).map { .tokens($0, below: count) }
  }
}

extension Breakpoint: CustomStringConvertible {
  /// The share as a percentage, with as few digits as parse to the same number.
  private static func percent(_ share: Double) -> String {
    let rounded = (1...17).lazy.compactMap { Double(String(format: "%.\($0)g", share * 100)) }
    let percent = rounded.first { $0 / 100 == share } ?? share * 100
    let text = "\(percent)"
    return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
  }

  /// The breakpoint as text that `init(_:)` parses.
  public var description: String {
    switch self {
    case .before(let step): step.label
    case .drops: "drops"
    case .tokens(let modality, let limit): "\(modality?.rawValue ?? "tokens") < \(limit)"
    case .kept(let share): "kept < \(Self.percent(share)) %"
    }
  }
}
