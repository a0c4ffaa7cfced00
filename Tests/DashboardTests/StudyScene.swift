import Runs
import Selection

@testable import Dashboard
@testable import Evaluations

/// Made-up measurements of the sample run; the same numbers every time.
extension SampleRun {
  private var layers: Int { subject.model.decoder.layers }

  /// A sharp rise in the middle, later for video than for audio.
  private func divergence(_ removal: Removal, _ layer: Int) -> Double {
    let edges: [Removal: Int] = [.both: 17, .video: 14, .audio: 9]
    let heights: [Removal: Double] = [.both: 8, .video: 5, .audio: 3]
    let (edge, worst) = (edges[removal] ?? 0, heights[removal] ?? 0)
    return worst * (layer < edge ? 1 : layer < edge + 6 ? Double(edge + 6 - layer) / 7 : 0)
  }

  func readings(_ count: Int) -> [DependencyProbe.Reading] {
    Removal.allCases.flatMap { removal in
      (1...layers).map { layer in
        let divergence = divergence(removal, layer)
        return DependencyProbe.Reading(
          removal: removal, layer: layer, isSameAsFull: divergence < 1, divergence: divergence,
          answer: divergence < 1 ? "twice" : "once", executedFlops: 1e9)
      }
    }.prefix(count).map(\.self)
  }

  var curve: DependencyCurve {
    DependencyCurve(
      questions: 1, full: nil,
      points: readings(.max).map {
        .init(
          layer: $0.layer, removal: $0.removal, accuracy: nil,
          sameAsFull: Accuracy([$0.isSameAsFull]), divergence: $0.divergence)
      }, layers: layers, cost: [.both: 0.5, .video: 3.9, .audio: 2.6])
  }

  /// A worth study of the windows of the sample clip, of which the first ones are measured.
  func worth(measured: Int) -> WorthResult {
    let windows = MediaWindow.all(in: subject.promptShape, settings.windows)
    return WorthResult(
      fromLayer: 17, base: "full tokens", answer: "twice", isRight: true,
      cost: WorthCost(
        WorthRequest(settings, layers: layers), subject.promptShape,
        ReferenceCost(subject.model.decoder),
        measured: .init(seconds: 2, referenceFlops: 1e12)),
      measures: ["relevance 16", "attention received"],
      windows: windows.enumerated().map { index, window in
        let height = Double((index * 7) % 10 + 1) / 10
        let divergence = height * height + Double(index % 3) / 20
        return WorthResult.Window(
          modality: window.modality, clip: window.clip, index: window.index, tokens: window.tokens,
          seconds: Double(2 * window.index), present: window.tokens.count,
          importance: ["relevance 16": height / 100, "attention received": 100 * (1 - height)],
          effect: index < measured
            ? .init(
              divergence: divergence, answer: divergence < 0.8 ? "twice" : "once",
              isSame: divergence < 0.8, isRight: divergence < 0.8, referenceFlops: 1e10,
              executedFlops: 2e10) : nil)
      })
  }

  /// The worth of windows on screen 6, complete or paused.
  func weighed(_ measured: Int = 20) -> App {
    var app = finished
    for key in "6wr" { _ = app.update(.key(.character(key))) }
    _ = app.update(.message(.study(.worth(worth(measured: measured)))))
    return app
  }

  /// Results of a sweep over one clip, or over many questions.
  func results(_ points: [SweepPoint], questions: Int = 1) -> [SweepResult] {
    points.enumerated().flatMap { index, point in
      (0..<questions).map { question in
        let share = point.retention / 100
        let drift = index == 0 ? 0 : (1 - share) * Double(1 + index % 5)
        return SweepResult(
          question: "\(question)", kind: "clip", windows: 10, point: point.key, answer: "twice",
          isRight: Double(question) < Double(questions) * (1 - drift / 12),
          isSameAsFull: drift < 2, divergence: drift, topLogits: [],
          referenceFlops: 1e12 * share, fullReferenceFlops: 1e12, executedFlops: 2e12 * share,
          prefillMs: 4000 * share + Double(20 * index), selectionMs: 12,
          retentionReached: share)
      }
    }
  }

  /// The finished run pinned, a smaller budget after it, and the measurement screens open.
  func studied(_ screen: Screen, readings count: Int = 84, points: Int? = nil) -> App {
    var app = finished
    app.options.methods = [.seats, .full, .random, .fastvOmni]
    _ = app.update(.message(.study(.drift(0.0125))))
    _ = app.update(.key(.character("c")))
    _ = app.update(.key(.character("-")))
    for reading in readings(count) {
      _ = app.update(.message(.study(.reading(reading, expected: 84))))
    }
    if count >= 84 { _ = app.update(.message(.study(.dependency(curve)))) }
    let sweep = app.sweepPoints
    app.run.study.expectedResults = sweep.count
    for result in results(Array(sweep.prefix(points ?? sweep.count))) {
      _ = app.update(.message(.study(.result(result))))
    }
    _ = app.update(.key(.character(screen.digit)))
    return app
  }
}
