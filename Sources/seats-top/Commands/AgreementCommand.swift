import ArgumentParser
import Evaluations
import Foundation
import OmniModel
import Reports
import Runs
import Selection

/// `seats-top agreement`: compares answers and kept tokens in two precisions.
struct AgreementCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "agreement",
    abstract: "Compare answers and survivors of two precisions on the same questions.",
    discussion: """
      --compute is the precision compared with f32 (default: bf16). Full tokens always run; \
      survivors are compared per modality.
      """)

  @OptionGroup var options: EvaluationOptions

  @Option(help: "Retention ratios of SEATS in percent, 1 to 100, separated by commas.")
  var retentions = "15"

  @Option(
    help: ArgumentHelp(
      "With --engine: the model directory that this program runs in f32, to compare the engine with.",
      valueName: "dir"), completion: .directory)
  var reference: String?

  @Option(help: "Output format: text, json, csv or markdown.")
  var format = TableFormat.text

  private var percents: ListText<Double> {
    get throws { try ListOption.percents(retentions, of: "--retentions") }
  }

  func validate() throws {
    guard (reference == nil) == (options.base.engine == nil) else {
      throw ValidationError("--engine and --reference require each other.")
    }
    _ = try percents
    guard options.products.compute != .f32 else {
      throw ValidationError("--compute f32 is the reference itself: use bf16, int8 or auto.")
    }
  }

  func run() throws {
    let reference = try referenceEvaluation()
    let other = try evaluation(options.products.compute == .auto ? .bf16 : options.products.compute)
    let points = try points(reference.thinker)
    let progress = ProgressLine(.agreement, total: 2 * points.count * other.set.questionCount)
    let agreement = try PrecisionAgreement.run(
      reference: reference, other, points, threads: options.products.threadCount,
      skip: SkippedClips(progress).report, progress: progress.update)
    try format.emit(
      Self.table(agreement), agreement,
      Footnotes(
        agreement.notices, skipped: agreement.skipped, questions: agreement.questions))
    try SkippedClips.end(agreement.skipped)
  }

  /// Of this program's engine in f32.
  private func referenceEvaluation() throws -> Evaluation {
    guard let reference else { return try evaluation(.f32) }
    let thinker = try Thinker(
      directory: ModelOptions.directory(reference), compute: .f32, cache: options.products.cache,
      onEvent: Console.report)
    return options.evaluation(thinker, try options.set(for: thinker))
  }

  private func evaluation(_ compute: ComputeChoice) throws -> Evaluation {
    let thinker = try options.thinker(compute)
    return options.evaluation(thinker, try options.set(for: thinker))
  }

  private func points(_ thinker: Thinker) throws -> [SweepPoint] {
    let percents = try percents
    ListOption.report(percents, of: "--retentions")
    let seats = percents.entries.map { percent in
      var request = SelectionOptions()
      request.retention = percent
      return SweepPoint(
        label: SelectionMethod.seats.rawValue, retention: percent,
        settings: request.settings(for: thinker))
    }
    return seats.prefix(1).map { .full($0.settings) } + seats
  }

  private static func table(_ agreement: PrecisionAgreement) -> PlainTable {
    func percent(_ accuracy: Accuracy?) -> String {
      accuracy.map { String(format: "%.1f ± %.1f", $0.share * 100, $0.standardError * 100) } ?? ""
    }
    let columns: [PlainColumn<PrecisionAgreement.Row>] = [
      .init("method") { $0.method }, .init("R") { $0.retention.formatted() },
      .init("questions") { _ in "\(agreement.questions)" },
      .init("\(agreement.referenceCompute) right %") { percent($0.referenceAccuracy) },
      .init("\(agreement.compute) right %") { percent($0.accuracy) },
      .init("same %", "%.1f") { $0.sameAnswers * 100 }, .init("KL", "%.5f") { $0.divergence },
      .init("video in", "%.3f") { $0.entering.video },
      .init("audio in", "%.3f") { $0.entering.audio },
      .init("video left", "%.3f") { $0.chosen.video },
      .init("audio left", "%.3f") { $0.chosen.audio },
    ]
    return PlainTable(columns, rows: agreement.rows)
  }
}
