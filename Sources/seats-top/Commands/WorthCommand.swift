import ArgumentParser
import Evaluations
import Foundation
import OmniModel
import Reports
import Runs
import Selection
import Synchronization

/// `seats-top worth`: measures what each window of video and audio contributes to the answer.
struct WorthCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "worth",
    abstract: "Measure, per window, what leaving it out changes, and compare with its relevance.",
    discussion: """
      Leaves out each window of video or of audio from a decoder layer on, and reports the KL \
      divergence of the first answer token from the unmodified run, the answer, and the rank \
      correlation with what selection methods see of the windows. The unmodified run has full \
      tokens, or the plan of --method: there, windows that were dropped before have no effect.
      """)

  @OptionGroup var options: EvaluationOptions

  @Option(
    help: "First layer without the window, from 1 (default: the one after the first drop layer).")
  var fromLayer: Int?

  @Option(
    help: """
      Layers after which the relevance of the windows is computed, separated by commas or hyphens \
      (default: the drop layers).
      """, transform: LayerList.init)
  var relevanceLayers: LayerList?

  @Option(
    help: ArgumentHelp(
      "Leave out these tokens together instead of every window: video:1-32,audio:3.",
      valueName: "tokens"),
    transform: { try TokenListOption.tokens($0) })
  var span: TokenList?

  @Option(help: "Measure on the plan of this method (default: full tokens).")
  var method: SelectionMethod?

  @Option(help: "Nominal retention of --method in percent, 1 to 100.")
  var retention: Double?

  @OptionGroup var plan: PlanOptions

  @Option(help: "Output format: text, json, csv or markdown.")
  var format = TableFormat.text

  @Flag(help: "With several questions, also list correlations by kind of question.")
  var details = false

  func validate() throws {
    try OptionBounds.check(
      fromLayer.map(Double.init), in: 1...Double(LayerListText.mostLayers), "--from-layer",
      "a layer")
    try OptionBounds.check(
      retention, in: RetentionBudget.nominalPercents, "--retention", "a percentage")
    guard let method else {
      for (isGiven, option) in [
        (retention != nil, "--retention"), (plan.keep != nil, "--keep"),
        (plan.drop != nil, "--drop"),
      ] where isGiven {
        throw ValidationError("\(option) needs --method: full tokens have no plan to change.")
      }
      try plan.check(for: SelectionMethod.allCases)
      return
    }
    try plan.check(for: [method])
  }

  func run() throws {
    let thinker = try options.thinker()
    let request = try request(for: thinker)
    let evaluation = options.evaluation(thinker, try options.set(for: thinker))
    let progress = ProgressLine(.worth, total: evaluation.set.questionCount)
    let statement = CostStatement(progress, questions: evaluation.set.questionCount)
    let study = try WorthStudy.run(
      evaluation, request, threads: options.products.threadCount,
      skip: SkippedClips(progress).report, stated: statement.state, progress: progress.update)
    let table = WorthTable(study, details: details)
    try Console.emit(format.data(table.table, study))
    if format == .text { try Console.emit(Data(table.conclusion.utf8)) }
    try format.emit(
      Footnotes(study.notices, skipped: study.skipped, questions: study.rows.count))
    try SkippedClips.end(study.skipped)
  }

  private func request(for thinker: Thinker) throws -> WorthRequest {
    var selection = SelectionOptions()
    selection.method = method ?? selection.method
    selection.retention = retention ?? selection.retention
    plan.apply(to: &selection)
    let settings = selection.settings(for: thinker)
    let layers = thinker.configuration.text.layers
    var request = WorthRequest(settings, layers: layers)
    request.layer = try layer(fromLayer, "--from-layer", layers) ?? request.layer
    for layer in relevanceLayers?.layers ?? [] {
      _ = try self.layer(layer, "--relevance-layers", layers)
    }
    request.relevanceLayers = relevanceLayers?.layers ?? request.relevanceLayers
    request.plan = method == nil ? nil : settings
    request.span = span
    return request
  }

  /// Checks that the model has a layer.
  private func layer(_ layer: Int?, _ option: String, _ layers: Int) throws -> Int? {
    guard let layer, layer > layers else { return layer }
    throw ValidationError("\(option) takes layers from 1 to \(layers) of this model, not \(layer).")
  }
}

/// States the cost of a study on standard error before the first trial.
private final class CostStatement: Sendable {
  private let progress: ProgressLine
  private let questions: Int
  private let isStated = Mutex(false)

  init(_ progress: ProgressLine, questions: Int) {
    (self.progress, self.questions) = (progress, questions)
  }

  /// States the cost of the first question; later calls do nothing.
  @Sendable func state(_ cost: WorthCost) {
    let isFirst = isStated.withLock { isStated in
      defer { isStated = true }
      return !isStated
    }
    guard isFirst else { return }
    let whose = questions > 1 ? ", for the first of \(questions) questions" : ""
    progress.interrupt(saying: "seats-top: cost: \(WorthTable.text(cost))\(whose)")
  }
}
