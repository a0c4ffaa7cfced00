import Evaluations
import Selection

/// The tokens around the cursor that an action of screen 3 is about.
enum TokenSpan: String, Sendable, CaseIterable {
  case token
  /// All tokens of the modality in one frame.
  case frame
  /// All tokens of the modality in one window, as in SEATS Stage I.
  case window

  /// The next span for a step of 1, the previous one for −1; after the last follows the first.
  func changed(by step: Int) -> TokenSpan {
    let all = Self.allCases
    return all[((all.firstIndex(of: self) ?? 0) + step + all.count) % all.count]
  }
}

extension App {
  /// The tokens of the marked range, or of the span at the cursor of screen 3; nil at a token that
  /// methods never drop.
  var selectedTokens: TokenList? {
    guard let places = run.places, let position = tokenCursor else { return nil }
    let modality = places.modalities[position]
    guard modality.isDroppable else { return nil }
    let ordinal = places.ordinalInPrompt(position)
    let state = view[TokensScreen.self]
    if let mark = state.mark, places.modalities.indices.contains(mark),
      places.modalities[mark] == modality
    {
      let other = places.ordinalInPrompt(mark)
      return Self.list(modality, min(ordinal, other)..<max(ordinal, other) + 1)
    }
    switch state.span {
    case .token: return Self.list(modality, ordinal..<ordinal + 1)
    case .frame:
      let frame = places.frame(of: position)
      let alike = places.positions(like: position).filter { places.frame(of: $0) == frame }
      guard let first = alike.first else { return nil }
      let start = places.ordinalInPrompt(first)
      return Self.list(modality, start..<start + alike.count)
    case .window:
      guard let shape = run.subject?.promptShape else { return nil }
      return MediaWindow.all(in: shape, run.settings.windows).first {
        $0.modality == modality && $0.ordinals.contains(ordinal)
      }?.tokens
    }
  }

  private static func list(_ modality: Modality, _ ordinals: Range<Int>) -> TokenList {
    modality == .video ? TokenList(video: ordinals) : TokenList(audio: ordinals)
  }
}
