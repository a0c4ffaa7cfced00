import Selection
import Tensors

@testable import OmniModel
@testable import Runs

/// All that a run is, but for times and for what was given up to save memory: by name and checksum,
/// so that one bit tells two runs apart.
struct RunBits: Equatable {
  private struct Part: Equatable {
    let name: String
    let sum: UInt64
  }

  private let parts: [Part]

  init(_ run: ProfiledRun) throws {
    let prefill = run.prefill
    var parts: [Part] = []
    func add(_ name: String, _ fill: (inout ContentHash) -> Void) {
      var hash = ContentHash()
      fill(&hash)
      parts.append(Part(name: name, sum: hash.value))
    }
    add("notes \(prefill.plan.method) \(prefill.plan.notes)") { _ in }
    for record in run.records { add("record of \(record.step)") { $0.add(record) } }
    for outcome in prefill.outcomes {
      add("outcome of \(outcome.step)") {
        $0.add(
          StepRecord(outcome, ReferenceCost(run.opened.subject.model.decoder), keyValueBytes: 0))
      }
    }
    add("entrance") {
      $0.add(prefill.entrance?.kept ?? [])
      for change in prefill.entrance?.changed ?? [] {
        $0.add(change.offsets)
        $0.add(change.numbers?.elements ?? [])
        for sum in change.sums ?? [] {
          $0.add(sum.rows)
          $0.add(sum.weights)
        }
      }
    }
    for (index, layer) in prefill.layers.enumerated() {
      let hidden =
        try layer.output.hidden ?? prefill.hiddenStates(afterLayer: index + 1, Cancellation())
      let keyValues = layer.output.keyValues.value(as: KeyValues.self)
      add("output of layer \(index + 1)") {
        $0.add(layer.output.positions)
        $0.add(layer.output.outputs)
        $0.add(hidden.value(as: Tensor.self).elements)
      }
      add("keys and values of layer \(index + 1)") {
        $0.add(keyValues.keys.elements)
        $0.add(keyValues.values.elements)
      }
      add("survivors of layer \(index + 1)") { $0.add(layer.kept) }
    }
    add("logits") { $0.add(prefill.logits) }
    add("answer \(run.answer?.text ?? "none")") {
      $0.add(run.answer?.tokenIDs ?? [])
      $0.add((run.answer?.topLogits ?? []).map(\.logit))
    }
    self.parts = parts
  }

  /// The first part that differs; nil where none does.
  func difference(from other: RunBits) -> String? {
    let differing = zip(parts, other.parts).first { $0 != $1 }
    if let differing { return "\(differing.0.name) is not \(differing.1.name)" }
    return parts.count == other.parts.count ? nil : "\(parts.count) parts, not \(other.parts.count)"
  }
}

extension ContentHash {
  fileprivate mutating func add(_ counts: ModalityCounts) {
    for count in [counts.text, counts.image, counts.video, counts.audio] { add(count) }
  }

  /// Everything but times and resident memory.
  fileprivate mutating func add(_ record: StepRecord) {
    add(record.entering)
    add(record.leaving)
    add(record.keyValueBytes ?? -1)
    for flops in [
      record.referenceFlops, record.executedFlops, record.feedForwardFlops, record.selectionFlops,
    ] { add((flops ?? -1).bitPattern) }
    guard let drop = record.drop else { return add(0) }
    add(drop.kind.rawValue.utf8.count + 10 * (drop.path?.rawValue.utf8.count ?? 0))
    add(drop.before)
    add(drop.kept)
    add(drop.scores)
    for window in drop.windows {
      add([window.videoWeight, window.audioWeight, window.videoRelevance, window.audioRelevance])
      add([window.budget, window.videoBudget, window.audioBudget])
      add([window.videoTokens, window.audioTokens])
    }
  }
}
