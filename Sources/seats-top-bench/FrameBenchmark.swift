import Basics
import Dashboard
import Foundation
import Runs
import Selection
import Tensors
import Terminal

/// Measures the rendering time of each screen at 200 × 60 cells, for a completed run with a prompt
/// of ten thousand tokens.
struct FrameBenchmark {
  private let size = Size(width: 200, height: 60)
  private let run: LargeRun

  init() {
    run = LargeRun()
  }

  func measure() {
    for (name, keys, step) in [
      ("layers", "1", "k"), ("windows", "2", ","), ("tokens", "3", ","),
      ("tokens, relevance", "3r", ","), ("tokens, smallest", "3z", ","), ("timing", "4", "k"),
      ("compare", "c5", "j"), ("dependency", "6", "j"), ("sweep", "7", "j"), ("input", "8", "j"),
      ("log", "9", "k"), ("help", "?", "j"), ("plan form", "e", "0"), ("options", "o", "j"),
    ] {
      var app = run.app
      for key in keys + "G" { _ = app.update(.key(.character(key))) }
      // The first frame also computes the colour tables, so it is not measured.
      _ = app.render(size: size, look: Look())
      var times: [Double] = []
      for _ in 0..<120 {
        _ = app.update(.key(.character(Character(step))))
        let start = ContinuousClock.now
        let frame = app.render(size: size, look: Look())
        times.append(start.duration(to: .now) / .milliseconds(1))
        precondition(frame.size == size)
      }
      print(Spread("frame of \(name)", times))
    }
  }
}

/// A synthetic run: 128 grids of 8 × 8 tokens with audio, 28 layers, three drops and a late
/// removal.
private struct LargeRun {
  private let subject: RunSubject
  private let settings = SelectionSettings(
    dropLayers: [16, 18, 20], lateLayer: 24)

  init() {
    let (times, rows, columns, text, side) = (128, 8, 8, 64, 4)
    let audio = times * 25
    var modalities = Array(repeating: Modality.text, count: text / 2)
    for _ in 0..<times / 2 {
      modalities += Array(repeating: .video, count: 2 * rows * columns)
      modalities += Array(repeating: .audio, count: 50)
    }
    modalities += Array(repeating: .text, count: text / 2)
    var state: UInt32 = 1
    func noise() -> UInt8 {
      state = state &* 1_664_525 &+ 1_013_904_223
      return UInt8(state >> 24)
    }
    let pixels = Data((0..<times * rows * columns * side * side * 3).map { _ in noise() })
    let levels = Data((0..<audio * 16).map { _ in noise() })
    subject = RunSubject(
      model: ModelSummary(
        name: "random", architecture: "none",
        decoder: DecoderShape(
          layers: 28, hidden: 2048, keyValueWidth: 256, intermediate: 11_008, vocabulary: 151_936),
        dtype: "float32", parameters: 1),
      clip: ClipSummary(
        title: "ten thousand tokens", source: "", seconds: Double(times), frames: 2 * times,
        question: "What is this?", choices: [], answer: nil, audit: []),
      prompt: PromptSummary(
        modalities: modalities, windows: times / 2, tokensPerGrid: rows * columns),
      media: PromptMedia(
        video: VideoPictures(
          times: times, rows: rows, columns: columns, secondsPerGrid: 1, side: side, pixels: pixels),
        audio: AudioLevels(tokens: audio, bands: 16, secondsPerToken: 0.04, levels: levels),
        text: Array(repeating: " word", count: text)))
  }

  /// State of the app after the whole run.
  var app: App {
    let plan = settings.plan(for: subject.promptShape)
    var app = App()
    _ = app.update(.message(.opened(subject, settings: settings, plan: plan)))
    for record in records(plan) { _ = app.update(.message(.advanced(record))) }
    return app
  }

  private func records(_ plan: SelectionPlan) -> [StepRecord] {
    var present = Array(subject.prompt.modalities.indices)
    let steps = [PrefillStep.encoders, .stage1] + (1...28).map { .layer($0) } + [.head]
    return steps.map { step in
      let before = present
      let drop = drop(step, before, plan)
      present = drop?.kept ?? before
      let counts = { (positions: [Int]) in
        ModalityCounts(positions.lazy.map { subject.prompt.modalities[$0] })
      }
      return StepRecord(
        step: step, entering: counts(before), leaving: counts(present), milliseconds: 1,
        selectionMilliseconds: 0, keyValueBytes: 1, referenceFlops: 1, executedFlops: 1, drop: drop)
    }
  }

  /// The drop record of a step, with random relevance scores; nil if the plan has no drop there.
  private func drop(_ step: PrefillStep, _ before: [Int], _ plan: SelectionPlan) -> DropRecord? {
    let modalities = before.map { subject.prompt.modalities[$0] }
    switch step {
    case .stage1:
      let kept = before.filter {
        subject.prompt.modalities[$0] == .text || $0 &* 2_654_435_761 % 10 < 6
      }
      return DropRecord(
        kind: .stage1, path: .windows, before: before, kept: kept, scores: [], windows: [])
    case .layer(let layer):
      return plan.boundary(afterLayer: layer).flatMap { boundary in
        let inputs = BoundaryInputs(
          modalities: modalities, positions: before, layer: layer,
          relevance: {
            .init(scores: before.map { Float($0 &* 40_503 % 997 + 1) / 1e6 }, flops: 0)
          }, hidden: { Tensor([before.count, 0], []) })
        return (try? boundary.rule.select(inputs)).map {
          DropRecord(boundary.rule.kind, $0, before: before)
        }
      }
    case .encoders, .head: return nil
    }
  }
}
