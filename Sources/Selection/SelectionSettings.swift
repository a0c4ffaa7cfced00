import Basics

/// Settings chosen by the user: a selection method and its parameters. `plan(for:)` computes the
/// plan that the engine runs.
public struct SelectionSettings: Sendable, Equatable {
  public var method: SelectionMethod
  /// Target retention ratio per modality, averaged over all layers.
  public var budget: RetentionBudget
  /// Encoder scale λ: Stage I keeps λ × the target retention of each modality
  /// (`encoder_ratio_scale`).
  public var encoderScale: Double
  /// Layers after which tokens are dropped by relevance, counted from 1.
  public var dropLayers: [Int]
  /// First layer that processes text only (`late_block_layer`): video and audio tokens are removed
  /// after the layer before it. Nil for no removal.
  public var lateLayer: Int?
  public var windows: SelectionWindows
  /// Temperature τ of the softmax over temporal windows; the default depends on the model family.
  public var windowTemperature: Float
  /// Seed of random drops, combined with a hash of the prompt.
  public var seed: UInt64
  /// Values of parameters declared by methods, by name, if they differ from their defaults.
  public var values: [String: Double] = [:]
  /// Tokens that are kept or dropped by hand, whatever the method selects.
  public var forced = ForcedTokens()

  public init(
    method: SelectionMethod = .seats, budget: RetentionBudget = .init(nominalPercent: 15),
    encoderScale: Double = 1.4, dropLayers: [Int], lateLayer: Int?,
    windows: SelectionWindows = .init(), windowTemperature: Float = 0.1, seed: UInt64 = 0
  ) {
    self.method = method
    self.budget = budget
    self.encoderScale = encoderScale
    self.dropLayers = dropLayers
    self.lateLayer = lateLayer
    self.windows = windows
    self.windowTemperature = windowTemperature
    self.seed = seed
  }

  /// Default settings: SEATS at R = 15, with drop layers for a model with this number of layers.
  public init(defaultsForLayers layers: Int) {
    let late = Self.defaultLateLayer(layers: layers)
    self.init(dropLayers: Self.defaultDropLayers(layers: layers, late: late), lateLayer: late)
  }

  /// Value of a parameter declared by a method; assigning the default removes it from `values`.
  public subscript(parameter: SelectionParameter) -> Double {
    get { values[parameter.name] ?? parameter.standard ?? parameter.range.lowerBound }
    set { values[parameter.name] = newValue == parameter.standard ? nil : newValue }
  }

  /// The layer after which all video and audio tokens are removed; nil if there is no removal or
  /// the late layer is outside the model.
  func removalLayer(in layers: Int) -> Int? {
    lateLayer.flatMap { $0 >= 2 && $0 <= layers + 1 ? $0 - 1 : nil }
  }

  /// The paper's late layer, 24 of 28, scaled to another number of layers.
  static func defaultLateLayer(layers: Int) -> Int? {
    let late = scaled(24, to: layers)
    return late > 1 ? late : nil
  }

  /// The paper's drop layers, 16-18-20 of 28, scaled to another number of layers; distinct, and
  /// before the removal.
  public static func defaultDropLayers(layers: Int, late: Int?) -> [Int] {
    var ceiling = late.map { $0 > 1 ? $0 - 1 : layers } ?? layers
    var drops: [Int] = []
    for paper in [20, 18, 16] {
      let layer = min(scaled(paper, to: layers), ceiling - 1)
      guard layer >= 1 else { break }
      drops.insert(layer, at: 0)
      ceiling = layer
    }
    return drops
  }

  private static func scaled(_ layer: Int, to layers: Int) -> Int {
    Int((Double(layer * layers) / 28).rounded())
  }
}

/// Properties of the model and prompt that plans depend on: number of decoder layers and token
/// counts.
public struct PromptShape: Sendable, Equatable, Codable {
  public var layers: Int
  public var counts: ModalityCounts
  /// Number of video tokens in one temporal grid.
  public var tokensPerGrid: Int
  /// Hash of clip and question; part of the seed of random drops.
  public var contentHash: UInt64
  /// Token counts of each clip of the conversation, in order; empty for at most one clip.
  public var clips: [ClipShape]

  public init(
    layers: Int, counts: ModalityCounts, tokensPerGrid: Int, contentHash: UInt64 = 0,
    clips: [ClipShape] = []
  ) {
    self.layers = layers
    self.counts = counts
    self.tokensPerGrid = tokensPerGrid
    self.contentHash = contentHash
    self.clips = clips
  }

  /// Token counts of each clip; for at most one clip those of the whole prompt.
  var eachClip: [ClipShape] {
    clips.isEmpty
      ? [ClipShape(video: counts.video, audio: counts.audio, tokensPerGrid: tokensPerGrid)] : clips
  }
}

/// Token counts of one clip, on which encoder rules depend.
public struct ClipShape: Sendable, Equatable, Codable {
  public var video, audio: Int
  /// Number of video tokens in one temporal grid; 0 without video.
  public var tokensPerGrid: Int

  public init(video: Int, audio: Int, tokensPerGrid: Int) {
    (self.video, self.audio, self.tokensPerGrid) = (video, audio, tokensPerGrid)
  }
}

extension SelectionSettings {
  /// The seed of random drops: a combination of the user's seed and the content hash, equal in
  /// every command. Below 2⁵², so that the seed and its double are exact in JSON.
  func drawSeed(for shape: PromptShape) -> UInt64 {
    var mixer = SplitMix64(state: shape.contentHash ^ (seed &* 0xd134_2543_de82_ef95))
    return mixer.next() >> 12
  }
}
