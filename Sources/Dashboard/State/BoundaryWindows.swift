import Foundation
import Selection

/// A temporal window before and after a boundary.
struct WindowLine: Sendable, Equatable {
  struct Side: Sendable, Equatable {
    /// Number of tokens before and after the boundary.
    let before, after: Int
    /// Time range of the tokens, in seconds; nil without tokens.
    let seconds: Range<Double>?
  }

  let video, audio: Side
  /// Index of the window's clip, from 0; nil if there is at most one clip.
  let clip: Int?
  /// Budgets of the window at the boundary; nil if there are none.
  let record: WindowRecord?

  var before: Int { video.before + audio.before }
  var after: Int { video.after + audio.after }

  /// Time range of video and audio together, in seconds.
  var seconds: Range<Double>? {
    guard let a = video.seconds, let b = audio.seconds else {
      return video.seconds ?? audio.seconds
    }
    return min(a.lowerBound, b.lowerBound)..<max(a.upperBound, b.upperBound)
  }

  /// Whether the video and the audio of the window do not overlap in time.
  var isApart: Bool {
    guard let a = video.seconds, let b = audio.seconds else { return false }
    return !a.overlaps(b)
  }
}

/// The temporal windows of one boundary: those of its budgets, or else those of the prompt.
struct BoundaryWindows: Sendable, Equatable {
  let lines: [WindowLine]
  /// Whether the windows were computed again from the tokens that are left.
  let areFoundAgain: Bool

  /// Whether the windows belong to several clips.
  var haveClips: Bool { lines.contains { $0.clip != nil } }

  /// Index of a window within its clip, from 0.
  func placeInClip(_ index: Int) -> Int {
    lines.prefix(index).count { $0.clip == lines[index].clip }
  }

  /// The windows of a boundary.
  /// - Parameter row: ledger row of the boundary; for a future step, the current tokens are shown.
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

  /// Number of kept positions from `first` to `last`.
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

/// Evenness of the window weights: entropy, and ratio of the largest to the smallest weight.
struct WeightSpread: Sendable, Equatable {
  /// Entropy of the weights in bits, and its maximum, log₂ of the number of windows.
  let entropy, mostEntropy: Double
  /// Ratio of the largest to the smallest weight.
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

  /// A short description of the evenness.
  var word: String {
    switch ratio {
    case ..<1.05: "uniform"
    case ..<1.5: "nearly uniform"
    case ..<4: "uneven"
    default: "concentrated"
    }
  }
}
