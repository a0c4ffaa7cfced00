import Basics
import Runs

extension RunState {
  /// Progress of the current work; nil if there is none, or in its first half second.
  func workProgress(at now: Duration) -> WorkProgress? {
    if let progress { return progress }
    guard let left = timeLeft(at: now), now - activeSince >= ProgressMeter.silence else {
      return nil
    }
    return WorkProgress(
      .layers, done: ledger.current.count - 2, total: layers, start: layersAtStart,
      seconds: (now - activeSince).seconds, estimate: left / 1000)
  }

  /// Estimated milliseconds until the last layer is finished, computed from the finished layers;
  /// nil before the first layer, in a full-token run, and at the end.
  func timeLeft(at now: Duration) -> Double? {
    guard let subject, activity == .running, ledger.current.count < layers + 2 else { return nil }
    let cost = ReferenceCost(subject.model.decoder)
    let (spent, work) = ledger.current.layers.reduce((0.0, 0.0)) {
      ($0.0 + $1.totalMilliseconds, $0.1 + cost.layer(tokens: $1.entering.total))
    }
    guard spent > 0, work > 0 else { return nil }
    let left = (ledger.current.count..<layers + 2).reduce(0.0) { sum, index in
      let row = row(index, subject, now)
      guard row.step.isLayer else { return sum }
      var running = 0.0
      if case .running(let milliseconds) = row.state { running = milliseconds }
      return sum + max(0, cost.layer(tokens: row.entering.total) * spent / work - running)
    }
    return left
  }
}
