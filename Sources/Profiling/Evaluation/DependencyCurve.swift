import OmniModel
import Selection

/// Accuracy when video, audio or both are removed before layer l, for every l: where fusion starts
/// and where it is complete (SEATS, the analysis behind the method).
///
/// One full prefill per question; every other point re-runs only the layers behind its removal.
public struct DependencyCurve: Sendable, Encodable {
  /// What is taken away.
  public enum Removal: String, Sendable, CaseIterable, Encodable {
    case both, video, audio

    var removesVideo: Bool { self != .audio }
    var removesAudio: Bool { self != .video }
  }

  /// One point: removal before `layer`, counted from 1.
  public struct Point: Sendable, Encodable {
    public let layer: Int
    public let removal: Removal
    public let accuracy: Accuracy
  }

  public let full: Accuracy
  public let points: [Point]
  /// The first layer of the middle block: removal before it still costs most of the accuracy.
  public let proposedDropLayers: [Int]
  /// The first layer before which removing both costs nothing.
  public let proposedLateLayer: Int

  public init(
    _ exam: Exam, threads: Int, progress: @escaping @Sendable (Int) -> Void = { _ in }
  ) throws {
    let layers = exam.thinker.configuration.text.layers
    let rows = try exam.map(threads: threads, progress: progress) { question in
      try Self.row(question, layers: layers)
    }
    full = Accuracy(rows.map { $0[0] })
    var points: [Point] = []
    for (kind, removal) in Removal.allCases.enumerated() {
      for layer in 1...layers {
        let column = 1 + kind * layers + layer - 1
        points.append(
          Point(layer: layer, removal: removal, accuracy: Accuracy(rows.map { $0[column] })))
      }
    }
    self.points = points
    let both = points.filter { $0.removal == .both }.map(\.accuracy.share)
    (proposedLateLayer, proposedDropLayers) = Self.propose(both, full: full)
  }

  /// Right or wrong: full tokens, then every removal before every layer.
  private static func row(_ question: Exam.Question, layers: Int) throws(PrefillError) -> [Bool] {
    var whole = try question.prefill(.full)
    var row = [try question.answer(&whole).isRight]
    for removal in Removal.allCases {
      for layer in 1...layers {
        var edited = whole
        edited.apply(plan(removal, before: layer))
        row.append(try question.answer(&edited).isRight)
      }
    }
    return row
  }

  static func plan(_ removal: Removal, before layer: Int) -> SelectionPlan {
    let (video, audio) = (removal.removesVideo, removal.removesAudio)
    guard layer > 1 else {
      return SelectionPlan(
        method: .full, encoderRule: .remove(video: video, audio: audio), boundaries: [], notes: [])
    }
    let boundary = LayerBoundary(
      afterLayer: layer - 1, rule: .remove(video: video, audio: audio))
    return SelectionPlan(method: .full, encoderRule: nil, boundaries: [boundary], notes: [])
  }

  /// The late layer is the first from which on removing both keeps 98 % of what full tokens reach,
  /// or all but one standard error; drops spread over the rise before it, from half of the gain.
  static func propose(_ both: [Double], full: Accuracy) -> (late: Int, drops: [Int]) {
    let floor = min(full.share - full.standardError, 0.98 * full.share) - 1e-9
    let late = (both.lastIndex { $0 < floor } ?? -1) + 2
    let gain = (both.first ?? 0) + (full.share - (both.first ?? 0)) / 2
    let first = (both.firstIndex { $0 >= gain } ?? max(0, late - 2)) + 1
    let drops = (0..<3).map { first + $0 * max(1, (late - 1 - first) / 3) }
    return (late, Array(Set(drops.filter { $0 >= 1 && $0 < late - 1 })).sorted())
  }
}
