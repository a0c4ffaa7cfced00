import ArgumentParser
import Foundation
import OmniModel
import Profiling
import Selection
import UserConfiguration

/// Options every command that runs a model understands.
struct RunOptions: ParsableArguments {
  @Argument(
    help: "A clip directory or any media file; the first sample when left out.",
    completion: .file())
  var clip: String?

  @Option(
    help: ArgumentHelp(
      "A conversation instead of a clip: a JSON file in the chat format of transformers, with text, "
        + "images, videos and sounds in any order and number.", valueName: "file"),
    completion: .file(extensions: ["json"]))
  var messages: String?

  @OptionGroup var model: ModelOptions
  @OptionGroup var input: InputOptions

  @Option(help: "Ask this instead of the clip's own question.")
  var question: String?

  @Option(help: "How tokens are chosen (default: seats).")
  var method: SelectionMethod?

  @Option(
    help: """
      Budget by its published name, 1 to 100: 15 keeps 10 % of video and 45 % of audio with \
      Qwen2.5-Omni, 12 % and 50 % with Qwen3-Omni (default: 15).
      """
  )
  var retention: Double?

  @Option(help: "Video retention as a fraction, instead of what --retention implies.")
  var videoRatio: Double?

  @Option(help: "Audio retention as a fraction, instead of what --retention implies.")
  var audioRatio: Double?

  @Option(help: "Lambda: Stage I lets in this many times the target retention (default: 1.4).")
  var encoderScale: Double?

  @Option(
    help: "Layers after which tokens are dropped: 16-18-20, or none.", transform: LayerList.init)
  var dropLayers: LayerList?

  @Option(help: "First layer that sees text only, or none.")
  var lateLayer: LateLayer?

  @Option(help: "Temporal grids per video window (default: 2).")
  var gridsPerWindow: Int?

  @Option(help: "Seconds per audio window (default: 2).")
  var audioWindowSeconds: Int?

  @Option(
    help: """
      Tau of the softmax that weighs windows (default: \(FamilyHelp.windowTemperatures)).
      """)
  var windowTemperature: Float?

  @Option(help: "Seed of methods that drop at random; the prompt is the other half (default: 0).")
  var seed: UInt64?

  @Option(
    name: .customLong("set"),
    help: ArgumentHelp(
      "A parameter of the method that has no option of its own: "
        + SelectionMethod.declaredParameters.map(\.described).joined(separator: "; ") + ".",
      valueName: "name=value"))
  var parameters: [ParameterValue] = []

  @Option(
    name: .customLong("config-yaml"),
    help: "Settings of SEATS from its own implementation's config.yaml; other options win over it.",
    completion: .file(extensions: ["yaml", "yml"]))
  var configuration: String?

  @Option(help: "Threads for matrix products; all cores when left out.")
  var threads: Int?

  @Option(help: "What products are computed in: bf16, f32, int8, or auto, which suits the model.")
  var compute = ComputeChoice.auto

  @Flag(
    name: .customLong("no-cache"),
    help: "Pack bfloat16 weights anew and keep nothing, instead of in seats-top cache.")
  var bypassesCache = false

  @Option(help: "Longest answer, in tokens.")
  var maxNewTokens = 128

  @Option(help: "Memory for going back without computing again: 512M, 2G (default: 1G).")
  var snapshotMemory: ByteCount?

  @Flag(name: .customLong("ignore-eos"), help: "Go on past the tokens that end an answer.")
  var ignoresEnd = false

  func validate() throws {
    try StandardStream.refuse(clip, as: "The clip")
    try StandardStream.refuse(messages, as: "--messages")
    guard messages == nil || (clip == nil && question == nil) else {
      throw ValidationError(
        "--messages holds the whole conversation: leave out the clip and --question.")
    }
    try StandardStream.refuse(configuration, as: "--config-yaml")
    try require(
      retention, in: RetentionBudget.nominalPercents, "--retention", "a percentage")
    try require(videoRatio, in: 0...1, "--video-ratio", "a fraction")
    try require(audioRatio, in: 0...1, "--audio-ratio", "a fraction")
    try require(encoderScale, .encoderScale, "a factor")
    try require(gridsPerWindow.map(Double.init), .gridsPerWindow, "a count")
    try require(audioWindowSeconds.map(Double.init), .audioWindowSeconds, "a length")
    try require(windowTemperature.map(Double.init), .windowTemperature, "a temperature")
    try require(threads.map(Double.init), in: 1...1024, "--threads", "a count")
    try require(Double(maxNewTokens), in: 1...100_000, "--max-new-tokens", "a count")
  }

  private func require(
    _ value: Double?, _ parameter: SelectionParameter, _ kind: String
  ) throws {
    try require(value, in: parameter.range, "--\(parameter.name)", kind)
  }

  private func require(
    _ value: Double?, in range: ClosedRange<Double>, _ option: String, _ kind: String
  ) throws {
    guard let value, !range.contains(value) else { return }
    let least =
      range.lowerBound > 0 && range.lowerBound < 0.001
      ? "just above 0" : range.lowerBound.formatted()
    let bounds = "\(least) to \(range.upperBound.formatted())"
    throw ValidationError("\(option) takes \(kind) from \(bounds), not \(value.formatted()).")
  }

  /// The request these options make, samples filled in.
  /// - Parameter configuration: stands in for options that were not given.
  func request(_ configuration: Configuration = Configuration()) throws -> RunRequest {
    let share = ShareDirectory()
    var options = SelectionOptions()
    if let file = self.configuration { options.take(try SeatsConfiguration(file: file)) }
    options.method = method ?? configuration.method ?? options.method
    options.retention = retention ?? configuration.retention ?? options.retention
    (options.videoRatio, options.audioRatio) = (videoRatio, audioRatio)
    options.encoderScale = encoderScale ?? options.encoderScale
    options.dropLayers = dropLayers?.layers ?? options.dropLayers
    // `none` is a choice: ?? would look through it.
    if let lateLayer { options.lateLayer = .some(lateLayer.layer) }
    options.gridsPerWindow = gridsPerWindow ?? options.gridsPerWindow
    options.audioWindowSeconds = audioWindowSeconds ?? options.audioWindowSeconds
    options.windowTemperature = windowTemperature ?? options.windowTemperature
    options.seed = seed ?? options.seed
    for setting in parameters {
      guard options.method.parameters.contains(setting.parameter) else {
        throw ValidationError(
          "--set \(setting.parameter.name): \(options.method.rawValue) has no such parameter.")
      }
      options.values[setting.parameter.name] = setting.value
    }
    var request = RunRequest(
      model: try model.source(
        share, standard: configuration.model, standardBase: configuration.base),
      clip: try messages ?? clip ?? configuration.clip ?? share.firstClip(),
      question: question, options: options, maxNewTokens: maxNewTokens, ignoresEnd: ignoresEnd,
      threads: threads, compute: compute)
    request.messages = messages
    request.input = try input.layers(standard: configuration.input)
    request.cache = bypassesCache ? nil : PackedCache()
    if let snapshotMemory { request.snapshotBytes = snapshotMemory.bytes }
    return request
  }
}

extension RunOptions {
  /// Everything that a run reads.
  func files(_ request: RunRequest) -> FileUse {
    var use = FileUse()
    if case .directory(let directory, let base) = request.model {
      use.reads(directory, as: "--model")
      use.reads(base, as: "--base")
    }
    if messages == nil { use.reads(request.clip, as: "the clip") }
    use.reads(messages: messages)
    use.reads(configuration, as: "--config-yaml")
    return use
  }
}

extension FileUse {
  /// A messages file and the media that it names; a file that is none is refused where it is read.
  mutating func reads(messages path: String?) {
    guard let path else { return }
    reads(path, as: "--messages")
    guard let file = try? MessagesFile(path) else { return }
    for part in file.media { reads(part.path, as: part.place) }
  }
}

extension SelectionMethod: ExpressibleByArgument {}

extension SelectionParameter {
  /// `anchors, share of tokens that become anchors (0 to 1, default 0.05)`.
  fileprivate var described: String {
    let bounds = "\(range.lowerBound.formatted()) to \(range.upperBound.formatted())"
    return "\(name), \(help) (\(bounds), default \(standard?.formatted() ?? "of the model"))"
  }
}

/// `anchors=0.1`: a parameter that a method declares, and a value within its range.
struct ParameterValue: ExpressibleByArgument {
  let parameter: SelectionParameter
  let value: Double

  init?(argument: String) {
    let parts = argument.split(separator: "=", maxSplits: 1).map(String.init)
    guard parts.count == 2, let value = Double(parts[1]),
      let parameter = SelectionMethod.declaredParameters.first(where: { $0.name == parts[0] }),
      parameter.accepts(value)
    else { return nil }
    (self.parameter, self.value) = (parameter, value)
  }
}
extension ComputeChoice: ExpressibleByArgument {}

/// `16-18-20`, `16,18,20` or `none`.
struct LayerList {
  let layers: [Int]

  /// - Throws: `ValidationError`.
  init(_ argument: String) throws {
    do {
      layers = try LayerListText.layers(argument)
    } catch .emptyEntry(let place) {
      throw ValidationError("entry \(place) is empty: write 16-18-20, 16,18,20 or none.")
    } catch .unknownEntry(let entry) {
      throw ValidationError("\(entry) is no layer: write 16-18-20, 16,18,20 or none.")
    }
  }
}

/// A layer, or `none`.
struct LateLayer: ExpressibleByArgument {
  let layer: Int?

  init?(argument: String) {
    if argument == "none" {
      layer = nil
      return
    }
    guard let number = Int(argument), number > 0, number < 100_000 else { return nil }
    layer = number
  }
}

/// `0`, `512M`, `2G`: bytes, in powers of 1024.
struct ByteCount: ExpressibleByArgument {
  let bytes: Int

  init?(argument: String) {
    let units: [Character: Int] = ["K": 10, "M": 20, "G": 30, "T": 40]
    var digits = argument.uppercased()[...]
    if digits.hasSuffix("B") { digits = digits.dropLast() }
    if digits.hasSuffix("I") { digits = digits.dropLast() }
    let shift = digits.last.flatMap { units[$0] }
    if shift != nil { digits = digits.dropLast() }
    guard let number = Int(digits), (0...1 << 60).contains(number),
      number <= 1 << (60 - (shift ?? 0))
    else { return nil }
    bytes = number << (shift ?? 0)
  }
}
