import ArgumentParser
import Basics
import Foundation
import OmniModel
import Runs
import Selection
import Traces
import UserConfiguration

/// Options of every command that runs a model on one clip.
struct RunOptions: ParsableArguments {
  @Argument(
    help: "A clip directory or any media file (default: the first sample).",
    completion: .file())
  var clip: String?

  @Option(
    help: ArgumentHelp(
      "A conversation instead of a clip: a JSON file in the chat format of transformers, with text, "
        + "images, videos and audio in any order and number.", valueName: "file"),
    completion: .file(extensions: ["json"]))
  var messages: String?

  @OptionGroup var model: ModelOptions
  @OptionGroup var input: InputOptions

  @Option(help: "Question, instead of the clip's own.")
  var question: String?

  @Option(help: "Selection method (default: \(SelectionOptions().method.rawValue)).")
  var method: SelectionMethod?

  @Option(
    help: """
      Nominal retention in percent, 1 to 100: 15 keeps 10 % of video and 45 % of audio with \
      Qwen2.5-Omni, 12 % and 50 % with Qwen3-Omni (default: \(SelectionOptions().retention.formatted())).
      """
  )
  var retention: Double?

  @Option(help: "Retention ratio of video, 0 to 1, instead of that of --retention.")
  var videoRatio: Double?

  @Option(help: "Retention ratio of audio, 0 to 1, instead of that of --retention.")
  var audioRatio: Double?

  @OptionGroup var plan: PlanOptions

  @Option(
    name: .customLong("config-yaml"),
    help: "Settings of SEATS from a config.yaml of its implementation; other options override it.",
    completion: .file(extensions: ["yaml", "yml"]))
  var configuration: String?

  @OptionGroup var products: ComputeOptions

  @Option(help: "Maximum answer length in tokens, 1 to 100,000.")
  var maxNewTokens = 128

  @Option(
    help: """
      Memory for snapshots to step back to: 512M, 2G \
      (default: \(Prefill.standardSnapshotBytes >> 30)G).
      """)
  var snapshotMemory: ByteCount?

  @Flag(name: .customLong("ignore-eos"), help: "Ignore end-of-sequence tokens.")
  var ignoresEnd = false

  func validate() throws {
    try StandardStream.refuse(clip, as: "The clip")
    try StandardStream.refuse(messages, as: "--messages")
    guard messages == nil || (clip == nil && question == nil) else {
      throw ValidationError(
        "--messages is a complete conversation: leave out the clip and --question.")
    }
    try model.base.check(model: model.model, products)
    try StandardStream.refuse(configuration, as: "--config-yaml")
    try OptionBounds.check(
      retention, in: RetentionBudget.nominalPercents, "--retention", "a percentage")
    try OptionBounds.check(videoRatio, in: 0...1, "--video-ratio", "a fraction")
    try OptionBounds.check(audioRatio, in: 0...1, "--audio-ratio", "a fraction")
    try OptionBounds.check(Double(maxNewTokens), in: 1...100_000, "--max-new-tokens", "a count")
  }

  /// The request of these options; without a clip it uses the first sample.
  /// - Parameter configuration: values for options that are not given.
  func request(_ configuration: Configuration = Configuration()) throws -> RunRequest {
    let share = ShareDirectory()
    var options = SelectionOptions()
    if let file = self.configuration { options.take(try SeatsConfiguration(file: file)) }
    options.method = method ?? configuration.method ?? options.method
    options.retention = retention ?? configuration.retention ?? options.retention
    (options.videoRatio, options.audioRatio) = (videoRatio, audioRatio)
    plan.apply(to: &options)
    try plan.check(for: [options.method])
    var request = RunRequest(
      model: try model.source(
        share, standard: configuration.model, standardBase: configuration.base),
      clip: try messages ?? clip ?? configuration.clip ?? share.firstClip(),
      question: question, options: options, maxNewTokens: maxNewTokens, ignoresEnd: ignoresEnd,
      threads: products.threads, compute: products.compute)
    request.messages = messages
    request.input = try input.layers(standard: configuration.input)
    request.cache = products.cache
    request.memory = products.bound ?? configuration.memory.map { .process($0) }
    if let snapshotMemory { request.snapshotBytes = snapshotMemory.bytes }
    return request
  }
}

extension RunOptions {
  /// All input files of a run.
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
  /// Adds a messages file and its media as inputs. An invalid file is reported later, when it is
  /// read.
  mutating func reads(messages path: String?) {
    guard let path else { return }
    reads(path, as: "--messages")
    guard let file = try? MessagesFile(path) else { return }
    for part in file.media { reads(part.path, as: part.place) }
  }
}

extension SelectionMethod: ExpressibleByArgument {}

/// A list of layers: `16-18-20`, `16,18,20` or `none`.
struct LayerList {
  let layers: [Int]

  /// Parses a list of layers.
  /// - Throws: `ValidationError`.
  init(_ argument: String) throws {
    do {
      layers = try LayerListText.layers(argument)
    } catch .emptyEntry(let place) {
      throw ValidationError("entry \(place) is empty: write 16-18-20, 16,18,20 or none.")
    } catch .unknownEntry(let entry) {
      throw ValidationError("\(entry) is not a layer: write 16-18-20, 16,18,20 or none.")
    }
  }
}

/// A layer number, or `none`.
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

/// A number of bytes, with an optional suffix for powers of 1024: `0`, `512M`, `2G`.
struct ByteCount: ExpressibleByArgument {
  let bytes: Int

  init?(argument: String) {
    guard let bytes = ByteCountText.bytes(argument) else { return nil }
    self.bytes = bytes
  }
}
