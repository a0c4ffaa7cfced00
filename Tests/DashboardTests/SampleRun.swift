import Profiling
import Selection
import Terminal

@testable import Dashboard

/// A made-up run of a plausible model, step by step; the same numbers every time.
struct SampleRun {
  let subject: RunSubject
  let settings: SelectionSettings

  init(
    layers: Int = 28, video: Int = 1440, audio: Int = 500, text: Int = 64,
    title: String = "A dog barks twice", question: String = "How often does the dog bark?"
  ) {
    let modalities =
      Array(repeating: Modality.text, count: text / 2)
      + (0..<10).flatMap { _ in
        Array(repeating: Modality.video, count: video / 10)
          + Array(repeating: Modality.audio, count: audio / 10)
      } + Array(repeating: Modality.text, count: text - text / 2)
    subject = RunSubject(
      model: ModelSummary(
        name: "qwen2.5-omni-3b", architecture: "Qwen2_5OmniThinkerForConditionalGeneration",
        decoder: DecoderShape(
          layers: layers, hidden: 2048, keyValueWidth: 256, intermediate: 11_008,
          vocabulary: 151_936),
        dtype: "bfloat16", parameters: 4_700_000_000),
      clip: ClipSummary(
        title: title, source: "samples/dog", seconds: 20, frames: 40, question: question,
        choices: ["once", "twice", "three times"], answer: "twice",
        audit: [
          AuditEntry("frames", "40 at 2 fps, 224×280"),
          AuditEntry("audio", "cut to 20.0 s of 31.4 s", isWarning: true),
        ]),
      prompt: PromptSummary(modalities: modalities, windows: 10, tokensPerGrid: video / 20))
    settings = SelectionSettings(defaultsForLayers: layers)
  }

  var plan: SelectionPlan { settings.plan(for: subject.promptShape) }

  /// The records of the first `count` steps.
  func records(_ count: Int) -> [StepRecord] {
    var app = App()
    _ = app.update(.message(.opened(subject, settings: settings, plan: plan)))
    return app.run.rows(at: .zero).prefix(count).map(record)
  }

  private func record(_ row: LedgerRow) -> StepRecord {
    let cost = ReferenceCost(subject.model.decoder)
    var (flops, layersRun) = (0.0, 0)
    switch row.step {
    case .encoders: flops = 2.4e12
    case .stage1: break
    case .layer(let layer): (flops, layersRun) = (cost.layer(tokens: row.entering.total), layer)
    case .head: (flops, layersRun) = (cost.head(tokens: 1), subject.model.decoder.layers)
    }
    let bytes = subject.model.decoder.keyValueBytesPerToken * row.leaving.total * layersRun
    return StepRecord(
      step: row.step, entering: row.entering, leaving: row.leaving,
      milliseconds: row.step == .stage1 ? 0.4 : 2 * flops / 4.2e8 + 0.31,
      selectionMilliseconds: row.mark == nil ? 0 : 1.25,
      keyValueBytes: bytes, referenceFlops: row.step == .encoders ? 0 : flops,
      executedFlops: 2 * flops, drop: drop(row))
  }

  private func drop(_ row: LedgerRow) -> DropRecord? {
    guard let kind = row.mark else { return nil }
    let before = Array(0..<row.entering.total)
    let kept = Array(before.prefix(row.leaving.total))
    let scores = kind == .prune ? before.map { Float(($0 * 37) % 101 + 1) / 40_000 } : []
    let windows = kind == .prune ? (0..<10).map { window($0, row) } : []
    return DropRecord(
      kind: kind, path: kind == .prune ? .windows : .none, before: before, kept: kept,
      scores: scores, windows: windows)
  }

  private func window(_ index: Int, _ row: LedgerRow) -> WindowRecord {
    let (video, audio) = (row.leaving.video / 10, row.leaving.audio / 10)
    return WindowRecord(
      videoWeight: 0.08 + Float(index) * 0.004, audioWeight: 0.12 - Float(index) * 0.004,
      videoRelevance: 0.0004 * Float(index + 1), audioRelevance: 0.001, budget: video + audio,
      videoBudget: video, audioBudget: audio, videoTokens: row.entering.video / 10,
      audioTokens: row.entering.audio / 10)
  }

  func answer(_ text: String = "twice", ids: [Int] = [83, 12, 7]) -> AnswerRecord {
    AnswerRecord(
      text: text, tokenIDs: ids,
      topLogits: [
        .init(id: 83, text: text, logit: 17.5), .init(id: 4, text: "once", logit: 15.25),
      ], millisecondsPerToken: 41.5, isComplete: true)
  }

  var fullRun: FullRunRecord {
    let cost = ReferenceCost(subject.model.decoder)
    let layer = 2 * cost.layer(tokens: subject.prompt.counts.total) / 4.2e8
    let layers = subject.model.decoder.layers
    return FullRunRecord(
      answer: answer(), prefillMilliseconds: layer * Double(layers) + 2,
      layerMilliseconds: Array(repeating: layer, count: layers),
      keyValueBytes: subject.model.decoder.keyValueBytesPerToken * subject.prompt.counts.total
        * layers, executedFlops: 2 * cost.full(tokens: subject.prompt.counts.total))
  }

  /// The app after `steps` steps, paused.
  func app(after steps: Int, options: App.Options = .init()) -> App {
    var app = App(options: options)
    _ = app.update(.message(.opened(subject, settings: settings, plan: plan)))
    for record in records(steps) { _ = app.update(.message(.advanced(record))) }
    return app
  }

  /// The app after everything: the run, its answer and the reference run.
  var finished: App {
    var app = app(after: subject.model.decoder.layers + 3)
    _ = app.update(.message(.answered(answer())))
    _ = app.update(.message(.fullRun(fullRun)))
    return app
  }
}
