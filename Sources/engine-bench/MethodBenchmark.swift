import Basics
import Foundation
import OmniModel
import Selection
import Tensors

/// Measures every method at real sizes: time of all selections of its plan, and memory in addition to the
/// features.
///
/// Rules of the plan are applied in turn to a synthetic clip of N video tokens, with audio, at the width of
/// the 3B shape. Features also serve as hidden states after layers. Relevance is computed in single
/// precision. The encoder's attention statistic is replaced by a formula; its time is not included.
enum MethodBenchmark {
  private static let width = 2048
  private static let grid = (rows: 10, columns: 10)
  private static let textTokens = 40
  private static let layers = 36
  private static let headWidth = 128
  /// Video tokens per token of audio: a chunk of 288 and 50.
  private static let videoPerAudio = 288.0 / 50

  static func measure(_ table: Table) throws {
    let thinker = try Thinker(.dummy(.qwen25Omni3B, layers: 2), compute: .bf16)
    for tokens in [2000, 8000, 30_000] {
      let clip = LongClip(video: tokens, audio: Int(Double(tokens) / videoPerAudio))
      say("\n\(clip.video) video and \(clip.audio) audio tokens of width \(width), R = 10")
      say(String(repeating: " ", count: 20) + "  wall ms    CPU ms  extra MiB  drops")
      for method in SelectionMethod.allCases where method != .full {
        measure(method, clip)
      }
      let layer = try LayerTimes(thinker, tokens: clip.modalities.count).layers[0]
      say(
        "one layer of all".padding(toLength: 20, withPad: " ", startingAt: 0)
          + String(format: "%9.0f%10.0f", layer.wall * 1000, layer.cpu * 1000))
    }
  }

  private static func measure(_ method: SelectionMethod, _ clip: LongClip) {
    var settings = SelectionSettings(defaultsForLayers: layers)
    settings.method = method
    settings.budget = RetentionBudget(nominalPercent: 10)
    let plan = settings.plan(for: clip.shape(layers: layers))
    report(method.rawValue) {
      var present = Array(clip.modalities.indices)
      if let rule = plan.encoderRule { present = (try? rule.select(clip.inputs).kept) ?? present }
      for boundary in plan.boundaries {
        let inputs = clip.inputs(after: boundary.afterLayer, present)
        let kept = try? boundary.rule.select(inputs).kept
        present = (kept ?? []).map { present[$0] }
      }
      return plan.boundaries.count
    }
  }

  private static func report(_ name: String, _ work: () -> Int) {
    clearPeak()
    let before = MachineMemory.resident ?? 0
    let start = Laps.Instant()
    let drops = work()
    var laps = Laps()
    laps.add(from: start, to: Laps.Instant())
    let extra = Double(max(0, (MachineMemory.peakResident ?? 0) - before)) / Double(1 << 20)
    say(
      name.padding(toLength: 20, withPad: " ", startingAt: 0)
        + String(
          format: "%9.0f%10.0f%11.0f%7d", (laps.wall.first ?? 0) * 1000,
          (laps.cpu.first ?? 0) * 1000, extra, drops))
  }

  /// Resets the peak memory of the process to the memory in use.
  private static func clearPeak() {
    try? Data("5".utf8).write(to: URL(filePath: "/proc/self/clear_refs"))
  }

  /// A clip: text, windows of two grids and their sound, a question.
  private struct LongClip {
    let modalities: [Modality]
    let hidden: Tensor
    let inputs: EncoderInputs
    let audio, video: Int
    private let queryWeights = Tensor.noise(width, width)
    private let keyWeights = Tensor.noise(2 * headWidth, width)

    init(video: Int, audio: Int) {
      (self.video, self.audio) = (video, audio)
      let perGrid = grid.rows * grid.columns
      let windows = max(1, video / (2 * perGrid))
      var modalities: [Modality] = [.text]
      for window in 0..<windows {
        let sound = audio * (window + 1) / windows - audio * window / windows
        modalities += [Modality](repeating: .video, count: 2 * perGrid)
        modalities += [Modality](repeating: .audio, count: sound)
      }
      modalities += [Modality](repeating: .text, count: textTokens)
      self.modalities = modalities
      let rows = MethodBenchmark.similarGrids(modalities.count)
      hidden = rows
      func tokens(_ modality: Modality) -> SyntheticTokens {
        SyntheticTokens(
          features: rows.gatherRows(modalities.indices.filter { modalities[$0] == modality }))
      }
      inputs = EncoderInputs(
        modalities: modalities, gridTokens: perGrid, gridColumns: grid.columns,
        video: tokens(.video), audio: tokens(.audio))
    }

    func shape(layers: Int) -> PromptShape {
      PromptShape(
        layers: layers, counts: ModalityCounts(modalities),
        tokensPerGrid: grid.rows * grid.columns)
    }

    func inputs(after layer: Int, _ present: [Int]) -> BoundaryInputs {
      let rows = hidden.gatherRows(present)
      let kinds = present.map { modalities[$0] }
      let question = present.indices.filter { kinds[$0] == .text && present[$0] > 0 }
      return BoundaryInputs(
        modalities: kinds, positions: present, layer: layer,
        relevance: { relevance(rows, [rows.rows - 1]) },
        questionRelevance: { relevance(rows, question) }, hidden: { rows })
    }

    /// Norm, projections and attention, as after a layer of the 3B shape.
    private func relevance(_ rows: Tensor, _ queries: [Int]) -> BoundaryInputs.Relevance {
      let normal = rows.rootMeanSquareNormalized(
        weight: [Float](repeating: 1, count: width), epsilon: 1e-6)
      let scores = Attention.distribution(
        normal.gatherRows(queries).timesTransposed(queryWeights),
        normal.timesTransposed(keyWeights), headWidth: headWidth)
      return BoundaryInputs.Relevance(scores: scores, flops: 0)
    }
  }

  /// Grids that share most of their features.
  private static func similarGrids(_ tokens: Int) -> Tensor {
    let still = Tensor.noise(grid.rows * grid.columns, width)
    var features = Tensor.noise(tokens, width)
    features.scale(by: 0.3)
    features.addRows(
      still.gatherRows((0..<tokens).map { $0 % still.rows }), to: Array(0..<tokens))
    return features
  }

  private struct SyntheticTokens: EncodedTokens {
    let features: Tensor
    func attentionReceived(in windows: SelectionWindows) -> [Float] {
      (0..<features.rows).map { Float($0 * 7919 % 997) / 997 }
    }
    func attentionFlops(in windows: SelectionWindows) -> Double { 0 }
    func keyMeans() -> Tensor { features.columns(0..<80) }
  }
}
