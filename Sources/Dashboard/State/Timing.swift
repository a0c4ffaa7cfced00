import Basics
import Runs
import Sessions

/// Times of a prefill by stage and layer.
struct Timing: Sendable, Equatable {
  struct Stage: Sendable, Equatable {
    let name: String
    /// Whether the row is the sum of the stages above it.
    var isSum = false
    /// Whether the row is a part of the stage above it.
    var isPart = false
    /// Whether the time is compared with that of full tokens. Encoders run once for both, and other
    /// stages outside of the layers are too short.
    var isCompared = true
    let milliseconds: Double
    /// FLOPs executed by the stage; nil if they are not counted.
    let flops: Double?
    /// Milliseconds of the stage with full tokens; nil if full tokens have not run.
    let fullMilliseconds: Double?

    /// Rate of the stage in GFLOP/s; nil if FLOPs or time are unknown.
    var rate: Double? {
      guard let flops, flops > 0, milliseconds > 0 else { return nil }
      return flops / milliseconds / 1e6
    }
  }

  let stages: [Stage]
  /// Records of the layers that have run.
  let layers: [StepRecord]
  /// Milliseconds of each layer with full tokens; empty if full tokens have not run.
  let fullLayers: [Double]
  /// Median and range of each layer's time including selection; empty without repetitions.
  let spreads: [Spread]
  /// Milliseconds from the encoders to the first answer token.
  let total: Double
  let peak: MachinePeak?

  init(_ run: RunState) {
    let records = run.ledger.current
    layers = records.layers
    fullLayers = run.fullRun?.layerMilliseconds ?? []
    peak = run.peak
    let own = run.repeats.filter { !$0.isFull }.map(\.stepMilliseconds)
    spreads =
      own.isEmpty
      ? []
      : layers.indices.compactMap { layer in
        Spread(own.compactMap { layer + 1 < $0.count ? $0[layer + 1] : nil })
      }
    stages = Self.stages(records, layers, run.fullRun)
    total = stages.last?.milliseconds ?? 0
  }

  private static func stages(
    _ records: ArraySlice<StepRecord>, _ layers: [StepRecord], _ full: FullRunRecord?
  ) -> [Stage] {
    guard let encoders = records.first else { return [] }
    let head = records.last.flatMap { $0.step == .head ? $0 : nil }
    let prefill = records.dropFirst()
    let isWhole = head != nil
    func known(_ part: (StepRecord) -> Double?) -> Double? { layers.knownSum(part) }
    func sum(_ part: (StepRecord) -> Double) -> Double { layers.reduce(0) { $0 + part($1) } }
    func of(_ value: Double?) -> Double? { isWhole ? value : nil }
    func halves(_ times: [Double]?) -> Double? {
      times.flatMap { $0.isEmpty ? nil : of($0.reduce(0, +)) }
    }
    let fullHalves = (halves(full?.attentionMilliseconds), halves(full?.feedForwardMilliseconds))
    let fullLayers = full.map { $0.layerMilliseconds.reduce(0, +) }
    let (fullRest, fullHead) = (
      fullLayers.flatMap { all in fullHalves.0.flatMap { a in fullHalves.1.map { all - a - $0 } } },
      full.flatMap { run in fullLayers.map { run.prefillMilliseconds - $0 } }
    )
    let stage1 = prefill.first
    let (time, flops) = (
      prefill.reduce(0) { $0 + $1.totalMilliseconds }, prefill.knownSum(\.executedFlops)
    )
    return [
      Stage(
        name: "encoders", isCompared: false, milliseconds: encoders.milliseconds,
        flops: encoders.executedFlops,
        fullMilliseconds: of(full.map { _ in encoders.milliseconds }))
    ] + parts(of: encoders) + [
      Stage(
        name: "Stage I", milliseconds: stage1?.totalMilliseconds ?? 0,
        flops: stage1?.executedFlops, fullMilliseconds: of(full.map { _ in 0 })),
      Stage(
        name: "attention", milliseconds: sum(\.attentionMilliseconds),
        flops: known { record in
          record.executedFlops.map { $0 - record.feedForwardFlops - record.selectionFlops }
        },
        fullMilliseconds: fullHalves.0),
      Stage(
        name: "MLP", milliseconds: sum(\.feedForwardMilliseconds), flops: sum(\.feedForwardFlops),
        fullMilliseconds: fullHalves.1),
      Stage(
        name: "selection", milliseconds: sum(\.selectionMilliseconds), flops: sum(\.selectionFlops),
        fullMilliseconds: of(full.map { _ in 0 })),
      Stage(
        name: "rest", isCompared: false, milliseconds: sum(\.restMilliseconds), flops: nil,
        fullMilliseconds: fullRest),
      Stage(
        name: "head", milliseconds: head?.milliseconds ?? 0, flops: head?.executedFlops,
        fullMilliseconds: of(fullHead)),
      Stage(
        name: "prefill", isSum: true, milliseconds: time, flops: flops,
        fullMilliseconds: of(full?.prefillMilliseconds)),
      Stage(
        name: "and encoders", isSum: true, milliseconds: time + encoders.milliseconds,
        flops: flops.flatMap { all in encoders.executedFlops.map { all + $0 } },
        fullMilliseconds: of(full.map { $0.prefillMilliseconds + encoders.milliseconds })),
    ]
  }

  /// Vision and audio encoder as separate rows; empty unless both have run.
  private static func parts(of encoders: StepRecord) -> [Stage] {
    let parts = [("vision", encoders.visionMilliseconds), ("audio", encoders.audioMilliseconds)]
    guard parts.allSatisfy({ $0.1 > 0 }) else { return [] }
    return parts.map { name, time in
      Stage(name: name, isPart: true, milliseconds: time, flops: nil, fullMilliseconds: nil)
    }
  }

  /// Index of the layer at a ledger row, from 0; the nearest layer that has run.
  func layer(atRow row: Int) -> Int { min(max(0, row - 2), max(0, layers.count - 1)) }
}
