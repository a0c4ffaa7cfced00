import Foundation
import Selection
import Tensors
import TestSupport
import Testing

@testable import Basics
@testable import OmniModel

/// What is known of memory before it is taken.
@Suite struct `Memory` {
  private func forecast(_ snapshotBytes: Int) throws -> PrefillMemoryEstimate {
    let golden = try GoldenCase("qwen2_5_av")
    let thinker = try golden.thinker()
    return PrefillMemoryEstimate(
      try Prompt(golden.clip(), for: thinker), thinker, snapshotBytes: snapshotBytes)
  }

  @Test func `the stated memory of KV cache and snapshots is exact`() throws {
    let golden = try GoldenCase("qwen2_5_av")
    let thinker = try golden.thinker()
    let prompt = try Prompt(golden.clip(), for: thinker)
    var prefill = Prefill(prompt, thinker: thinker, plan: .full)
    while try prefill.advance(Cancellation()) != nil {}
    let forecast = PrefillMemoryEstimate(prompt, thinker, snapshotBytes: 1 << 30)
    #expect(forecast.tokens == prompt.ids.count)
    #expect(forecast.keyValues == prefill.keyValueBytes)
    let kept = prefill.layers.compactMap { $0.output.hidden?.value(as: Tensor.self).byteCount }
    #expect(forecast.snapshots == kept.reduce(0, +))
    #expect(kept == prefill.layers.map { $0.output.outputs * prefill.engine.hiddenBytesPerToken })
    let state = prompt.ids.count * 48 * 4
    #expect(try self.forecast(state).snapshots == 2 * state)
    #expect(try self.forecast(0).snapshots == state)
  }

  @Test func `a prefill that exceeds the memory is refused before it starts`() throws {
    let thinker = try GoldenCase("qwen2_5_av").thinker()
    let forecast = try forecast(1 << 30)
    try forecast.check(thinker, available: forecast.total)
    try forecast.check(thinker, available: nil)
    let available = forecast.total - 1
    #expect(throws: PrefillError.tooLarge(forecast, available: available)) {
      try forecast.check(thinker, available: available)
    }
  }

  @Test func `a prefill above the memory limit is refused with a sufficient limit`() throws {
    let golden = try GoldenCase("qwen2_5_av")
    let path = Fixtures.golden.appending(path: golden.name + "/checkpoint").path
    let forecast = try forecast(1 << 30)
    let bound = 1 << 40
    let thinker = try Thinker(directory: path, memory: .process(bound))
    #expect(thinker.streaming == nil)
    let most = bound - forecast.total
    try forecast.check(thinker, available: nil, resident: most)
    #expect(throws: PrefillError.beyondBound(forecast, least: bound + 1, bound: bound)) {
      try forecast.check(thinker, available: nil, resident: most + 1)
    }
  }

  @Test func `the smallest cgroup memory limit counts`() throws {
    let root = FileManager.default.temporaryDirectory
      .appending(path: "seats-top-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: root) }
    let inner = root.appending(path: "batch/job")
    try FileManager.default.createDirectory(at: inner, withIntermediateDirectories: true)
    func write(_ folder: URL, _ most: String, _ current: String, _ files: String) throws {
      try Data(most.utf8).write(to: folder.appending(path: "memory.max"))
      try Data(current.utf8).write(to: folder.appending(path: "memory.current"))
      try Data(files.utf8).write(to: folder.appending(path: "memory.stat"))
    }
    let group = try #require(ControlGroup("0::/batch/job\n", root: root.path))
    #expect(group.available == nil)
    try write(inner, "max\n", "700\n", "")
    #expect(group.available == nil)
    try write(inner, "5000\n", "700\n", "anon 400\nactive_file 100\ninactive_file 200\n")
    #expect(group.available == 4600)
    try write(inner.deletingLastPathComponent(), "1000\n", "900\n", "anon 900\n")
    #expect(group.available == 100)
    try write(inner.deletingLastPathComponent(), "1000\n", "2000\n", "")
    #expect(group.available == 0)
    #expect(ControlGroup("0::/../../etc\n") == nil)
  }

  @Test func `a memory limit of cgroup version 1 counts`() throws {
    let root = FileManager.default.temporaryDirectory
      .appending(path: "seats-top-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: root) }
    let job = root.appending(path: "memory/batch/job")
    try FileManager.default.createDirectory(at: job, withIntermediateDirectories: true)
    func write(_ most: String, _ taken: String, _ files: String) throws {
      try Data(most.utf8).write(to: job.appending(path: "memory.limit_in_bytes"))
      try Data(taken.utf8).write(to: job.appending(path: "memory.usage_in_bytes"))
      try Data(files.utf8).write(to: job.appending(path: "memory.stat"))
    }
    let group = try #require(ControlGroup("4:memory:/batch/job", root: root.path))
    #expect(group.available == nil)
    try write("9223372036854771712\n", "700\n", "")
    #expect(group.available == nil)
    try write("5000\n", "700\n", "total_active_file 100\ntotal_inactive_file 200\n")
    #expect(group.available == 4600)
    #expect(ControlGroup("3:cpu,memory:/a", root: root.path) != nil)
    #expect(ControlGroup("8:pids:/a") == nil)
    #expect(ControlGroup("4:memory:/../../etc") == nil)
  }
}
