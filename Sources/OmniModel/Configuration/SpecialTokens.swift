/// Special tokens that stand for media in a prompt: placeholders, and start and end markers.
enum SpecialToken: Sendable, CaseIterable {
  case audio, audioStart, audioEnd, image, video, visionStart, visionEnd

  /// Whether the model searches the prompt for this token's id.
  var isLookedUp: Bool { self != .audioEnd && self != .visionEnd }
}

/// Ids of special tokens; for a model family without audio, those of vision only.
typealias SpecialTokens = [SpecialToken: Int]

/// Special token ids as stated in `config.json`. A missing id has transformers' default; markers
/// without a default have the tokenizer's id.
struct WrittenTokens: Sendable {
  private let tokens: [WrittenToken]

  init(
    _ file: ThinkerFile, _ family: any FamilyDefinition, _ check: ConfigurationValidator
  ) throws(CheckpointError) {
    var tokens: [WrittenToken] = []
    for kind in SpecialToken.allCases {
      guard let token = family.tokens[kind] else { continue }
      let value = file.id(of: kind)
      if let value, value < 0 { throw check.wrong(token.key, value, "a token id") }
      let id = value ?? token.standard.map { check.value(nil, token.key, default: $0) }
      tokens.append(WrittenToken(kind: kind, token: token, id: id))
    }
    self.tokens = tokens
  }

  /// Resolves the ids with the tokenizer, and finds conflicts with config.json.
  /// - Throws: `CheckpointError.badConfiguration` for a marker that neither of them contains.
  func resolved(_ tokenizer: Tokenizer, path: String) throws(CheckpointError) -> ResolvedTokens {
    var resolved = ResolvedTokens()
    for written in tokens {
      let (kind, key, spelling) = (written.kind, written.token.key, written.token.spelling)
      let found = tokenizer.id(of: spelling)
      guard let id = written.id else {
        guard let found else {
          throw .badConfiguration(
            path: path, key: key, value: "absent",
            expected: "a token id, as the tokenizer has no \(spelling) either")
        }
        resolved.note("\(key) \(found), the tokenizer's \(spelling): config.json has none")
        resolved.tokens[kind] = found
        continue
      }
      resolved.tokens[kind] = id
      guard let found, found != id else { continue }
      guard kind.isLookedUp else {
        resolved.note(
          "\(key) \(id) of config.json is not used: the tokenizer gives \(spelling) id \(found)",
          isWarning: true)
        resolved.tokens[kind] = found
        continue
      }
      resolved.conflicts.append(
        TokenConflict(kind: kind, key: key, id: id, spelling: spelling, found: found))
    }
    return resolved
  }
}

/// A special token id from `config.json` or from transformers' defaults; nil if neither has one.
private struct WrittenToken: Sendable {
  let kind: SpecialToken
  let token: FamilyToken
  let id: Int?
}

/// Special token ids after config.json and the tokenizer are compared.
struct ResolvedTokens: Sendable {
  fileprivate(set) var tokens: SpecialTokens = [:]
  /// Conflicting ids. A prompt with such media is an error, since transformers would not find their
  /// tokens.
  fileprivate(set) var conflicts: [TokenConflict] = []
  private(set) var facts: [CheckpointFact] = []

  fileprivate mutating func note(_ fact: String, isWarning: Bool = false) {
    facts.append(CheckpointFact("tokens", fact, isWarning: isWarning))
  }
}

/// A special token id in config.json that differs from the tokenizer's.
public struct TokenConflict: Sendable, Equatable {
  let kind: SpecialToken
  public let key: String
  public let id: Int
  public let spelling: String
  public let found: Int
}

extension ThinkerFile {
  fileprivate func id(of token: SpecialToken) -> Int? {
    switch token {
    case .audio: audio_token_index ?? audio_token_id
    case .audioStart: audio_start_token_id
    case .audioEnd: audio_end_token_id
    case .image: image_token_index ?? image_token_id
    case .video: video_token_index ?? video_token_id
    case .visionStart: vision_start_token_id
    case .visionEnd: vision_end_token_id
    }
  }
}
