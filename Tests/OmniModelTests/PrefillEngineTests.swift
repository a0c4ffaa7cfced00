import Selection
import Tensors
import Testing

@testable import OmniModel

/// A prefill against an engine that has no model in this process.
@Suite struct `Engine calls of a prefill` {
  private static let layers = 6
  /// Two windows of a grid and its sound, text around them.
  private static let modalities: [Modality] =
    [.text] + [Modality](repeating: .video, count: 8) + [Modality](repeating: .audio, count: 6)
    + [Modality](repeating: .video, count: 8) + [Modality](repeating: .audio, count: 6)
    + [.text, .text]

  private static var shape: PromptShape {
    PromptShape(layers: layers, counts: ModalityCounts(modalities), tokensPerGrid: 4)
  }

  private static func plan(_ change: (inout SelectionSettings) -> Void = { _ in }) -> SelectionPlan
  {
    var settings = SelectionSettings(
      method: .seats, budget: RetentionBudget(video: 0.4, audio: 0.4), dropLayers: [2, 4],
      lateLayer: 6)
    change(&settings)
    return settings.plan(for: shape)
  }

  private static let merging = SelectionPlan(
    method: .omnipack,
    encoderRule: EventPackingRule(video: 0.5, audio: 0.5, windows: SelectionWindows()),
    boundaries: [LayerBoundary(afterLayer: 3, rule: RelevancePackingRule(video: 0.5, audio: 0.5))])

  private let engine = ScriptedEngine(layerCount: layers, modalities: modalities)

  private func prefill(
    _ plan: SelectionPlan, snapshotBytes: Int = 1 << 20, media: EncodedMedia? = nil,
    _ engine: ScriptedEngine? = nil
  ) -> Prefill {
    let grid = TokenGrid(times: 4, rows: 2, columns: 2)
    return Prefill(
      PrefillPrompt(modalities: Self.modalities, grids: [grid]), engine: engine ?? self.engine,
      plan: plan, media: media, snapshotBytes: snapshotBytes)
  }

  private func finished(_ plan: SelectionPlan, snapshotBytes: Int = 1 << 20) throws -> Prefill {
    let engine = ScriptedEngine(layerCount: Self.layers, modalities: Self.modalities)
    var prefill = prefill(plan, snapshotBytes: snapshotBytes, engine)
    while try prefill.advance(Cancellation()) != nil {}
    return prefill
  }

  /// Everything a run is, but for times.
  private struct Summary: Equatable {
    let steps: [PrefillStep]
    let counts: [ModalityCounts]
    let flops: [Double]
    let drops: [DropRecord?]
    let survivors: [Int]
    let logits: [Float]
    let keyValueBytes: Int

    init(_ prefill: Prefill) {
      steps = prefill.outcomes.map(\.step)
      counts = prefill.outcomes.flatMap { [$0.entering, $0.leaving] }
      flops = prefill.outcomes.flatMap { [$0.executedFlops, $0.selectionFlops] }
      drops = prefill.outcomes.map(\.drop)
      survivors = prefill.survivors
      logits = prefill.logits
      keyValueBytes = prefill.keyValueBytes
    }
  }

  @Test func `each layer runs over the survivors of the layer before`()
    throws
  {
    var prefill = prefill(Self.plan { $0.lateLayer = nil })
    while try prefill.advance(Cancellation()) != nil {}
    let calls = engine.script.calls
    #expect(Array(calls.prefix(2)) == [.encode, .embed])
    var survivors = try #require(prefill.outcomes[1].drop).kept
    for layer in 1...Self.layers {
      let outputs = layer == Self.layers ? 1 : survivors.count
      #expect(calls.contains(.run(layer: layer, positions: survivors, outputs: outputs)))
      if let drop = prefill.outcomes[layer + 1].drop {
        #expect(calls.contains(.relevance(layer: layer)))
        #expect(drop.kept.count < survivors.count)
        survivors = drop.kept
      }
    }
    #expect(calls.last == .logits)
    #expect(calls.count { if case .run = $0 { true } else { false } } == Self.layers)
    #expect(!calls.contains(.rows), "hidden states stay with the engine")
    #expect(prefill.outcomes[0].visionSeconds == 0.5 && prefill.outcomes[0].audioSeconds == 0.25)
    #expect(prefill.outcomes[3].attentionSeconds == 0.1)
    #expect(prefill.keyValueBytes == Self.layers * survivors.count * 16)
  }

  /// Keeps what the question attends to, and notes what it was given.
  private struct AskingRule: BoundaryRule {
    static let name = "asking"
    var ratios: RetentionBudget { RetentionBudget(video: 1, audio: 1) }

    func select(_ inputs: BoundaryInputs) throws -> RuleOutcome {
      var outcome = RuleOutcome(
        kept: Array(inputs.modalities.indices), path: .global,
        scores: try inputs.questionRelevance().scores)
      outcome.notes = inputs.windows().map { $0.map(String.init) ?? "text" }
      return outcome
    }
  }

  @Test func `rules get relevance to each question token, and each token's window`()
    throws
  {
    let plan = SelectionPlan(
      method: .full, boundaries: [LayerBoundary(afterLayer: 2, rule: AskingRule())])
    var prefill = prefill(plan)
    while try prefill.advance(Cancellation()) != nil {}
    let drop = try #require(prefill.outcomes[3].drop)
    let asked = engine.script.calls.filter { $0 == .relevance(layer: 2) }
    #expect(asked.count == 2, "the last two tokens")
    let text = Self.modalities.indices.filter { Self.modalities[$0] == .text }
    #expect(text.allSatisfy { drop.notes[$0] == "text" })
    #expect(drop.notes[1...14].allSatisfy { $0 == "0" })
    #expect(drop.notes[15...28].allSatisfy { $0 == "1" })
  }

  @Test func `a plan changed midway reruns no earlier layer`()
    throws
  {
    let other = Self.plan { $0.windowTemperature = 5 }
    #expect(other.firstDifference(from: Self.plan()) == 2)
    for steps in 0...Self.layers + 3 {
      let engine = ScriptedEngine(layerCount: Self.layers, modalities: Self.modalities)
      var prefill = prefill(Self.plan(), engine)
      for _ in 0..<steps { try prefill.advance(Cancellation()) }
      engine.script.clear()
      prefill.apply(other)
      while try prefill.advance(Cancellation()) != nil {}
      #expect(Summary(prefill) == Summary(try finished(other)), "after \(steps) steps")
      if steps >= 4 {
        #expect(
          engine.script.calls.allSatisfy {
            if case .run(let layer, _, _) = $0 { layer > 2 } else { $0 != .encode }
          })
      }
    }
  }

  @Test func `discarded snapshots are computed again with equal results`() throws {
    var prefill = prefill(Self.plan(), snapshotBytes: 0)
    for _ in 0..<7 { try prefill.advance(Cancellation()) }
    prefill.rewind(toSteps: 5)
    engine.script.clear()
    while try prefill.advance(Cancellation()) != nil {}
    #expect(Summary(prefill) == Summary(try finished(Self.plan())))
    let layers = engine.script.calls.compactMap { call -> Int? in
      if case .run(let layer, _, _) = call { layer } else { nil }
    }
    #expect(layers == [1, 2, 3, 4, 5, 6], "rows of layers 1 to 3 are gone")
    prefill.rewind(toSteps: 5)
    prefill.apply(Self.merging)
    while try prefill.advance(Cancellation()) != nil {}
    #expect(Summary(prefill) == Summary(try finished(Self.merging)))
  }

  @Test func `an engine error is thrown and leaves the prefill unchanged`()
    throws
  {
    let fault = PrefillError.engine(EngineFault(.memory, reason: "out of memory"))
    for plan in [Self.plan(), Self.merging] {
      let whole = ScriptedEngine(layerCount: Self.layers, modalities: Self.modalities)
      var undisturbed = prefill(plan, whole)
      while try undisturbed.advance(Cancellation()) != nil {}
      for index in whole.script.calls.indices {
        let engine = ScriptedEngine(layerCount: Self.layers, modalities: Self.modalities)
        engine.script.fail(at: index, fault)
        var prefill = prefill(plan, engine)
        var failures = 0
        while !prefill.isComplete {
          let before = Summary(prefill)
          do {
            try prefill.advance(Cancellation())
          } catch {
            #expect(error == fault)
            #expect(Summary(prefill) == before, "\(whole.script.calls[index])")
            failures += 1
          }
        }
        #expect(failures == 1, "\(whole.script.calls[index])")
        #expect(Summary(prefill) == Summary(undisturbed), "\(whole.script.calls[index])")
      }
    }
  }

  @Test func `a layer that ran out of memory can run with fewer tokens`() throws {
    var prefill = prefill(Self.plan())
    for _ in 0..<4 { try prefill.advance(Cancellation()) }
    let fault = PrefillError.engine(EngineFault(.memory, reason: "out of memory"))
    engine.script.fail(at: engine.script.calls.count, fault)
    #expect(throws: fault) { try prefill.advance(Cancellation()) }
    let fewer = Self.plan { $0.lateLayer = 3 }
    prefill.apply(fewer)
    while try prefill.advance(Cancellation()) != nil {}
    #expect(Summary(prefill) == Summary(try finished(fewer)))
  }

  @Test func `a drop that failed in a plan change is made in the next run`()
    throws
  {
    var prefill = prefill(Self.plan())
    for _ in 0..<5 { try prefill.advance(Cancellation()) }
    let other = Self.plan { $0.windowTemperature = 5 }
    engine.script.fail(
      at: engine.script.calls.count, .engine(EngineFault(.failed, reason: "gone")))
    prefill.apply(other)
    #expect(prefill.nextStep == .layer(2))
    while try prefill.advance(Cancellation()) != nil {}
    #expect(Summary(prefill) == Summary(try finished(other)))
  }

  @Test func `cancelling during an engine call leaves the prefill unchanged`() throws {
    var prefill = prefill(Self.plan())
    for _ in 0..<4 { try prefill.advance(Cancellation()) }
    let before = Summary(prefill)
    let cancellation = Cancellation()
    engine.script.before { _ in cancellation.request() }
    #expect(throws: PrefillError.cancelled) { try prefill.advance(cancellation) }
    #expect(Summary(prefill) == before)
    engine.script.before { _ in }
    cancellation.clear()
    while try prefill.advance(cancellation) != nil {}
    #expect(Summary(prefill) == Summary(try finished(Self.plan())))
  }

  @Test func `another question about the same media reuses the encoder output`() throws {
    let first = try finished(Self.plan())
    var second = prefill(Self.plan(), media: first.encodedMedia)
    while try second.advance(Cancellation()) != nil {}
    #expect(!engine.script.calls.contains(.encode))
    #expect(second.outcomes[0].executedFlops == 0 && second.outcomes[0].visionSeconds == 0)
    #expect(second.logits == first.logits)
  }

  @Test func `only merged rows that survive are sent to the engine`() throws {
    let prefill = try finished(Self.merging)
    for (layer, drop) in [(1, prefill.outcomes[1].drop), (4, prefill.outcomes[4].drop)] {
      let input = try prefill.input(ofLayer: layer, Cancellation())
      let drop = try #require(drop)
      let merged = input.changed.flatMap { $0.offsets.map { input.positions[$0] } }
      #expect(!drop.merges.isEmpty && input.positions == drop.kept)
      #expect(Set(drop.merges.map(\.survivor)).isSubset(of: merged))
      #expect(Set(merged).isSubset(of: drop.kept))
      #expect(
        input.changed.allSatisfy { $0.offsets.count == $0.sums?.count ?? $0.numbers?.rows })
    }
  }

  @Test func `decoding resumes after an engine error`() throws {
    let prefill = try finished(Self.plan())
    var whole = Decoding(prefill)
    let expected = try (0..<5).map { _ in try whole.next() }
    #expect(Set(expected).count > 1)
    let script = try #require(prefill.engine as? ScriptedEngine).script
    var decoding = Decoding(prefill)
    for _ in 0..<2 { _ = try decoding.next() }
    let fault = PrefillError.engine(EngineFault(.failed, reason: "gone"))
    script.fail(at: script.calls.count, fault)
    #expect(throws: fault) { try decoding.next() }
    #expect(decoding.tokens == Array(expected.prefix(2)))
    while decoding.tokens.count < 5 { _ = try decoding.next() }
    #expect(decoding.tokens == expected)
  }
}
