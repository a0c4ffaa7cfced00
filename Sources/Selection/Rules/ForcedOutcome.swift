/// The tokens that a rule selects from.
struct SequenceTokens {
  /// Modality of each token, in order.
  let modalities: [Modality]
  /// Ordinal of each token within its modality in the whole prompt, from 0.
  let ordinals: [Int]
  /// Index of each token's clip, nil for text; empty for at most one clip.
  let clips: [Int?]
}

extension ForcedTokens {
  /// Changes the result of a rule so that it keeps and drops the tokens chosen by hand.
  ///
  /// The number of tokens per modality stays that of the rule where possible: tokens kept by hand
  /// take the places of dropped ones first, then of tokens with the lowest scores (of equal scores
  /// the last goes first), or, if the rule gives no scores, of the nearest kept tokens. Where the
  /// rule keeps fewer tokens than are kept by hand, all of these stay, with a note.
  func apply(to outcome: inout RuleOutcome, _ tokens: SequenceTokens) {
    var isKept = [Bool](repeating: false, count: tokens.modalities.count)
    for offset in outcome.kept { isKept[offset] = true }
    for modality in [Modality.video, .audio] {
      let surplus = exchange(&isKept, modality, outcome.scores, tokens)
      guard surplus > 0 else { continue }
      outcome.notes.append(
        "\(surplus) \(modality.rawValue) \(surplus == 1 ? "token" : "tokens") kept by hand "
          + "beyond the budget")
    }
    outcome.kept = isKept.indices.filter { isKept[$0] }
    let undone = outcome.merges.count { isKept[$0.token] }
    if undone > 0 {
      outcome.notes.append(
        "\(undone) \(undone == 1 ? "token" : "tokens") kept by hand "
          + "\(undone == 1 ? "is" : "are") also part of the tokens that absorbed them")
    }
    outcome.merges.removeAll { isKept[$0.token] || !isKept[$0.survivor] }
    countWindows(&outcome, isKept, tokens)
  }

  /// Exchanges tokens of one modality.
  /// - Returns: the number of tokens kept beyond those that the rule kept.
  private func exchange(
    _ isKept: inout [Bool], _ modality: Modality, _ scores: [Float], _ tokens: SequenceTokens
  ) -> Int {
    var (places, missing, others) = (0, [Int](), [Int]())
    for offset in isKept.indices where tokens.modalities[offset] == modality {
      switch self[modality, tokens.ordinals[offset]] {
      case .drop?:
        places += isKept[offset] ? 1 : 0
        isKept[offset] = false
      case .keep?:
        if !isKept[offset] { missing.append(offset) }
        isKept[offset] = true
      case nil:
        if isKept[offset] { others.append(offset) }
      }
    }
    let displaced = missing.dropFirst(places)
    let gone =
      scores.count == isKept.count
      ? Array(others.sorted { (scores[$0], -$0) < (scores[$1], -$1) }.prefix(displaced.count))
      : Self.nearest(others, to: displaced)
    for offset in gone { isKept[offset] = false }
    return displaced.count - gone.count
  }

  /// For each target, in order, the nearest candidate that is not taken yet; of two equally near
  /// ones the earlier.
  private static func nearest(_ candidates: [Int], to targets: ArraySlice<Int>) -> [Int] {
    var left = candidates
    var taken: [Int] = []
    for target in targets where !left.isEmpty {
      let next = left.firstIndex { $0 > target } ?? left.count
      let isBefore =
        next > 0 && (next == left.count || target - left[next - 1] <= left[next] - target)
      taken.append(left.remove(at: isBefore ? next - 1 : next))
    }
    return taken
  }

  /// Replaces the budgets of windows by the tokens that are kept.
  private func countWindows(
    _ outcome: inout RuleOutcome, _ isKept: [Bool], _ tokens: SequenceTokens
  ) {
    guard !outcome.windows.isEmpty else { return }
    let windows = TemporalWindows(tokens.modalities, clips: tokens.clips).windows
    guard windows.count == outcome.windows.count else { return }
    for (index, window) in windows.enumerated() {
      let video = window.video.count { isKept[$0] }
      let audio = window.audio.count { isKept[$0] }
      outcome.windows[index].videoBudget = video
      outcome.windows[index].audioBudget = audio
      outcome.windows[index].budget = video + audio
    }
  }

  /// Expected token counts after a rule that keeps `kept` of `present` tokens.
  func expected(_ kept: ModalityCounts, of present: ModalityCounts) -> ModalityCounts {
    func expected(_ modality: Modality) -> Int {
      let all = present[modality]
      guard all > 0 else { return 0 }
      let gone = min(all, dropped[modality].count)
      let held = min(all - gone, self.kept[modality].count)
      let share = Double(kept[modality]) * Double(all - gone) / Double(all)
      return max(held, Int(share.rounded()))
    }
    return kept.with(video: expected(.video), audio: expected(.audio))
  }
}

extension [Modality] {
  /// Ordinal of each token within its modality, from 0.
  public var ordinals: [Int] {
    var next: [Modality: Int] = [:]
    return map { modality in
      defer { next[modality, default: 0] += 1 }
      return next[modality, default: 0]
    }
  }
}
