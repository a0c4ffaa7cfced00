/// The result of one drop: which tokens were kept, with scores and temporal windows.
public struct DropRecord: Sendable, Equatable, Codable {
  /// The stage at which tokens were dropped.
  public enum Kind: String, Sendable, Codable {
    /// Stage I: selection before layer 1.
    case stage1
    /// Stage II: drop by relevance after a layer.
    case prune
    /// Stage III: removal of all video and audio tokens after a layer.
    case remove
  }

  /// How a drop selected its tokens.
  public enum Path: String, Sendable, Codable {
    /// Tokens were selected by budgets over temporal windows.
    case windows
    /// Tokens were selected by top-k over the whole sequence.
    case global
    /// There were no tokens to select from.
    case noChoice = "none"
  }

  public let kind: Kind
  /// How tokens were selected; nil if a trace does not state it.
  public let path: Path?
  /// Prompt positions of the tokens before the drop, ascending.
  public let before: [Int]
  /// Prompt positions of the tokens after the drop, ascending, including text.
  public let kept: [Int]
  /// Relevance of each token in `before`; empty if not computed.
  public let scores: [Float]
  public let windows: [WindowRecord]
  /// Dropped tokens that were merged into kept tokens, by prompt position.
  public let merges: [TokenMerge]
  /// Notes on settings that the drop could not meet exactly.
  public let notes: [String]

  public init(
    kind: Kind, path: Path?, before: [Int], kept: [Int], scores: [Float], windows: [WindowRecord],
    merges: [TokenMerge] = [], notes: [String] = []
  ) {
    self.kind = kind
    self.path = path
    self.before = before
    self.kept = kept
    self.scores = scores
    self.windows = windows
    self.merges = merges
    self.notes = notes
  }
}

/// A dropped token that was merged into a kept token.
public struct TokenMerge: Sendable, Equatable, Codable {
  public var token, survivor: Int
  /// Weight of the dropped token in the merge, relative to 1 for the kept token.
  public var weight: Float

  public init(token: Int, survivor: Int, weight: Float) {
    self.token = token
    self.survivor = survivor
    self.weight = weight
  }

  /// A copy in which offsets are replaced by their positions.
  func moved(to positions: [Int]) -> TokenMerge {
    TokenMerge(token: positions[token], survivor: positions[survivor], weight: weight)
  }
}

/// A temporal window at a drop, with its weights, budgets and token counts.
public struct WindowRecord: Sendable, Equatable, Codable {
  /// Softmax weight of the window's video among all windows.
  public var videoWeight: Float
  public var audioWeight: Float
  /// Mean relevance of the window's video tokens; 0 without video tokens.
  public var videoRelevance: Float
  public var audioRelevance: Float
  /// Token budget of the window, and its split into video and audio.
  public var budget: Int
  public var videoBudget: Int
  public var audioBudget: Int
  /// Number of video tokens in the window before the drop.
  public var videoTokens: Int
  public var audioTokens: Int

  public init(
    videoWeight: Float, audioWeight: Float, videoRelevance: Float, audioRelevance: Float,
    budget: Int, videoBudget: Int, audioBudget: Int, videoTokens: Int, audioTokens: Int
  ) {
    self.videoWeight = videoWeight
    self.audioWeight = audioWeight
    self.videoRelevance = videoRelevance
    self.audioRelevance = audioRelevance
    self.budget = budget
    self.videoBudget = videoBudget
    self.audioBudget = audioBudget
    self.videoTokens = videoTokens
    self.audioTokens = audioTokens
  }
}
