import Foundation
import Runs
import Selection
import Sessions
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
      prompt: PromptSummary(modalities: modalities, windows: 10, tokensPerGrid: video / 20),
      media: Self.media(video: video, audio: audio, text: text))
    settings = SelectionSettings(defaultsForLayers: layers)
  }

  var plan: SelectionPlan { settings.plan(for: subject.promptShape) }

  /// The records of the first `count` steps.
  func records(_ count: Int) -> [StepRecord] {
    var app = App()
    _ = app.update(.message(.opened(subject, settings: settings, plan: plan)))
    var present = Array(subject.prompt.modalities.indices)
    return app.run.rows(at: .zero).prefix(count).map { row in
      let drop = drop(row, present)
      present = drop?.kept ?? present
      return record(row, drop)
    }
  }

  private func record(_ row: LedgerRow, _ drop: DropRecord?) -> StepRecord {
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
      attentionMilliseconds: layersRun > 0 && row.step != .head ? 0.6 * flops / 4.2e8 : 0,
      feedForwardMilliseconds: layersRun > 0 && row.step != .head ? 1.4 * flops / 4.2e8 : 0,
      selectionMilliseconds: row.mark == nil ? 0 : 1.25,
      keyValueBytes: bytes, referenceFlops: row.step == .encoders ? 0 : flops,
      executedFlops: 2 * flops,
      feedForwardFlops: layersRun > 0 && row.step != .head ? 1.5 * flops : 0, drop: drop)
  }

  /// Relevance that favours the middle of the clip.
  private func score(_ position: Int) -> Float {
    let middle = Float(subject.prompt.modalities.count) / 2
    let nearness: Float = 1 - abs(Float(position) - middle) / middle
    let noise = Float((position * 37) % 101 + 1)
    return (noise + 60 * nearness) / 40_000
  }

  /// The most relevant of each modality are kept, and at Stage I every so manieth.
  private func drop(_ row: LedgerRow, _ before: [Int]) -> DropRecord? {
    guard let kind = row.mark else { return nil }
    let modalities = subject.prompt.modalities
    let kept = Modality.allCases.flatMap { modality -> ArraySlice<Int> in
      let all = before.filter { modalities[$0] == modality }
      let order =
        kind == .prune
        ? all.sorted { (score($0), $1) > (score($1), $0) }
        : all.sorted { ($0 * 31 % 97, $0) < ($1 * 31 % 97, $1) }
      return order.prefix(row.leaving[modality])
    }.sorted()
    let isPrune = kind == .prune
    return DropRecord(
      kind: kind, path: isPrune ? .windows : .none, before: before, kept: kept,
      scores: isPrune ? before.map(score) : [], windows: isPrune ? windows(before, kept) : [])
  }

  private func windows(_ before: [Int], _ kept: [Int]) -> [WindowRecord] {
    let kept = Set(kept)
    let found = TemporalWindows(before.map { subject.prompt.modalities[$0] }).windows
    return found.enumerated().map { index, window in
      let budget = { (range: Range<Int>) in range.count { kept.contains(before[$0]) } }
      let mean = { (range: Range<Int>) in
        range.reduce(Float(0)) { $0 + score(before[$1]) } / Float(max(1, range.count))
      }
      let tilt = 0.02 * (Float(index) - Float(found.count - 1) / 2) / Float(found.count)
      return WindowRecord(
        videoWeight: 1 / Float(found.count) + tilt, audioWeight: 1 / Float(found.count) - tilt,
        videoRelevance: mean(window.video), audioRelevance: mean(window.audio),
        budget: budget(window.video) + budget(window.audio), videoBudget: budget(window.video),
        audioBudget: budget(window.audio), videoTokens: window.video.count,
        audioTokens: window.audio.count)
    }
  }

  /// Gradients with a light square that wanders, tones that rise, and text that wants to break out.
  private static func media(video: Int, audio: Int, text: Int) -> PromptMedia {
    let (grid, side) = (max(1, video / 20), 2)
    let columns = grid % 9 == 0 ? 9 : grid
    let rows = grid / columns
    var pixels = Data()
    let (width, height) = (columns * side, rows * side)
    for time in 0..<(video > 0 ? 20 : 0) {
      for y in 0..<height {
        for x in 0..<width {
          let isSquare: Bool = abs(x - time) < 3 && abs(y - rows) < 3
          let red = UInt8(x * 255 / width)
          let dark: [UInt8] = [red, UInt8(y * 8 % 256), 90]
          let light: [UInt8] = [250, 240, 210]
          pixels.append(contentsOf: isSquare ? light : dark)
        }
      }
    }
    var levels: [UInt8] = []
    for token in 0..<audio {
      let tone = token / 8 % 16
      for band in 0..<16 { levels.append(abs(band - tone) < 2 ? 230 : UInt8(20 + band)) }
    }
    let pieces = ["<|im_start|>", "user", "\n", "漢字", " the", "👍🏽", "\u{1b}[31m", " dog", "\u{7}"]
    return PromptMedia(
      video: VideoPictures(
        times: 20, rows: rows, columns: columns, secondsPerGrid: 1, side: side, pixels: pixels),
      audio: AudioLevels(tokens: audio, bands: 16, secondsPerToken: 0.04, levels: Data(levels)),
      text: (0..<text).map { pieces[$0 % pieces.count] })
  }

  func answer(_ text: String = "twice", ids: [Int] = [83, 12, 7]) -> AnswerRecord {
    AnswerRecord(
      text: text, tokenIDs: ids,
      topLogits: [
        .init(id: 83, text: text, logit: 17.5), .init(id: 4, text: "once", logit: 15.25),
        .init(id: 9, text: " thrice", logit: 12), .init(id: 21, text: "never", logit: 9.5),
        .init(id: 5, text: "barking", logit: -8.25),
      ], millisecondsPerToken: 41.5, isComplete: true)
  }

  var fullRun: FullRunRecord {
    let cost = ReferenceCost(subject.model.decoder)
    let layer = 2 * cost.layer(tokens: subject.prompt.counts.total) / 4.2e8
    let layers = subject.model.decoder.layers
    return FullRunRecord(
      answer: answer(), prefillMilliseconds: layer * Double(layers) + 2,
      layerMilliseconds: Array(repeating: layer, count: layers),
      attentionMilliseconds: Array(repeating: 0.4 * layer, count: layers),
      feedForwardMilliseconds: Array(repeating: 0.55 * layer, count: layers),
      keyValueBytes: subject.model.decoder.keyValueBytesPerToken * subject.prompt.counts.total
        * layers, executedFlops: 2 * cost.full(tokens: subject.prompt.counts.total))
  }

  /// A lens of the first layers: doubt, then another word, then the answer.
  func lens(layers count: Int, hasHeads: Bool = true) -> LensUpdate {
    let layers = subject.model.decoder.layers
    let records = (1...max(1, count)).map { layer -> LensRecord in
      let share = Double(layer) / Double(layers)
      let words = share < 0.3 ? "the" : share < 0.55 ? "once" : "twice"
      let probability = share < 0.3 ? 0.08 : 0.2 + 0.79 * share
      let heads = (0..<8).map { head -> ModalityShares in
        let video = head % 3 == 0 ? 0.6 * (1 - share) : 0.02 * (1 - share)
        let audio = head % 4 == 1 ? 0.8 * (1 - share) : 0.01
        return ModalityShares(text: 1 - video - audio, video: video, audio: audio)
      }
      return LensRecord(
        layer: layer,
        prediction: .init(
          best: [
            .init(id: 83, text: words, probability: probability),
            .init(id: 9, text: " thrice", probability: (1 - probability) / 2),
          ], entropy: 4 * (1 - share), divergence: count == layers ? 5 * (1 - share) : nil,
          cost: .init(milliseconds: 0.5, flops: 6e8)),
        attention: .init(heads, keepsHeads: hasHeads, .init(milliseconds: 0.01, flops: 4e6)))
    }
    return LensUpdate(choice: .auto, notes: [], records: records)
  }

  /// What the screen sends to put settings in force.
  func planned(_ settings: SelectionSettings) -> PlannedSettings {
    PlannedSettings(settings, for: subject.promptShape)
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

extension RunSubject {
  /// The same from elsewhere.
  func of(_ origin: RunOrigin?) -> RunSubject {
    RunSubject(model: model, clip: clip, prompt: prompt, media: media, origin: origin)
  }
}

extension Screen {
  /// The digit or letter that opens it.
  var digit: Character {
    let number = (Self.all.firstIndex(of: self) ?? 0) + 1
    if number > 9, case .character(let key)? = page.openingKeys.first { return key }
    return Character("\(number % 10)")
  }
}
