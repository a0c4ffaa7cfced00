import Evaluations
import Selection
import Sessions

extension App {
  /// Updates the state with the progress of a measurement.
  mutating func apply(_ event: StudyEvent) {
    switch event {
    case .drift(let nats): run.study.drift = nats
    case .reading(let reading, let expected):
      run.study.readings.append(reading)
      run.study.expectedReadings = expected
    case .dependency(let curve):
      run.study.curve = curve
      log(
        "dependency curve: middle from layer \(curve.blocks.middle), late from \(curve.blocks.late)"
      )
    case .worth(let result): apply(result)
    case .result(let result):
      run.study.results.append(result)
      let count = run.study.results.count
      if count == run.study.expectedResults { log("sweep complete: \(count) points") }
    case .flips(let flips): show(flips)
    case .questions(let file): show(file)
    case .summary(let summary, let file):
      (run.study.summary, run.study.file) = (summary, file)
      say("\(summary.points.count) points read from \(file)", .good)
    }
  }

  /// Points of a sweep of the open clip: full tokens, then every method at five budgets.
  var sweepPoints: [SweepPoint] {
    let base = run.settings
    return [.full(base)]
      + options.methods.filter { $0 != .full }.flatMap { method in
        [35.0, 25, 15, 10, 5].map { percent in
          var settings = base
          (settings.method, settings.budget) = (
            method, RetentionBudget(nominalPercent: percent, pairs: run.pairs)
          )
          return SweepPoint(label: method.rawValue, retention: percent, settings: settings)
        }
      }
  }

  /// Uses the drop layers proposed by the dependency curve.
  mutating func adoptLayers() -> [Effect] {
    guard let blocks = run.study.curve?.blocks else { return [] }
    var settings = run.settings
    settings.dropLayers = blocks.dropLayers
    settings.lateLayer = blocks.late <= run.layers + 1 ? blocks.late : nil
    let effects = apply(settings)
    if !effects.isEmpty {
      say("applied drop layers \(blocks.dropLayerText), late layer \(blocks.late)", .good)
    }
    return effects
  }
}
