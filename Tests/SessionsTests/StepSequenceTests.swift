import Foundation
import OmniModel
import Selection
import TestSupport
import Testing

@testable import Runs
@testable import Sessions

/// Going back and forth, editing and cancelling never changes what a plan does.
@Suite struct `Stepping a run` {
  private func open() async throws -> ProfiledRun {
    let golden = Fixtures.golden.appending(path: "qwen2_5_av")
    let request = RunRequest(
      model: golden.appending(path: "checkpoint").path, clip: golden.appending(path: "clip").path,
      maxNewTokens: 6, ignoresEnd: true)
    return ProfiledRun(try await OpenedRun(request), request)
  }

  private func finish(_ run: inout ProfiledRun) throws {
    while try run.advance(Cancellation()) != nil {}
    while !run.isAnswered { _ = try run.decode() }
  }

  /// What must be the same however a run got there.
  private func essence(_ run: ProfiledRun) -> [String] {
    run.records.map { "\($0.step.label) \($0.entering) \($0.leaving) \($0.drop?.kept ?? [])" }
      + ["\(run.answer?.tokenIDs ?? [])"]
  }

  @Test func `stepping back and forth ends like an uninterrupted run`() async throws {
    var straight = try await open()
    var wandering = straight
    try finish(&straight)
    for _ in 0..<9 { _ = try wandering.advance(Cancellation()) }
    for _ in 0..<4 { _ = wandering.back() }
    #expect(wandering.records.count == 5)
    try finish(&wandering)
    #expect(essence(wandering) == essence(straight))
    _ = wandering.back()
    #expect(wandering.answer == nil && wandering.nextStep == .head)
  }

  @Test func `attention and MLP times are part of a layer's time`()
    async throws
  {
    var run = try await open()
    try finish(&run)
    var settings = run.settings
    settings.dropLayers = [3]
    _ = run.configure(settings)
    #expect(run.records.count > 2)
    for record in run.records {
      let halves = [record.attentionMilliseconds, record.feedForwardMilliseconds]
      if case .layer = record.step {
        #expect(halves.allSatisfy { $0 > 0 } && record.restMilliseconds >= 0)
      } else {
        #expect(halves == [0, 0])
      }
    }
  }

  @Test func `stepping back stops at the first step`() async throws {
    var run = try await open()
    _ = try run.advance(Cancellation())
    let steps = [run.back(), run.back()]
    #expect(steps == [true, false])
    #expect(run.nextStep == .encoders)
  }

  @Test(arguments: [
    "late layer", "drop layers", "video budget", "windows", "temperature", "method",
  ])
  func `a run with an edited plan ends like a fresh run`(_ edit: String) async throws {
    var edited = try await open()
    var fresh = edited
    var settings = edited.settings
    switch edit {
    case "late layer": settings.lateLayer = 10
    case "drop layers": settings.dropLayers = [3, 6]
    case "video budget": settings.budget.video = 0.25
    case "windows": settings.windows = .init(grids: 1, audioSeconds: 1)
    case "temperature": settings.windowTemperature = 0.001
    default: settings.method = .fastvOmni
    }
    try finish(&edited)
    let kept = edited.configure(settings)
    #expect(kept >= 1, "encoders never run again")
    try finish(&edited)
    _ = fresh.configure(settings)
    try finish(&fresh)
    #expect(essence(edited) == essence(fresh))
  }

  @Test func `a plan change keeps the steps that it does not affect`() async throws {
    var run = try await open()
    try finish(&run)
    var settings = run.settings
    settings.windowTemperature = 0.001
    let kept = run.configure(settings)
    #expect(kept == 2 + 5 - 1, "layer 5 is the first drop: its decision is taken anew")
    #expect(run.records.count == kept + 1, "without running the layer again")
    #expect(run.nextStep == .layer(6) && run.answer == nil)
  }

  @Test func `applying equal settings changes nothing in a run`() async throws {
    var run = try await open()
    try finish(&run)
    let before = essence(run)
    let kept = run.configure(run.settings)
    #expect(kept == run.records.count)
    #expect(essence(run) == before)
  }

  @Test func `a plan computed for another clip is computed again`() async throws {
    var run = try await open()
    var settings = run.settings
    settings.method = .random
    let shape = run.opened.subject.promptShape
    var other = shape
    other.contentHash ^= 1
    let stale = PlannedSettings(settings, for: other)
    #expect(stale.plan != settings.plan(for: shape), "another draw")
    _ = run.configure(stale)
    #expect(run.plan == settings.plan(for: shape))
    var sent = PlannedSettings(run.settings, for: shape)
    #expect(sent.planned(for: shape) == sent)
    sent = PlannedSettings(run.settings, for: other)
    #expect(sent.planned(for: shape).shape == shape)
  }

  @Test func `a cancelled step leaves the run as it was`() async throws {
    var run = try await open()
    let cancellation = Cancellation()
    cancellation.request()
    #expect(throws: PrefillError.cancelled) { _ = try run.advance(cancellation) }
    #expect(run.records.isEmpty && run.nextStep == .encoders)
    cancellation.clear()
    _ = try run.advance(cancellation)
    #expect(run.records.count == 1)
  }

  @Test func `full tokens share the encoders and drop nothing`() async throws {
    var run = try await open()
    try finish(&run)
    var full = run.fullTokens()
    #expect(full.records.count == 1 && full.answer == nil)
    try finish(&full)
    #expect(full.records.allSatisfy { $0.leaving == run.opened.subject.prompt.counts })
    #expect(FullRunRecord(full)?.layerMilliseconds.count == 10)
  }

  @Test func `the forecast of full tokens equals the reference's FLOPs`() async throws {
    let run = try await open()
    let subject = run.opened.subject
    let forecast = PlanCostEstimate(
      .full, prompt: subject.promptShape, decoder: subject.model.decoder)
    #expect(forecast.referenceFlops == forecast.referenceFullFlops && forecast.retention == 1)
    #expect(forecast.referenceFullFlops == 106_444_800)
  }
}
