import Media
import OmniModel
import Selection

/// The input of a run: model, clip or conversation, and options for the answer.
public struct RunRequest: Sendable {
  public var model: ModelSource
  /// Path of a clip directory or a media file; ignored if `messages` is set.
  public var clip: String
  /// Path of a messages file: a whole conversation instead of one clip and one question.
  public var messages: String?
  /// Renders the clip with its input settings, instead of reading `clip`; nil to read it.
  public var rendered: (@Sendable (InputSettings) throws -> Clip)?
  /// Question that replaces the clip's own question.
  public var question: String?
  /// Question that replaces that of the clip or of the last turn, with its choices and answer.
  public var asked: AskedQuestion?
  public var options: SelectionOptions
  /// Input settings of the options, the configuration and others.
  public var input = InputLayers()
  /// Maximum answer length, in tokens.
  public var maxNewTokens: Int
  /// Whether decoding continues after end-of-sequence tokens.
  public var ignoresEnd: Bool
  /// Number of threads for matrix products; nil for all cores.
  public var threads: Int?
  /// Precision of matrix products.
  public var compute: ComputeChoice
  /// Cache of packed weights; nil packs the weights at every start.
  public var cache: PackedCache?
  /// Upper bound of memory; nil: the available memory.
  public var memory: MemoryBound?
  /// Memory limit of the snapshots for stepping back, in bytes; older hidden states are recomputed.
  public var snapshotBytes = Prefill.standardSnapshotBytes
  /// How much of the lens is computed beside the prefill.
  public var lens = LensChoice.off

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
  /// A run of a model on a clip.
  /// - Parameter directory: a model directory in the Hugging Face format.
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

/// Selection settings given by the user; nil means the default of the model.
public struct SelectionOptions: Sendable {
  public var method: SelectionMethod = .seats
  /// Nominal retention, in percent.
  public var retention = 15.0
  public var videoRatio, audioRatio, encoderScale: Double?
  public var dropLayers: [Int]?
  /// Layer before which all video and audio tokens are removed; `.some(nil)` for no late removal.
  public var lateLayer: Int??
  public var gridsPerWindow, audioWindowSeconds: Int?
  public var windowTemperature: Float?
  /// Random seed of methods that select at random.
  public var seed: UInt64 = 0
  /// Method parameters, by name.
  public var values: [String: Double] = [:]
  /// Tokens that are kept or dropped by hand.
  public var forced = ForcedTokens()

  public init() {}

  /// The complete settings for a model. Default drop layers are those published for the model, or
  /// else the paper's, scaled to its depth.
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
    settings.forced = forced
    for parameter in SelectionMethod.declaredParameters {
      if let value = values[parameter.name] { settings[parameter] = value }
    }
    settings.windowTemperature = windowTemperature ?? family.windowTemperature
    return settings
  }
}
