/// A way of choosing tokens, by the name it has on the command line.
public enum SelectionMethod: String, Sendable, Equatable, Codable, CaseIterable {
  case full
  case seats
  case seatsWide = "seats-wide"
  case random
  case randomLate = "random-late"
  case fastv
  case fastvOmni = "fastv-om"
  case visionzip
  case visionzipOmni = "visionzip-om"
  case divprune
  case divpruneOmni = "divprune-om"
  case dycoke
  case omnizip
}

/// What a user turns: a method and its knobs. `plan(for:)` makes of it what the engine runs.
public struct SelectionSettings: Sendable, Equatable, Codable {
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
  /// τ of the softmax over windows: 0.1 for Qwen2.5-Omni, 0.3 for Qwen3-Omni.
  public var windowTemperature: Float
  /// Seed of methods that drop at random; what they draw by also depends on the prompt.
  public var seed: UInt64

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

  public init(layers: Int, counts: ModalityCounts, tokensPerGrid: Int, contentHash: UInt64 = 0) {
    self.layers = layers
    self.counts = counts
    self.tokensPerGrid = tokensPerGrid
    self.contentHash = contentHash
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

extension SelectionSettings {
  /// The plan these settings make for a prompt.
  public func plan(for shape: PromptShape) -> SelectionPlan {
    switch method {
    case .full: .full
    case .seats: Seats.plan(self, shape)
    case .seatsWide: SeatsWide.plan(self, shape)
    case .random, .randomLate: RandomDrop.plan(self, shape)
    case .fastv, .fastvOmni: FastV.plan(self, shape)
    case .visionzip, .visionzipOmni: VisionZip.plan(self, shape)
    case .divprune, .divpruneOmni: DivPrune.plan(self, shape)
    case .dycoke: DyCoke.plan(self, shape)
    case .omnizip: OmniZip.plan(self, shape)
    }
  }
}
