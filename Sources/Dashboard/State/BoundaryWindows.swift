import Foundation
import Profiling
import Selection

/// A temporal window before and after a boundary.
struct WindowLine: Sendable, Equatable {
  struct Side: Sendable, Equatable {
    /// Tokens before the boundary, and after it.
    let before, after: Int
    /// Time range of its tokens, in seconds; nil without tokens.
    let seconds: Range<Double>?
  }

  let video, audio: Side
  /// The clip of both, from 0; nil with at most one clip.
  let clip: Int?
  /// The budgets, if the boundary has any.
  let record: WindowRecord?

  var before: Int { video.before + audio.before }
  var after: Int { video.after + audio.after }

  /// Time range of both modalities, in seconds.
  var seconds: Range<Double>? {
    guard let a = video.seconds, let b = audio.seconds else {
      return video.seconds ?? audio.seconds
    }
    return min(a.lowerBound, b.lowerBound)..<max(a.upperBound, b.upperBound)
  }

  /// Whether the paired runs do not overlap in time.
  var isApart: Bool {
    guard let a = video.seconds, let b = audio.seconds else { return false }
    return !a.overlaps(b)
  }
}

/// The windows of one boundary: those of its budgets, otherwise those of the prompt.
struct BoundaryWindows: Sendable, Equatable {
  let lines: [WindowLine]
  /// Whether windows were recomputed from the tokens left.
  let areFoundAgain: Bool

  /// Whether windows belong to several clips.
  var haveClips: Bool { lines.contains { $0.clip != nil } }

  /// Index of a window within its clip, from 0.
  func placeInClip(_ index: Int) -> Int {
    lines.prefix(index).count { $0.clip == lines[index].clip }
  }

  /// - Parameter row: a row of the ledger; a future one shows the tokens before it.
  init(_ run: RunState, row: Int) {
    guard let places = run.places else {
      (lines, areFoundAgain) = ([], false)
      return
    }
    let records = run.ledger.current
    let hasRun = records.indices.contains(row)
    if hasRun, let drop = records[row].drop, drop.path == .windows, !drop.windows.isEmpty {
      lines = Self.lines(drop, places)
      areFoundAgain = true
    } else {
      let before = DropMap(run, upTo: hasRun ? row - 1 : row)
      let after = DropMap(run, upTo: row)
      lines = Self.lines(places, before, after)
      areFoundAgain = false
    }
  }

  private static func lines(_ drop: DropRecord, _ places: TokenSources) -> [WindowLine] {
    let known = drop.before.filter { $0 < places.modalities.count }
    let windows = places.windows(of: known)
    return zip(windows, drop.windows).map { window, record in
      let side = { (range: Range<Int>) -> WindowLine.Side in
        let positions = known[range]
        return WindowLine.Side(
          before: range.count,
          after: Self.kept(drop.kept, from: positions.first, to: positions.last),
          seconds: places.seconds(positions))
      }
      return WindowLine(
        video: side(window.video), audio: side(window.audio),
        clip: Self.clip(window, places) { known[$0] }, record: record)
    }
  }

  /// Number of kept positions within a run.
  private static func kept(_ kept: [Int], from first: Int?, to last: Int?) -> Int {
    guard let first, let last else { return 0 }
    return kept.placeOfSorted(last + 1) - kept.placeOfSorted(first)
  }

  private static func lines(
    _ places: TokenSources, _ before: DropMap, _ after: DropMap
  ) -> [WindowLine] {
    places.windows(of: Array(places.modalities.indices)).map { window in
      let side = { (range: Range<Int>) in
        WindowLine.Side(
          before: range.count { before.isThere($0) }, after: range.count { after.isThere($0) },
          seconds: places.seconds(range))
      }
      return WindowLine(
        video: side(window.video), audio: side(window.audio),
        clip: Self.clip(window, places) { $0 },
        record: nil)
    }
  }

  private static func clip(
    _ window: TemporalWindows.Window, _ places: TokenSources, _ position: (Int) -> Int
  ) -> Int? {
    let first = window.video.first ?? window.audio.first
    return places.clipOfToken.isEmpty ? nil : first.flatMap { places.clipOfToken[position($0)] }
  }
}

/// Evenness of weights: entropy, and ratio of largest to smallest.
struct WeightSpread: Sendable, Equatable {
  /// Entropy in bits, and its maximum: log₂ of the number of windows.
  let entropy, mostEntropy: Double
  /// Largest over smallest weight.
  let ratio: Double

  init?(_ weights: [Float]) {
    guard weights.count > 1, let low = weights.min(), let high = weights.max(), low >= 0 else {
      return nil
    }
    entropy = weights.reduce(0.0) { sum, weight in
      weight > 0 ? sum - Double(weight) * log2(Double(weight)) : sum
    }
    mostEntropy = log2(Double(weights.count))
    ratio = Double(high) / Double(low)
  }

  /// A short description.
  var word: String {
    switch ratio {
    case ..<1.05: "uniform"
    case ..<1.5: "nearly uniform"
    case ..<4: "uneven"
    default: "concentrated"
    }
  }
}
