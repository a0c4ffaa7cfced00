/// What stands for media in a prompt, and around them.
enum SpecialToken: Sendable, CaseIterable {
  case audio, audioStart, audioEnd, image, video, visionStart, visionEnd

  /// Whether the model looks for the id in a prompt.
  var isLookedUp: Bool { self != .audioEnd && self != .visionEnd }
}

/// Token ids with a meaning of their own; of a family without sound, those of vision alone.
typealias SpecialTokens = [SpecialToken: Int]

/// What `config.json` says about them. Where it says nothing, the id is that of transformers'
/// configuration class; for markers that the class knows nothing of, it is the tokenizer's.
struct WrittenTokens: Sendable {
  private let tokens: [WrittenToken]

  init(
    _ file: ThinkerFile, _ family: any FamilyDefinition, _ check: Check
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

  /// The ids of a prompt, which the tokenizer makes, and where config.json has others for them.
  /// - Throws: `CheckpointError.badConfiguration` for a marker that neither knows.
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
          "\(key) \(id) of config.json is not used: the tokenizer makes \(found) of \(spelling)",
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

/// An id as `config.json` or transformers' class has it.
private struct WrittenToken: Sendable {
  let kind: SpecialToken
  let token: FamilyToken
  let id: Int?
}

/// The ids of a prompt's special tokens.
struct ResolvedTokens: Sendable {
  fileprivate(set) var tokens: SpecialTokens = [:]
  /// Media with these cannot be laid out: transformers finds no token to put them on.
  fileprivate(set) var conflicts: [TokenConflict] = []
  private(set) var facts: [CheckpointFact] = []

  fileprivate mutating func note(_ fact: String, isWarning: Bool = false) {
    facts.append(CheckpointFact("tokens", fact, isWarning: isWarning))
  }
}

/// An id of config.json that the tokenizer does not make of the token.
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
