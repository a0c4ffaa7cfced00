import ArgumentParser
import Basics
import Evaluations
import Foundation
import Media
import OmniModel
import Reports
import Runs

/// Options of commands that answer a set of questions.
struct EvaluationOptions: ParsableArguments {
  @OptionGroup var input: InputOptions

  @Argument(help: "Clips with their own questions (default: the benchmark).")
  var clips: [String] = []

  @Option(help: "Benchmark file, JSON Lines of scenes (default: the one in samples).")
  var benchmark: String?

  @Option(
    help: ArgumentHelp(
      "Questions about media files: JSON Lines (id, media, question, choices, answer), or the file of "
        + "a published benchmark.", valueName: "file"),
    completion: .file(extensions: ["jsonl", "json", "tsv"]))
  var tasks: String?

  @Option(
    help: ArgumentHelp(
      "A conversation whose last turn is the question: a JSON file in the chat format of "
        + "transformers.", valueName: "file"),
    completion: .file(extensions: ["json"]))
  var messages: String?

  @Option(
    help: ArgumentHelp(
      "Base directory of the clips of --tasks (default: the folder of the file).",
      valueName: "dir"),
    completion: .directory)
  var mediaRoot: String?

  @Option(help: "Instruction appended after the choices, unless --suffix is given.")
  var instruction = InputPreset.choiceInstruction

  @Option(help: "Model directory or downloaded repository (default: the embedded model).")
  var model: String?

  @OptionGroup var base: BaseOption

  @Option(help: "Evaluate at most N clips, spread evenly over all, from 1 (default: all).")
  var limit: Int?

  @Option(help: "Maximum answer length in tokens, from 1.")
  var maxNewTokens = 64

  @OptionGroup var products: ComputeOptions

  func validate() throws {
    try StandardStream.refuse(clips, as: "A clip")
    try StandardStream.refuse(benchmark, as: "--benchmark")
    try StandardStream.refuse(tasks, as: "--tasks")
    try StandardStream.refuse(messages, as: "--messages")
    try StandardStream.refuse(model, as: "--model")
    try base.check(model: model, products)
    try OptionBounds.check(limit.map(Double.init), in: 1...1e9, "--limit", "a count")
    try OptionBounds.check(Double(maxNewTokens), in: 1...100_000, "--max-new-tokens", "a count")
    let sources = [!clips.isEmpty, benchmark != nil, tasks != nil, messages != nil]
    guard sources.count(where: { $0 }) <= 1 else {
      throw ValidationError("Give one of clips, --benchmark, --tasks and --messages.")
    }
    guard mediaRoot == nil || tasks != nil else {
      throw ValidationError("--media-root requires --tasks.")
    }
  }

  /// Loads the model.
  /// - Parameter compute: precision to use instead of that of `--compute`.
  func thinker(_ compute: ComputeChoice? = nil) throws -> Thinker {
    try Thinker(
      base.source(model, ShareDirectory()), compute: compute ?? products.compute,
      cache: products.cache, memory: products.bound,
      onEvent: Console.report)
  }

  func set(for thinker: Thinker) throws -> EvaluationSet {
    let layers = try input.layers()
    let set =
      if let tasks {
        try EvaluationSet(
          tasks: try TaskFile(tasks, mediaRoot: mediaRoot), input: layers, for: thinker,
          instruction: instruction)
      } else if let messages {
        try EvaluationSet(messages: messages, input: layers, for: thinker)
      } else if clips.isEmpty {
        try EvaluationSet(
          benchmark: try benchmark ?? ShareDirectory().benchmark(),
          settings: try layers.inForce(InputSettings(), for: thinker.configuration.family),
          for: thinker.configuration.family)
      } else {
        EvaluationSet(clips: distinctClips, input: layers, for: thinker)
      }
    return limit.map { set.spread(over: $0) } ?? set
  }

  /// Paths of the clips; a clip given twice, in any spelling of its path, counts once.
  private var distinctClips: [String] {
    var seen: Set<String> = []
    var repeated: [String] = []
    let distinct = clips.filter { clip in
      let isNew = seen.insert(
        URL(filePath: clip).resolvingSymlinksInPath().standardizedFileURL.path
      ).inserted
      if !isNew { repeated.append(clip) }
      return isNew
    }
    ListOption.report(repeated, of: "The list of clips")
    return distinct
  }

  /// All input files of the command, with those of the model if `withModel` is true.
  func files(withModel: Bool = true) throws -> FileUse {
    var use = FileUse()
    if withModel {
      use.reads(try model.map(ModelOptions.directory), as: "--model")
      use.reads(base.base, as: "--base")
    }
    use.reads(benchmark, as: "--benchmark")
    use.reads(tasks, as: "--tasks")
    use.reads(messages: messages)
    for clip in clips { use.reads(clip, as: "the clip") }
    let media = try tasks.map { try TaskFile($0, mediaRoot: mediaRoot).tasks.map(\.media) }
    for media in Set(media ?? []) {
      use.reads(media, as: "--tasks")
    }
    return use
  }

  /// An evaluation of the model on a set of questions.
  func evaluation(_ thinker: Thinker, _ set: EvaluationSet) -> Evaluation {
    Evaluation(thinker, set, longestAnswer: maxNewTokens, describe: ErrorMessage.describing)
  }
}

enum TableFormat: String, ExpressibleByArgument, CaseIterable {
  case text, json, csv, markdown

  /// The table in this output format; for JSON, `value` is written instead.
  func data(_ table: PlainTable, _ value: some Encodable) throws -> Data {
    switch self {
    case .text: Data(table.rendered(.text).utf8)
    case .csv: Data(table.rendered(.csv).utf8)
    case .markdown: Data(table.rendered(.markdown).utf8)
    case .json: try JSONEncoder.pretty(value)
    }
  }
}

extension JSONEncoder {
  /// The value as JSON for standard output, with control characters escaped and a line feed at the
  /// end.
  static func pretty(_ value: some Encodable) throws -> Data {
    try pretty.encode(value).escapedJSON + Data("\n".utf8)
  }

  private static var pretty: JSONEncoder {
    let encoder = JSONEncoder()
    encoder.keyEncodingStrategy = .convertToSnakeCase
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    return encoder
  }
}
