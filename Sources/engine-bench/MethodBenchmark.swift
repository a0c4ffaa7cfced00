import Basics
import Foundation
import Selection
import Tensors

/// Measures selection rules at real sizes: time of one selection, and memory in addition to the
/// features.
enum MethodBenchmark {
  private static let width = 2048
  private static let grid = (rows: 10, columns: 10)
  private static let textTokens = 200

  static func measure(_ table: Table) throws {
    for tokens in [2000, 8000, 30_000] {
      let features = similarGrids(tokens)
      say("\n\(tokens) video tokens of width \(width), R_v 0.2 unless stated")
      say(String(repeating: " ", count: 34) + "  wall ms    CPU ms  extra MiB")
      for (name, work) in rules(features) {
        clearPeak()
        let before = MachineMemory.resident ?? 0
        let start = Laps.Instant()
        work()
        var laps = Laps()
        laps.add(from: start, to: Laps.Instant())
        say(
          name.padding(toLength: 34, withPad: " ", startingAt: 0)
            + String(
              format: "%9.0f%10.0f%11.0f", (laps.wall.first ?? 0) * 1000,
              (laps.cpu.first ?? 0) * 1000,
              Double(max(0, (MachineMemory.peakResident ?? 0) - before)) / Double(1 << 20)))
      }
    }
  }

  private static func rules(_ features: Tensor) -> [(String, () -> Void)] {
    let windows = SelectionWindows()
    let encoder: [(String, any EncoderRule)] = [
      ("seats Stage I, 0.28", DiversityRule(video: 0.28, audio: 1, windows: windows)),
      (
        "visionzip",
        DominantRule(KeptShares(video: 0.2), contextual: 0.05, windows: .init(grids: 1))
      ),
      ("dycoke", NoveltyRule(KeptShares(video: 0.2))),
      ("evs", FrameChangeRule(KeptShares(video: 0.2))),
      ("vidcom2", FrameUniquenessRule(KeptShares(video: 0.2), windows: windows)),
      ("omnipack Stage I, 0.4", EventPackingRule(video: 0.4, audio: 1, windows: windows)),
    ]
    let tokens = SyntheticTokens(features: features)
    let inputs = EncoderInputs(
      modalities: [Modality](repeating: .video, count: features.rows),
      gridTokens: grid.rows * grid.columns, gridColumns: grid.columns, video: tokens, audio: nil)
    return encoder.map { name, rule in (name, { _ = try? rule.select(inputs) }) } + [
      ("omnipack Stage II, 0.5 of 0.4", { stage2(features) })
    ]
  }

  private static func stage2(_ features: Tensor) {
    let present = features.rows * 2 / 5
    let hidden = features.rows(0..<present)
    let modalities = (0..<present).map { $0 < textTokens ? Modality.text : .video }
    _ = try? RelevancePackingRule(video: 0.5, audio: 1).select(
      BoundaryInputs(
        modalities: modalities, positions: Array(0..<present), layer: 18,
        relevance: { .init(scores: [], flops: 0) }, hidden: { hidden }))
  }

  /// Video features of temporal grids that are similar to each other: the same still image in each
  /// grid, plus noise.
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

  /// Resets the process's peak memory to the memory in use.
  private static func clearPeak() {
    try? Data("5".utf8).write(to: URL(filePath: "/proc/self/clear_refs"))
  }
}
