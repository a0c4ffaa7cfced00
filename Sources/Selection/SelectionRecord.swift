/// The result of one drop: tokens kept, with scores and windows.
public struct DropRecord: Sendable, Equatable, Codable {
  /// At which stage tokens were dropped.
  public enum Kind: String, Sendable, Codable {
    /// Stage I, before layer 1.
    case stage1
    /// By relevance, after a layer.
    case prune
    /// All video and audio, after a layer.
    case remove
  }

  /// How a drop chose its tokens.
  public enum Path: String, Sendable, Codable {
    /// Budgets over temporal windows.
    case windows
    /// Top-k over the whole sequence.
    case global
    /// No tokens to choose from.
    case noChoice = "none"
  }

  public let kind: Kind
  /// How tokens were chosen; nil if a trace does not state it.
  public let path: Path?
  /// Positions in the full prompt that were present, ascending.
  public let before: [Int]
  /// Positions in the full prompt that remain, ascending, text included.
  public let kept: [Int]
  /// Relevance of each token of `before`; empty if not computed.
  public let scores: [Float]
  public let windows: [WindowRecord]
  /// Dropped tokens that were merged into survivors, by positions in the full prompt.
  public let merges: [TokenMerge]
  /// Notes on requests that could not be met exactly.
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

/// A dropped token that was merged into a survivor.
public struct TokenMerge: Sendable, Equatable, Codable {
  public var token, survivor: Int
  /// Its weight relative to the survivor's own, which is 1.
  public var weight: Float

  public init(token: Int, survivor: Int, weight: Float) {
    self.token = token
    self.survivor = survivor
    self.weight = weight
  }

  /// A copy with offsets replaced by their positions.
  func moved(to positions: [Int]) -> TokenMerge {
    TokenMerge(token: positions[token], survivor: positions[survivor], weight: weight)
  }
}

/// One temporal window at a prune.
public struct WindowRecord: Sendable, Equatable, Codable {
  /// Softmax weight of the window among all windows.
  public var videoWeight: Float
  public var audioWeight: Float
  /// Mean score of the window's tokens; 0 without such tokens.
  public var videoRelevance: Float
  public var audioRelevance: Float
  /// Tokens granted to the window, and how they are split.
  public var budget: Int
  public var videoBudget: Int
  public var audioBudget: Int
  /// Tokens the window held before the drop.
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
