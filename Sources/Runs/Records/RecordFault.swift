import Selection

/// A contradiction between the numbers of a step and those of other records. It is caused by a bug
/// here or in the program that wrote the trace, and shown in the error colour.
public struct RecordFault: Sendable, Equatable {
  /// Kinds of contradictions in a step record.
  public enum Problem: Sendable, Equatable {
    /// The token counts that enter differ from those left by the previous step.
    case entering(ModalityCounts, left: ModalityCounts)
    /// The token counts that leave differ from the kept positions.
    case leaving(ModalityCounts, kept: ModalityCounts)
    /// The token counts before the drop differ from the positions before the drop.
    case present(ModalityCounts, before: ModalityCounts)
    /// Positions are out of range or not ascending.
    case order
    /// A kept position was not in the sequence before the drop.
    case unknownPosition(Int)
    case scores(Int, tokens: Int)
    /// Sums over windows differ from the token counts.
    case windows(ModalityCounts, tokens: ModalityCounts)
    /// The bytes of the KV cache differ from those of the kept tokens.
    case keyValues(Int, expected: Int)
  }

  public let step: PrefillStep
  public let problem: Problem
}

extension RecordFault: CustomStringConvertible {
  /// The contradiction as text:
  /// `layer 5 is inconsistent: 40 tokens enter, 38 left the step before`.
  public var description: String { "\(stepName) is inconsistent: \(words)" }

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
      "\(counts.inWords) enter, \(left.inWords) left the step before"
    case .leaving(let counts, let kept):
      "\(counts.inWords) leave, the kept positions are \(kept.inWords)"
    case .present(let counts, let before):
      "\(counts.inWords) present, the positions are \(before.inWords)"
    case .order: "positions are not ascending"
    case .unknownPosition(let position): "position \(position) is kept but was not present"
    case .scores(let count, let tokens): "\(count) scores for \(tokens) tokens"
    case .windows(let counts, let tokens):
      "windows sum to \(counts.inWords), tokens to \(tokens.inWords)"
    case .keyValues(let bytes, let expected):
      "\(bytes) bytes of KV cache, \(expected) for the kept tokens"
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
  /// The first contradiction in this record; nil if it is consistent.
  /// - Parameter previous: the previous record; nil for the first.
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
    // After a drop with counts only, the trace lists all positions that may be left.
    let isComplete = subject.origin == nil || before.total == entering.total
    if before != entering, isComplete { return .present(entering, before: before) }
    if kept != leaving { return .leaving(leaving, kept: kept) }
    if let unknownPosition = drop.firstUnknown { return .unknownPosition(unknownPosition) }
    if !drop.scores.isEmpty, drop.scores.count != drop.before.count {
      return .scores(drop.scores.count, tokens: drop.before.count)
    }
    return windowProblem(drop.windows)
  }

  /// The sums over windows are checked only if the trace contains window counts.
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

  /// The bytes are not checked for other programs, whose KV cache may have another element type.
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
  /// All contradictions in these records, step by step.
  public func faults(of subject: RunSubject) -> [RecordFault] {
    indices.compactMap { self[$0].fault(after: $0 > 0 ? self[$0 - 1] : nil, of: subject) }
  }
}

extension DropRecord {
  /// The first element that the other list lacks; nil if none. Both lists are ascending.
  fileprivate var firstUnknown: Int? {
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
