import Foundation
import Tensors

/// OmniZip: in each temporal window, the share of audio kept determines the share of video kept.
///
/// Audio keeps the tokens that receive most attention, and a few evenly spaced anchors into which
/// others are merged. Within a window, even grids of video keep density peaks, and odd grids keep
/// the tokens least similar to the previous grid. O(A·V·d) for the cross-modal similarities of A
/// audio and V video tokens of width d, O(Σ g²·d) over grids of g tokens.
public struct AudioGuidedZip: Sendable {
  /// Keep ratios of video and audio; the total counts are exact.
  public let video, audio: Double
  /// Share of the audio tokens that become anchors.
  public let contextual: Double
  /// Number of video tokens in one temporal grid.
  public let gridTokens: Int

  /// Maximum number of tokens merged into an anchor.
  static let absorbed = 3
  /// Share of video tokens dropped in a window that keeps no audio, and in one that keeps all
  /// audio.
  static let discard = (most: 0.75, least: 0.35)

  public init(video: Double, audio: Double, contextual: Double, gridTokens: Int) {
    self.video = video
    self.audio = audio
    self.contextual = contextual
    self.gridTokens = max(1, gridTokens)
  }

  /// The tokens of one modality, with their number in each temporal window, in order.
  public struct Input: Sendable {
    /// Token features as they enter the decoder, [tokens, width].
    public let features: Tensor
    public let windowSizes: [Int]

    public init(features: Tensor, windowSizes: [Int]) {
      self.features = features
      self.windowSizes = windowSizes
    }

    /// Token offsets of each window.
    var windows: [Range<Int>] {
      var start = 0
      return windowSizes.map { size in
        defer { start += size }
        return start..<start + size
      }
    }
  }

  /// The selected audio tokens.
  public struct AudioOutcome: Sendable, Equatable {
    /// Offsets of the kept tokens, ascending.
    public let kept: [Int]
    /// The merged tokens, by offset.
    public let merges: [TokenMerge]
    /// The anchors: each the mean of its own features and the weighted sum of those merged into it.
    var changed: ChangedRows { ChangedRows(merges) { _ in 0.5 } }
  }
}

extension AudioGuidedZip {
  /// Selects audio tokens.
  /// - Parameters:
  ///   - attention: attention received by each audio token, [tokens].
  ///   - video: video tokens; audio close to them is preferred for merging. Nil without video.
  public func select(
    audio input: Input, attention: [Float], near video: Tensor?
  ) -> AudioOutcome {
    let features = input.features
    let all = Array(0..<features.rows)
    let count = keepCount(audio, of: all.count)
    guard count < all.count else {
      return AudioOutcome(kept: all, merges: [])
    }
    let anchorCount = min(
      count - 1, Int((contextual * Double(all.count)).rounded(.toNearestOrEven)))
    let dominant = topScoring(count - anchorCount, of: all, by: attention)
    let others = Self.without(dominant, all)
    let anchors = DominantMerge.strided(anchorCount, of: others)
    return AudioOutcome(
      kept: (dominant + anchors).sorted(),
      merges: Self.absorb(Self.without(anchors, others), into: anchors, features, near: video))
  }

  private static func without(_ some: [Int], _ all: [Int]) -> [Int] {
    let gone = Set(some)
    return all.filter { !gone.contains($0) }
  }

  /// Merges tokens into each anchor: the mean of the anchor and of those similar tokens that are
  /// nearest to the video, weighted by the softmax of their similarity to the video.
  private static func absorb(
    _ tokens: [Int], into anchors: [Int], _ features: Tensor, near video: Tensor?
  ) -> [TokenMerge] {
    guard !tokens.isEmpty, !anchors.isEmpty else { return [] }
    let unit = unit(features.gatherRows(tokens))
    let likeness = unit.timesTransposed(Self.unit(features.gatherRows(anchors)))
    let nearness = video.map { rowPeaks(unit.timesTransposed(Self.unit($0))) }
    let scores = nearness.map { $0.map(\.value) } ?? rowPeaks(likeness).map(\.value)
    var groups = [[Int]](repeating: [], count: anchors.count)
    for (row, peak) in rowPeaks(likeness).enumerated() { groups[peak.column].append(row) }
    return zip(anchors, groups).flatMap { anchor, group in
      let chosen = topScoring(absorbed, of: group, by: scores)
      return zip(chosen, softmax(chosen.map { scores[$0] })).map { row, weight in
        TokenMerge(token: tokens[row], survivor: anchor, weight: weight)
      }
    }
  }

  private static func unit(_ features: Tensor) -> Tensor {
    features.dividingRows(by: features.rowNorms().map { $0 + 1e-6 })
  }

  /// Column and value of the largest entry of each row; the first wins ties.
  private static func rowPeaks(_ matrix: Tensor) -> [(column: Int, value: Float)] {
    (0..<matrix.rows).map { row in
      let entries = matrix.row(row)
      let best = entries.indices.reduce(entries.startIndex) {
        entries[$1] > entries[$0] ? $1 : $0
      }
      return (best - entries.startIndex, entries[best])
    }
  }

  private static func softmax(_ scores: [Float]) -> [Float] {
    let peak = scores.max() ?? 0
    let exponentials = scores.map { exp($0 - peak) }
    let sum = exponentials.reduce(0, +)
    return exponentials.map { $0 / sum }
  }
}

extension AudioGuidedZip {
  /// Selects video tokens.
  /// - Parameters:
  ///   - audio: the audio tokens; the i-th video window is paired with the i-th audio window.
  ///   - keptAudio: offsets of the kept audio tokens.
  /// - Returns: offsets of the kept video tokens, ascending.
  public func select(video input: Input, audio: Input?, keptAudio: [Int]) -> [Int] {
    let count = keepCount(video, of: input.features.rows)
    guard count < input.features.rows else { return Array(0..<input.features.rows) }
    let retained = retention(of: audio?.windows ?? [], keptAudio)
    let weights = input.windowSizes.enumerated().map { index, size in
      let share = index < retained.count ? retained[index] : self.audio
      let lost = Self.discard.most - (Self.discard.most - Self.discard.least) * min(1, share)
      return (1 - lost) * Double(size)
    }
    let budgets = apportion(count, weights: weights, capacities: input.windowSizes)
    return zip(input.windows, budgets).flatMap { interleaved($0, $1, input.features) }
  }

  /// Share of the audio tokens kept in each window.
  private func retention(of windows: [Range<Int>], _ kept: [Int]) -> [Double] {
    windows.map { window in
      window.isEmpty ? audio : Double(kept.count { window.contains($0) }) / Double(window.count)
    }
  }

  /// Selects video tokens in a window: even grids by density, odd grids by difference from the
  /// previous grid.
  private func interleaved(_ window: Range<Int>, _ budget: Int, _ features: Tensor) -> [Int] {
    let grids = stride(from: window.lowerBound, to: window.upperBound, by: gridTokens).map {
      $0..<min($0 + gridTokens, window.upperBound)
    }
    let sizes = grids.map(\.count)
    let counts = apportion(budget, weights: sizes.map(Double.init), capacities: sizes)
    return zip(grids, counts).enumerated().flatMap { index, part -> [Int] in
      let (grid, count) = part
      if index % 2 == 0 {
        return DensityPeaks.select(count, features: features.rows(grid)).map {
          grid.lowerBound + $0
        }
      }
      let unit = Self.unit(features.rows(grid))
      let before = Self.unit(
        features.rows(grid.lowerBound - gridTokens..<grid.upperBound - gridTokens))
      let change = (0..<grid.count).map { row in
        -zip(unit.row(row), before.row(row)).reduce(0) { $0 + $1.0 * $1.1 }
      }
      return topScoring(count, of: Array(0..<grid.count), by: change).map { grid.lowerBound + $0 }
    }
  }

  /// FLOPs of the cross-modal similarities; a multiply-add counts 2.
  public func flops(video: Int, audio: Int, width: Int) -> Double {
    guard self.audio < 1 else { return 0 }
    let gone = Double(audio - keepCount(self.audio, of: audio))
    let anchors = contextual * Double(audio)
    return 2 * gone * (Double(video) + anchors) * Double(width)
  }
}
