/// What a user sets: a method and its parameters. `plan(for:)` makes of it what the engine runs.
public struct SelectionSettings: Sendable, Equatable {
  public var method: SelectionMethod
  /// Target retention per modality, averaged over all layers.
  public var budget: RetentionBudget
  /// λ: Stage I lets in λ × the target of each modality (`encoder_ratio_scale`).
  public var encoderScale: Double
  /// Layers after which tokens are dropped by relevance, counted from 1.
  public var dropLayers: [Int]
  /// The first layer that sees text only (`late_block_layer`): removal happens after the layer
  /// before it. Nil never removes.
  public var lateLayer: Int?
  public var windows: SelectionWindows
  /// τ of the softmax over windows; each model family has its own.
  public var windowTemperature: Float
  /// Seed of what is dropped at random; what is drawn by also depends on the prompt.
  public var seed: UInt64
  /// Parameters that methods declare themselves, by their names, where they are not at their defaults.
  public var values: [String: Double] = [:]

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

  /// SEATS at R = 15 with the drop layers of a model of this depth.
  public init(defaultsForLayers layers: Int) {
    let late = Self.defaultLateLayer(layers: layers)
    self.init(dropLayers: Self.defaultDropLayers(layers: layers, late: late), lateLayer: late)
  }

  /// A parameter that methods declare themselves; one that is set to its default is not set.
  public subscript(parameter: SelectionParameter) -> Double {
    get { values[parameter.name] ?? parameter.standard ?? parameter.range.lowerBound }
    set { values[parameter.name] = newValue == parameter.standard ? nil : newValue }
  }

  /// The layer after which everything goes, where the late layer lies within the model.
  func removalLayer(in layers: Int) -> Int? {
    lateLayer.flatMap { $0 >= 2 && $0 <= layers + 1 ? $0 - 1 : nil }
  }

  /// The paper's late layer, 24 of 28, scaled to another depth.
  static func defaultLateLayer(layers: Int) -> Int? {
    let late = scaled(24, to: layers)
    return late > 1 ? late : nil
  }

  /// The paper's drop layers, 16-18-20 of 28, scaled to another depth; distinct, and before the
  /// removal.
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

/// What a plan depends on besides the settings: the depth of the decoder and the prompt's tokens.
public struct PromptShape: Sendable, Equatable, Codable {
  public var layers: Int
  public var counts: ModalityCounts
  /// Video tokens of one temporal grid.
  public var tokensPerGrid: Int
  /// Stands for what the clip and the question are: methods that drop at random draw by it.
  public var contentHash: UInt64
  /// The clips of a conversation, in order; empty where there is one clip at most.
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

  /// One shape per clip; that of the whole prompt where there is one clip at most.
  var eachClip: [ClipShape] {
    clips.isEmpty
      ? [ClipShape(video: counts.video, audio: counts.audio, tokensPerGrid: tokensPerGrid)] : clips
  }
}

/// What encoder rules depend on: the tokens of one clip.
public struct ClipShape: Sendable, Equatable, Codable {
  public var video, audio: Int
  /// Video tokens of one temporal grid; 0 without video.
  public var tokensPerGrid: Int

  public init(video: Int, audio: Int, tokensPerGrid: Int) {
    (self.video, self.audio, self.tokensPerGrid) = (video, audio, tokensPerGrid)
  }
}

extension SelectionSettings {
  /// The seed that a method draws by: of the seed that was asked for and of what the prompt holds, so
  /// that another clip or question is drawn anew and the same one alike, in every command. Below 2⁵²:
  /// a JSON number holds it and its double.
  func drawSeed(for shape: PromptShape) -> UInt64 {
    var mixer = SplitMix64(state: shape.contentHash ^ (seed &* 0xd134_2543_de82_ef95))
    return mixer.next() >> 12
  }
}
