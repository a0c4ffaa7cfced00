import Foundation
import Selection
import Synchronization
import TestSupport
import Testing

@testable import OmniModel
@testable import Tensors

/// Everything that a run made, to the last bit.
private struct Results: Equatable {
  var logits: [Float] = []
  var survivors: [Int] = []
  var ids: [Int] = []
  var hidden: [[Float]] = []
}

/// Streamed weights: with any bound the results are those of resident weights.
@Suite(.serialized) struct `Streamed weights` {
  private static let cases = ["qwen2_5_av", "qwen3_av"]

  private static func thinker(
    _ name: String, _ compute: ComputeChoice, bytes: Int?, cache: PackedCache? = nil
  ) throws -> Thinker {
    try Thinker(
      directory: Fixtures.golden.appending(path: name + "/checkpoint").path, compute: compute,
      cache: cache, memory: bytes.map { .weights($0) })
  }

  /// A plan that drops tokens, for a prompt.
  private static func seats(_ prompt: Prompt, _ thinker: Thinker, percent: Double) -> SelectionPlan
  {
    let layers = thinker.configuration.text.layers
    var settings = SelectionSettings(defaultsForLayers: layers)
    settings.budget = RetentionBudget(
      nominalPercent: percent, pairs: thinker.configuration.family.published.pairs)
    settings.dropLayers = [1]
    settings.lateLayer = layers
    return settings.plan(for: prompt.shape(layers: layers))
  }

  /// Runs with tokens dropped, goes back, takes another plan, finishes, and answers.
  private static func results(_ golden: GoldenCase, _ thinker: Thinker) throws -> Results {
    let prompt = try Prompt(golden.clip(), for: thinker)
    var prefill = Prefill(
      prompt, thinker: thinker, plan: seats(prompt, thinker, percent: 35), snapshotBytes: 0)
    var results = Results()
    while try prefill.advance(Cancellation()) != nil {}
    results.hidden.append(prefill.logits)
    prefill.stepBack()
    prefill.stepBack()
    prefill.apply(seats(prompt, thinker, percent: 15))
    while try prefill.advance(Cancellation()) != nil {}
    results.hidden.append(try prefill.hiddenRows(afterLayer: 1).elements)
    (results.logits, results.survivors) = (prefill.logits, prefill.survivors)
    var decoding = Decoding(prefill)
    results.ids = try (0..<4).map { _ in try decoding.next() }
    return results
  }

  @Test(arguments: cases, [ComputeChoice.f32, .bf16, .int8])
  func `streamed weights give bit-identical results to resident weights`(
    _ name: String, _ compute: ComputeChoice
  ) throws {
    let golden = try GoldenCase(name)
    let expected = try Self.results(golden, Self.thinker(name, compute, bytes: nil))
    for bytes in [1, 20_000, 100_000] {
      let thinker = try Self.bounded(name, compute, bytes)
      #expect(try Self.results(golden, thinker) == expected, "\(bytes) bytes")
      let window = try #require(thinker.window)
      let traffic = window.traffic
      #expect(traffic.units > 0 && traffic.bytes > 0)
      #expect(traffic.most <= max(bytes, window.leastBytes))
    }
  }

  /// Where the largest matrix alone goes beyond the bound, it is brought in all the same: less than
  /// that is refused where the bound is asked for, which is tested below.
  private static func bounded(
    _ name: String, _ compute: ComputeChoice, _ bytes: Int, cache: PackedCache? = nil
  ) throws -> Thinker {
    do {
      return try thinker(name, compute, bytes: bytes, cache: cache)
    } catch CheckpointError.tooLarge(_, _, let least, _) {
      return try thinker(name, compute, bytes: least, cache: cache)
    }
  }

  @Test(arguments: cases)
  func `streamed weights give equal results on every instruction set`(_ name: String) throws {
    let golden = try GoldenCase(name)
    defer { ProductPath.limit(.dot) }
    for path in ProductPath.available {
      ProductPath.limit(path)
      for compute in [ComputeChoice.bf16, .int8] {
        let expected = try Self.results(golden, Self.thinker(name, compute, bytes: nil))
        #expect(try Self.results(golden, Self.bounded(name, compute, 1)) == expected, "\(path)")
      }
    }
  }

  @Test(arguments: cases)
  func `streamed packed weights give equal results and write no files`(_ name: String) throws {
    let golden = try GoldenCase(name)
    let scratch = FileManager.default.temporaryDirectory
      .appending(path: "seats-top-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: scratch) }
    let cache = PackedCache(directory: scratch.path)
    _ = try Self.bounded(name, .bf16, 1, cache: cache)
    #expect(cache.entries.isEmpty)
    let expected = try Self.results(golden, Self.thinker(name, .bf16, bytes: nil, cache: cache))
    let file = try #require(cache.entries.first).path
    #expect(try Self.results(golden, Self.bounded(name, .bf16, 1, cache: cache)) == expected)
    // Damaged on its way, a matrix is packed from the checkpoint.
    var bytes = try Data(contentsOf: URL(filePath: file))
    bytes[PackedFile.pageBytes + 100] ^= 1
    try bytes.write(to: URL(filePath: file), options: .atomic)
    #expect(try Self.results(golden, Self.bounded(name, .bf16, 1, cache: cache)) == expected)
  }

  @Test func `streamed quantised weights and adapters give equal results`() throws {
    for name in QuantizedRun.quantised.prefix(2) {
      let run = try QuantizedRun(name)
      try run.whole { directory in
        func answer(_ memory: MemoryBound?) throws -> [Float] {
          try run.answer(Thinker(directory: directory.path, compute: .bf16, memory: memory)).logits
        }
        let (streamed, plain) = (try answer(.weights(300_000)), try answer(nil))
        #expect(streamed == plain, "\(name)")
      }
    }
    let run = try QuantizedRun(try #require(QuantizedRun.adapted.first))
    func answer(_ memory: MemoryBound?) throws -> [Float] {
      let thinker = try Thinker(
        directory: run.url.path, base: run.checkpoint, compute: .bf16, memory: memory)
      return try run.answer(thinker).logits
    }
    let (streamed, plain) = (try answer(.weights(300_000)), try answer(nil))
    #expect(streamed == plain)
  }

  @Test(arguments: cases)
  func `streamed weights give equal results after cancelled runs`(_ name: String) throws {
    let golden = try GoldenCase(name)
    let expected = try Self.results(golden, Self.thinker(name, .bf16, bytes: nil))
    let thinker = try Self.bounded(name, .bf16, 30_000)
    let prompt = try Prompt(golden.clip(), for: thinker)
    for attempt in 0..<40 {
      var prefill = Prefill(prompt, thinker: thinker, plan: .full)
      let cancellation = Cancellation()
      let thread = Thread {
        usleep(UInt32(attempt) * 400)
        cancellation.request()
      }
      thread.start()
      while (try? prefill.advance(cancellation)) ?? nil != nil {}
    }
    #expect(try Self.results(golden, thinker) == expected)
  }

  @Test func `streamed weights are discarded if loading them was cancelled`() throws {
    let window = WeightWindow(.weights(1000))
    let makes = Mutex(0)
    let weights = StreamedWeights(
      WeightUnit(name: "model.layers.0.q", bytes: 8, files: []), in: window
    ) { () throws(AllocationFailure) in
      makes.withLock { $0 += 1 }
      return makes.withLock { $0 }
    }
    let isStopped = { @Sendable in true }
    func stopped() -> Int { ProductThreads.stopping(when: isStopped) { weights.value } }
    #expect(stopped() == 1)
    #expect(window.loadedBytes == 0)
    #expect(weights.value == 2)
    #expect(stopped() == 2)
    #expect(weights.value == 2 && window.loadedBytes == 8)
  }

  @Test func `only the experts that a token is routed to are loaded`() throws {
    let thinker = try Self.bounded("qwen3_av", .bf16, 1)
    let golden = try GoldenCase("qwen3_av")
    let window = try #require(thinker.window)
    var prefill = Prefill(
      try Prompt(golden.clip(), for: thinker), thinker: thinker, plan: .full)
    while try prefill.advance(Cancellation()) != nil {}
    var decoding = Decoding(prefill)
    _ = try decoding.next()
    let experts = try #require(thinker.configuration.text.experts)
    #expect(experts.active < experts.count)
    // Nothing of what one token needs is left from the one before.
    window.limit(0)
    let before = window.traffic
    _ = try decoding.next()
    let share = Double(experts.active) / Double(experts.count)
    #expect(window.traffic.bytes - before.bytes == window.storedBytesPerToken(share: share))
  }

  @Test func `the weights needed soonest stay in memory`() throws {
    let window = WeightWindow(.weights(50))
    let layers = (0..<10).map { index in
      StreamedWeights(
        WeightUnit(name: "model.layers.\(index).q", bytes: 10, files: []), in: window
      ) { () throws(AllocationFailure) in index }
    }
    func pass() -> Int {
      let before = window.traffic.units
      for layer in layers { _ = layer.value }
      return window.traffic.units - before
    }
    #expect(pass() == 10)
    // Five stay from pass to pass, and the others take turns in no more than that room.
    #expect(pass() == 5)
    #expect(pass() == 5)
    #expect(window.traffic.most == 50)
  }

  @Test func `weights of encoders are evicted for those of the decoder`() throws {
    let window = WeightWindow(.weights(30))
    func unit(_ name: String) -> StreamedWeights<Int> {
      StreamedWeights(WeightUnit(name: name, bytes: 10, files: []), in: window) {
        () throws(AllocationFailure) in 0
      }
    }
    let layers = (0..<3).map { unit("model.layers.\($0).q") }
    let block = unit("visual.blocks.0.attn")
    _ = block.value
    for layer in layers { _ = layer.value }
    let before = window.traffic.units
    for layer in layers { _ = layer.value }
    #expect(window.traffic.units == before)
  }

  @Test func `weights above the limit one by one are refused with the least limit`() throws {
    let error = #expect(throws: CheckpointError.self) {
      try Self.thinker("qwen2_5_av", .bf16, bytes: 1)
    }
    guard case .tooLarge(_, let weights, let least, let bound) = try #require(error) else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(bound == 1 && least > 1 && weights > least)
    #expect(try Self.thinker("qwen2_5_av", .bf16, bytes: least).streaming != nil)
    #expect(throws: CheckpointError.self) {
      try Self.thinker("qwen2_5_av", .bf16, bytes: least - 1)
    }
  }

  @Test func `weights are streamed only if they do not fit in memory`() {
    func window(_ weights: Int, _ asked: MemoryBound?, _ available: Int?) -> MemoryBound? {
      WeightWindow.needed(for: weights, asked: asked, available: available, resident: 100)?.bound
    }
    #expect(window(1000, nil, nil) == nil)
    #expect(window(1000, nil, 2000) == nil)
    #expect(window(1000, nil, 500) == .process(475 + 100))
    #expect(window(1000, .process(5000), 400) == .process(500))
    #expect(window(1000, .process(600), 4000) == .process(600))
    #expect(window(1000, .process(1600), 4000) == nil)
    #expect(window(1000, .weights(999), nil) == .weights(999))
    #expect(window(1000, .weights(1000), nil) == nil)
  }
}
