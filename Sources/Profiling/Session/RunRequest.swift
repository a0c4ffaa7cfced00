import Media
import OmniModel
import Selection

/// What to run: a model, a clip or a conversation, and how to answer.
public struct RunRequest: Sendable {
  public var model: ModelSource
  /// A clip directory or a media file; ignored with `messages`.
  public var clip: String
  /// A messages file: a whole conversation instead of one clip and one question.
  public var messages: String?
  /// Replaces the clip's own question.
  public var question: String?
  public var options: SelectionOptions
  /// Input settings.
  public var input = InputLayers()
  /// Maximum answer length, in tokens.
  public var maxNewTokens: Int
  /// Whether end-of-sequence tokens are ignored.
  public var ignoresEnd: Bool
  /// Threads for matrix products; nil: all cores.
  public var threads: Int?
  /// Precision of products.
  public var compute: ComputeChoice
  /// Cache of packed weights; nil: packed at every start.
  public var cache: PackedCache?
  /// Memory limit of hidden states for stepping back, in bytes; older ones are recomputed.
  public var snapshotBytes = 1 << 30

  public init(
    model: ModelSource, clip: String, question: String? = nil, options: SelectionOptions = .init(),
    maxNewTokens: Int = 128, ignoresEnd: Bool = false, threads: Int? = nil,
    compute: ComputeChoice = .auto
  ) {
    self.model = model
    self.clip = clip
    self.question = question
    self.options = options
    self.maxNewTokens = maxNewTokens
    self.ignoresEnd = ignoresEnd
    self.threads = threads
    self.compute = compute
  }
}

extension RunRequest {
  /// - Parameter directory: a Hugging Face directory.
  public init(
    model directory: String, clip: String, question: String? = nil,
    options: SelectionOptions = .init(), maxNewTokens: Int = 128, ignoresEnd: Bool = false,
    threads: Int? = nil
  ) {
    self.init(
      model: .directory(directory), clip: clip, question: question, options: options,
      maxNewTokens: maxNewTokens, ignoresEnd: ignoresEnd, threads: threads)
  }
}

/// Selection settings given by the user; nil: default of the model.
public struct SelectionOptions: Sendable {
  public var method: SelectionMethod = .seats
  /// Nominal retention in percent.
  public var retention = 15.0
  public var videoRatio, audioRatio, encoderScale: Double?
  public var dropLayers: [Int]?
  /// `.some(nil)`: no late removal.
  public var lateLayer: Int??
  public var gridsPerWindow, audioWindowSeconds: Int?
  public var windowTemperature: Float?
  /// Seed of methods that drop at random.
  public var seed: UInt64 = 0
  /// Parameters declared by methods, by name.
  public var values: [String: Double] = [:]

  public init() {}

  /// The settings for a model: its own published drop layers, or the paper's scaled to its depth.
  public func settings(for thinker: Thinker) -> SelectionSettings {
    let layers = thinker.configuration.text.layers
    var settings = SelectionSettings(defaultsForLayers: layers)
    if let published = thinker.publishedDrops {
      (settings.dropLayers, settings.lateLayer) = (published.dropLayers, published.lateLayer)
    }
    settings.method = method
    let family = thinker.configuration.family.published
    settings.budget = RetentionBudget(nominalPercent: retention, pairs: family.pairs)
    settings.budget.video = videoRatio ?? settings.budget.video
    settings.budget.audio = audioRatio ?? settings.budget.audio
    settings.encoderScale = encoderScale ?? settings.encoderScale
    if let lateLayer {
      settings.lateLayer = lateLayer
      settings.dropLayers = SelectionSettings.defaultDropLayers(layers: layers, late: lateLayer)
    }
    settings.dropLayers = dropLayers ?? settings.dropLayers
    settings.windows.grids = gridsPerWindow ?? settings.windows.grids
    settings.windows.audioSeconds = audioWindowSeconds ?? settings.windows.audioSeconds
    settings.seed = seed
    for parameter in SelectionMethod.declaredParameters {
      if let value = values[parameter.name] { settings[parameter] = value }
    }
    settings.windowTemperature = windowTemperature ?? family.windowTemperature
    return settings
  }
}
