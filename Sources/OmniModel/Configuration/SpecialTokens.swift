/// Token ids with a meaning of their own.
struct SpecialTokens: Sendable, Equatable {
  let audio, audioStart, audioEnd, image, video, visionStart, visionEnd: Int
}

/// What `config.json` says about them. Where it says nothing, the id is that of transformers'
/// configuration class; for markers that the class knows nothing of, it is the tokenizer's.
struct WrittenTokens: Sendable {
  private let audio, audioStart, image, video: WrittenToken
  private let audioEnd, visionStart, visionEnd: WrittenToken

  init(_ file: ThinkerFile, _ family: ModelFamily, _ check: Check) throws(CheckpointError) {
    func token(
      _ kind: SpecialToken, _ values: Int?..., standard: Int? = nil
    ) throws(CheckpointError) -> WrittenToken {
      let key = kind.key(family)
      let value = values.lazy.compactMap { $0 }.first
      if let value, value < 0 { throw check.wrong(key, value, "a token id") }
      return WrittenToken(
        kind: kind, key: key,
        id: value ?? standard.map { check.value(nil, key, default: $0) })
    }
    audio = try token(.audio, file.audio_token_index, file.audio_token_id, standard: 151_646)
    audioStart = try token(.audioStart, file.audio_start_token_id, standard: 151_647)
    audioEnd = try token(
      .audioEnd, file.audio_end_token_id, standard: family == .qwen25 ? 151_648 : nil)
    image = try token(.image, file.image_token_index, file.image_token_id, standard: 151_655)
    video = try token(.video, file.video_token_index, file.video_token_id, standard: 151_656)
    visionStart = try token(.visionStart, file.vision_start_token_id)
    visionEnd = try token(.visionEnd, file.vision_end_token_id)
  }

  /// The ids of a prompt, which the tokenizer makes, and where config.json has others for them.
  /// - Throws: `CheckpointError.badConfiguration` for a marker that neither knows.
  func resolved(
    _ tokenizer: Tokenizer, _ family: ModelFamily, path: String
  ) throws(CheckpointError) -> ResolvedTokens {
    var facts: [CheckpointFact] = []
    var conflicts: [TokenConflict] = []
    func id(_ token: WrittenToken) throws(CheckpointError) -> Int {
      let spelling = token.kind.spelling(family)
      let found = tokenizer.id(of: spelling)
      guard let written = token.id else {
        guard let found else {
          throw .badConfiguration(
            path: path, key: token.key, value: "absent",
            expected: "a token id, as the tokenizer has no \(spelling) either")
        }
        facts.append(
          CheckpointFact(
            "tokens", "\(token.key) \(found), the tokenizer's \(spelling): config.json has none"))
        return found
      }
      guard let found, found != written else { return written }
      guard token.kind.isLookedUp else {
        facts.append(
          CheckpointFact(
            "tokens",
            "\(token.key) \(written) of config.json is not used: the tokenizer makes \(found) of "
              + spelling, isWarning: true))
        return found
      }
      conflicts.append(
        TokenConflict(
          kind: token.kind, key: token.key, id: written, spelling: spelling, found: found))
      return written
    }
    let tokens = SpecialTokens(
      audio: try id(audio), audioStart: try id(audioStart), audioEnd: try id(audioEnd),
      image: try id(image), video: try id(video), visionStart: try id(visionStart),
      visionEnd: try id(visionEnd))
    return ResolvedTokens(tokens: tokens, conflicts: conflicts, facts: facts)
  }
}

/// An id as `config.json` or transformers' class has it.
private struct WrittenToken: Sendable {
  let kind: SpecialToken
  let key: String
  let id: Int?
}

/// The ids of a prompt's special tokens.
struct ResolvedTokens: Sendable {
  let tokens: SpecialTokens
  /// Media with these cannot be laid out: transformers finds no token to put them on.
  let conflicts: [TokenConflict]
  let facts: [CheckpointFact]
}

/// An id of config.json that the tokenizer does not make of the token.
public struct TokenConflict: Sendable, Equatable {
  let kind: SpecialToken
  public let key: String
  public let id: Int
  public let spelling: String
  public let found: Int
}

/// What stands for media in a prompt, and around them.
enum SpecialToken: Sendable {
  case audio, audioStart, audioEnd, image, video, visionStart, visionEnd

  /// Whether the model looks for the id in a prompt.
  var isLookedUp: Bool { self != .audioEnd && self != .visionEnd }

  func key(_ family: ModelFamily) -> String {
    let ending = family == .qwen25 ? "_index" : "_id"
    return switch self {
    case .audio: "audio_token" + ending
    case .audioStart: "audio_start_token_id"
    case .audioEnd: "audio_end_token_id"
    case .image: "image_token" + ending
    case .video: "video_token" + ending
    case .visionStart: "vision_start_token_id"
    case .visionEnd: "vision_end_token_id"
    }
  }

  /// As the published tokenizers spell it.
  func spelling(_ family: ModelFamily) -> String {
    switch (self, family) {
    case (.audio, .qwen25): "<|AUDIO|>"
    case (.audio, .qwen3): "<|audio_pad|>"
    case (.audioStart, .qwen25): "<|audio_bos|>"
    case (.audioStart, .qwen3): "<|audio_start|>"
    case (.audioEnd, .qwen25): "<|audio_eos|>"
    case (.audioEnd, .qwen3): "<|audio_end|>"
    case (.image, .qwen25): "<|IMAGE|>"
    case (.image, .qwen3): "<|image_pad|>"
    case (.video, .qwen25): "<|VIDEO|>"
    case (.video, .qwen3): "<|video_pad|>"
    case (.visionStart, .qwen25): "<|vision_bos|>"
    case (.visionStart, .qwen3): "<|vision_start|>"
    case (.visionEnd, .qwen25): "<|vision_eos|>"
    case (.visionEnd, .qwen3): "<|vision_end|>"
    }
  }
}
