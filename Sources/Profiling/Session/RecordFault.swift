import Selection

/// A contradiction between the numbers of a step and what is known besides: never the user's
/// mistake, always worth a red line.
public struct RecordFault: Sendable, Equatable {
  /// What contradicts what.
  public enum Problem: Sendable, Equatable {
    /// Tokens that entered, and tokens that the step before left.
    case entering(ModalityCounts, left: ModalityCounts)
    /// Tokens said to be left, and those whose positions are kept.
    case leaving(ModalityCounts, kept: ModalityCounts)
    /// Tokens that were present, by count and by position.
    case present(ModalityCounts, before: ModalityCounts)
    /// Positions are not strictly increasing, or beyond the prompt.
    case order
    /// A position is kept that was not there.
    case stranger(Int)
    case scores(Int, tokens: Int)
    /// Tokens that windows held or grant, added up, and those that there are.
    case windows(ModalityCounts, tokens: ModalityCounts)
    /// Bytes of keys and values as stated, and as the survivors take.
    case keyValues(Int, expected: Int)
  }

  public let step: PrefillStep
  public let problem: Problem
}

extension RecordFault: CustomStringConvertible {
  /// `layer 5 does not add up: 40 tokens enter, but 38 were left`.
  public var description: String { "\(stepName) does not add up: \(words)" }

  private var stepName: String {
    switch step {
    case .encoders: "encoders"
    case .stage1: "Stage I"
    case .layer(let layer): "layer \(layer)"
    case .head: "head"
    }
  }

  private var words: String {
    switch problem {
    case .entering(let counts, let left):
      "\(counts.inWords) enter, but \(left.inWords) were left"
    case .leaving(let counts, let kept):
      "\(counts.inWords) are left, but the positions kept are \(kept.inWords)"
    case .present(let counts, let before):
      "\(counts.inWords) are there, but the positions are \(before.inWords)"
    case .order: "positions are not in order"
    case .stranger(let position): "position \(position) is kept but was not there"
    case .scores(let count, let tokens): "\(count) scores for \(tokens) tokens"
    case .windows(let counts, let tokens):
      "windows add up to \(counts.inWords), tokens to \(tokens.inWords)"
    case .keyValues(let bytes, let expected):
      "\(bytes) bytes of keys and values, but survivors take \(expected)"
    }
  }
}

extension ModalityCounts {
  fileprivate var inWords: String {
    (image > 0 ? "\(text) text + \(image) image" : "\(text) text")
      + " + \(video) video + \(audio) audio"
  }
}

extension StepRecord {
  /// The first thing that does not add up; nil where everything does.
  /// - Parameter previous: the record of the step before; nil for the first.
  public func fault(after previous: StepRecord?, of subject: RunSubject) -> RecordFault? {
    let left = previous?.leaving ?? subject.prompt.counts
    let problem =
      entering == left ? nil : RecordFault.Problem.entering(entering, left: left)
    return (problem ?? dropProblem(subject) ?? keyValueProblem(subject)).map {
      RecordFault(step: step, problem: $0)
    }
  }

  private func dropProblem(_ subject: RunSubject) -> RecordFault.Problem? {
    guard let drop else { return nil }
    let modalities = subject.prompt.modalities
    guard drop.before.isAscending(below: modalities.count),
      drop.kept.isAscending(below: modalities.count)
    else { return .order }
    let before = ModalityCounts(drop.before.lazy.map { modalities[$0] })
    let kept = ModalityCounts(drop.kept.lazy.map { modalities[$0] })
    // Where an earlier drop is known by counts alone, all positions that may be left are listed.
    let isComplete = subject.origin == nil || before.total == entering.total
    if before != entering, isComplete { return .present(entering, before: before) }
    if kept != leaving { return .leaving(leaving, kept: kept) }
    if let stranger = drop.firstStranger { return .stranger(stranger) }
    if !drop.scores.isEmpty, drop.scores.count != drop.before.count {
      return .scores(drop.scores.count, tokens: drop.before.count)
    }
    return windowProblem(drop.windows)
  }

  /// Other engines may not tell what windows hold or grant.
  private func windowProblem(_ windows: [WindowRecord]) -> RecordFault.Problem? {
    let held = (
      windows.reduce(0) { $0 + $1.videoTokens }, windows.reduce(0) { $0 + $1.audioTokens }
    )
    let granted = (
      windows.reduce(0) { $0 + $1.videoBudget }, windows.reduce(0) { $0 + $1.audioBudget }
    )
    for (sum, tokens) in [(held, entering), (granted, leaving)] where sum != (0, 0) {
      let counts = tokens.with(video: sum.0, audio: sum.1)
      if counts != tokens { return .windows(counts, tokens: tokens) }
    }
    return nil
  }

  /// Another engine may hold keys and values in another type.
  private func keyValueProblem(_ subject: RunSubject) -> RecordFault.Problem? {
    guard subject.origin == nil, let keyValueBytes else { return nil }
    let layers =
      switch step {
      case .encoders, .stage1: 0
      case .layer(let layer): layer
      case .head: subject.model.decoder.layers
      }
    let expected = layers * leaving.total * subject.model.decoder.keyValueBytesPerToken
    return keyValueBytes == expected ? nil : .keyValues(keyValueBytes, expected: expected)
  }
}

extension [StepRecord] {
  /// What does not add up, step by step.
  public func faults(of subject: RunSubject) -> [RecordFault] {
    indices.compactMap { self[$0].fault(after: $0 > 0 ? self[$0 - 1] : nil, of: subject) }
  }
}

extension DropRecord {
  /// Both lists ascend.
  fileprivate var firstStranger: Int? {
    var present = before[...]
    for position in kept {
      present = present.drop { $0 < position }
      guard present.first == position else { return position }
    }
    return nil
  }
}

extension [Int] {
  fileprivate func isAscending(below limit: Int) -> Bool {
    guard let first, let last else { return true }
    return first >= 0 && last < limit && zip(self, dropFirst()).allSatisfy { $0 < $1 }
  }
}
