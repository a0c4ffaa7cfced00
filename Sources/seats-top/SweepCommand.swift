import ArgumentParser
import Foundation
import OmniModel
import Profiling
import Selection

/// Options of commands that put a benchmark to a model.
struct ExamOptions: ParsableArguments {
  @Option(help: "Benchmark file (JSON Lines of scenes); the one among the samples when left out.")
  var benchmark: String?

  @Option(help: "Model directory; the embedded model when left out.")
  var model: String?

  @Option(help: "Use at most so many clips.")
  var limit: Int?

  @Option(help: "Clips worked on at a time; all cores when left out.")
  var threads: Int?

  func validate() throws {
    if let limit, limit < 1 { throw ValidationError("--limit takes a count from 1, not \(limit).") }
    if let threads, !(1...1024).contains(threads) {
      throw ValidationError("--threads takes a count from 1 to 1024, not \(threads).")
    }
  }

  func exam() throws -> Exam {
    let share = ShareDirectory()
    return try Exam(
      model: try model ?? share.embeddedModel(), benchmark: try benchmark ?? share.benchmark(),
      limit: limit)
  }

  var threadCount: Int { threads ?? ProcessInfo.processInfo.activeProcessorCount }
}

/// `seats-top sweep`: methods × budgets over a benchmark.
struct SweepCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "sweep", abstract: "Measure methods and budgets on a benchmark.")

  @OptionGroup var options: ExamOptions

  @Option(help: "Methods, separated by commas; seats-nolate is SEATS without late removal.")
  var methods = "full,seats"

  @Option(help: "Retentions in percent, separated by commas.")
  var retentions = "35,25,15,10"

  @Option(help: "Layers after which tokens are dropped: 16-18-20, or none.")
  var dropLayers: LayerList?

  @Option(help: "First layer that sees text only, or none.")
  var lateLayer: LateLayer?

  @Option(help: "text or json.")
  var format = SweepFormat.text

  @Option(help: "Also write every answer to this file, as JSON Lines.")
  var answers: String?

  func validate() throws {
    for name in names where name != "seats-nolate" && SelectionMethod(rawValue: name) == nil {
      throw ValidationError("--methods knows no method \(name).")
    }
    guard !percents.isEmpty, percents.allSatisfy({ (0...100).contains($0) }) else {
      throw ValidationError("--retentions takes percentages separated by commas: 35,25,15,10.")
    }
  }

  private var names: [String] { methods.split(separator: ",").map(String.init) }
  private var percents: [Double] {
    let parts = retentions.split(separator: ",")
    let numbers = parts.compactMap { Double($0) }
    return numbers.count == parts.count ? numbers : []
  }

  func run() throws {
    let sweep = MethodSweep(try options.exam())
    var points: [MethodSweep.Point] = []
    var lines: [Data] = []
    for name in names {
      for percent in name == "full" ? [100] : percents {
        let result = try sweep.point(
          settings(name, percent, sweep.exam.thinker),
          retention: percent, label: name, threads: options.threadCount,
          progress: Progress.printer("\(name) \(percent.formatted())", sweep.exam.questionCount))
        points.append(result.point)
        lines += try result.answers.map { try AnswerLine(name, percent, $0).json() }
        if format == .text { try Console.emit(Data(SweepTable.row(result.point).utf8)) }
      }
    }
    if format == .json { try Console.emit(try JSONEncoder.pretty.encode(points) + Data("\n".utf8)) }
    if format == .text, let first = points.first {
      try Console.emit(Data(SweepTable.details(first).utf8))
    }
    if let answers { try FileOutput.write(lines.reduce(Data(), +), to: answers) }
  }

  private func settings(_ name: String, _ percent: Double, _ thinker: Thinker) -> SelectionSettings
  {
    var request = SelectionOptions()
    request.retention = percent
    request.method = SelectionMethod(rawValue: name) ?? .seats
    request.dropLayers = dropLayers?.layers
    request.lateLayer = lateLayer.map(\.layer)
    var settings = request.settings(for: thinker)
    if name == "seats-nolate" { settings.lateLayer = nil }
    return settings
  }
}

/// `seats-top analyze`: the layer-dependency curve.
struct AnalyzeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "analyze",
    abstract: "Measure where a model stops needing video and audio, layer by layer.")

  @OptionGroup var options: ExamOptions

  @Option(help: "text or json.")
  var format = SweepFormat.text

  func run() throws {
    let exam = try options.exam()
    let curve = try DependencyCurve(
      exam, threads: options.threadCount,
      progress: Progress.printer("questions", exam.questionCount))
    switch format {
    case .json: try Console.emit(try JSONEncoder.pretty.encode(curve) + Data("\n".utf8))
    case .text: try Console.emit(Data(SweepTable.curve(curve).utf8))
    }
  }
}

enum SweepFormat: String, ExpressibleByArgument, CaseIterable {
  case text, json
}

/// A counter on stderr, where it is a terminal.
enum Progress {
  static func printer(_ label: String, _ total: Int) -> @Sendable (Int) -> Void {
    guard isatty(STDERR_FILENO) == 1 else { return { _ in } }
    return { done in
      let end = done >= total ? "\r\u{1B}[K" : ""
      let line = "\r\(label): \(done) of \(total)\(end)"
      try? FileHandle.standardError.write(contentsOf: Data(line.utf8))
    }
  }
}

/// One answer as a JSON line: five best first tokens included.
private struct AnswerLine: Encodable {
  struct Logit: Encodable {
    let id: Int
    let logit: Float
  }

  let method: String
  let retention: Double
  let id, text: String
  let isRight: Bool
  let topLogits: [Logit]

  init(_ method: String, _ retention: Double, _ answer: ExamAnswer) {
    (self.method, self.retention) = (method, retention)
    (id, text, isRight) = (answer.id, answer.text, answer.isRight)
    let logits = answer.firstLogits
    let best = logits.indices.sorted { (logits[$0], $1) > (logits[$1], $0) }.prefix(5)
    topLogits = best.map { Logit(id: $0, logit: logits[$0]) }
  }

  func json() throws -> Data {
    let encoder = JSONEncoder()
    encoder.keyEncodingStrategy = .convertToSnakeCase
    encoder.outputFormatting = .sortedKeys
    return try encoder.encode(self) + Data("\n".utf8)
  }
}

extension JSONEncoder {
  static var pretty: JSONEncoder {
    let encoder = JSONEncoder()
    encoder.keyEncodingStrategy = .convertToSnakeCase
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
    return encoder
  }
}
