import Foundation
import Selection
import Synchronization
import TestSupport
import Testing

@testable import OmniModel

/// Packed weights that were kept: whatever becomes of the file, the model computes the same.
@Suite struct `The cache of packed weights` {
  private let scratch = FileManager.default.temporaryDirectory
    .appending(path: "seats-top-\(UUID().uuidString)")
  private let golden: GoldenCase
  private let cache: PackedCache
  private var model: String { scratch.appending(path: "model").path }

  init() throws {
    golden = try GoldenCase("qwen2_5_av")
    cache = PackedCache(directory: scratch.appending(path: "cache").path)
    try FileManager.default.createDirectory(at: scratch, withIntermediateDirectories: true)
    try FileManager.default.copyItem(
      at: Fixtures.golden.appending(path: "qwen2_5_av/checkpoint"),
      to: scratch.appending(path: "model"))
  }

  private func cleaningUp(_ body: () throws -> Void) throws {
    defer { try? FileManager.default.removeItem(at: scratch) }
    try body()
  }

  /// What a model answers, and what was told of the cache until then.
  private struct Outcome {
    let logits: [Float]
    let events: [PackedCacheEvent]
  }

  private func run(_ cache: PackedCache?) throws -> Outcome {
    let box = EventBox()
    let thinker = try Thinker(directory: model, compute: .bf16, cache: cache) {
      if case .cache(let event) = $0 { box.add(event) }
    }
    var prefill = Prefill(
      try Prompt(golden.clip(), for: thinker), thinker: thinker, plan: .full)
    while try prefill.advance(Cancellation()) != nil {}
    return Outcome(logits: prefill.logits, events: box.events)
  }

  private final class EventBox: Sendable {
    private let all = Mutex<[PackedCacheEvent]>([])
    var events: [PackedCacheEvent] { all.withLock { $0 } }
    func add(_ event: PackedCacheEvent) { all.withLock { $0.append(event) } }
  }

  private func file() throws -> URL {
    let entries = cache.entries
    #expect(entries.count == 1)
    return URL(filePath: try #require(entries.first).path)
  }

  private func isPacking(_ events: [PackedCacheEvent]) -> Bool {
    guard events.count == 1, case .packing = events[0] else { return false }
    return true
  }

  @Test func `the first start packs the weights, the next one maps the file`() throws {
    try cleaningUp {
      let plain = try run(nil)
      #expect(plain.events.isEmpty && !FileManager.default.fileExists(atPath: cache.directory))
      let first = try run(cache)
      #expect(isPacking(first.events) && first.logits == plain.logits)
      let written = try Data(contentsOf: file())
      let second = try run(cache)
      #expect(second.events.isEmpty && second.logits == plain.logits)
      #expect(try Data(contentsOf: file()) == written)
      #expect(cache.damagedEntries().isEmpty)
      #expect(cache.clear().isEmpty && cache.entries.isEmpty)
    }
  }

  enum Damage: String, CaseIterable {
    case empty, page, table, panel, lastPanel, cutOff, appended, foreign, zeros, folder
  }

  @Test(arguments: Damage.allCases)
  func `a damaged packed-weight file is reported and written again`(_ damage: Damage) throws {
    try cleaningUp {
      let plain = try run(cache)
      let file = try file()
      try Self.spoil(file, damage)
      #expect(damage == .folder || !cache.damagedEntries().isEmpty)
      let spoilt = try run(cache)
      #expect(spoilt.logits == plain.logits)
      let (discarded, unused) = spoilt.events.reduce(into: (0, 0)) { counts, event in
        switch event {
        case .discarded: counts.0 += 1
        case .unused: counts.1 += 1
        case .packing, .unlocked: break
        }
      }
      #expect((discarded, unused) == (damage == .folder ? (0, 1) : (1, 0)), "\(spoilt.events)")
      guard damage != .folder else { return }
      // Damaged panels are found by the first product that reads them, and packed for this run.
      if cache.entries.isEmpty { #expect(isPacking(try run(cache).events)) }
      let mended = try run(cache)
      #expect(mended.events.isEmpty && mended.logits == plain.logits)
    }
  }

  private static func spoil(_ file: URL, _ damage: Damage) throws {
    var bytes = try Data(contentsOf: file)
    let table = bytes.withUnsafeBytes { Int($0.loadUnaligned(fromByteOffset: 16, as: UInt64.self)) }
    switch damage {
    case .empty: bytes = Data()
    case .page: bytes[17] ^= 1
    case .table: bytes[table + 40] ^= 1
    case .panel: bytes[PackedFile.pageBytes + 100] ^= 1
    case .lastPanel: bytes[table - PackedFile.pageBytes] ^= 0x80
    case .cutOff: bytes.removeLast(bytes.count / 3)
    case .appended: bytes.append(0)
    case .foreign: bytes = Data(repeating: 7, count: bytes.count)
    case .zeros: bytes.replaceSubrange(4096..<table, with: Data(count: table - 4096))
    case .folder:
      try FileManager.default.removeItem(at: file)
      return try FileManager.default.createDirectory(at: file, withIntermediateDirectories: true)
    }
    // As a file of its own: the old one may still be mapped.
    try bytes.write(to: file, options: .atomic)
  }

  @Test func `packed weights of another checkpoint version are never used`() throws {
    try cleaningUp {
      let before = try run(cache)
      let weights = URL(filePath: model).appending(path: "model.safetensors")
      let times = try FileManager.default.attributesOfItem(atPath: weights.path)
      // As large, and as old by its own account.
      var bytes = try Data(contentsOf: weights)
      for place in stride(from: bytes.count - 40_000, to: bytes.count, by: 4) {
        bytes[place + 2] ^= 0x15
      }
      try bytes.write(to: weights)
      try FileManager.default.setAttributes(
        [.modificationDate: try #require(times[.modificationDate])], ofItemAtPath: weights.path)
      let after = try run(cache)
      #expect(isPacking(after.events))
      #expect(after.logits == (try run(nil)).logits)
      #expect(after.logits != before.logits)
      #expect(cache.entries.count == 1)
    }
  }

  @Test func `a packed file with another layout is written again`() throws {
    try cleaningUp {
      let plain = try run(cache)
      let source = try CheckpointIdentity(Checkpoint(model))
      let path = cache.path(of: source)
      // A file without a single matrix, of the right checkpoint.
      try PackedFileWriter(path).finish(source)
      let again = try run(cache)
      #expect(isPacking(again.events) && again.logits == plain.logits)
      #expect(try run(cache).events.isEmpty)
    }
  }

  @Test func `an unusable cache folder does not stop the run`() throws {
    try cleaningUp {
      let plain = try run(nil)
      try Data().write(to: URL(filePath: cache.directory))
      let outcome = try run(cache)
      #expect(outcome.logits == plain.logits)
      guard case .unused(.unwritable) = outcome.events.first else {
        Issue.record("\(outcome.events)")
        return
      }
      #expect(outcome.events.count == 1)
    }
  }

  @Test func `concurrent starts pack the weights only once`() throws {
    try cleaningUp {
      let plain = try run(nil)
      let outcomes = Mutex<[Result<Outcome, any Error>]>([])
      nonisolated(unsafe) let suite = self
      DispatchQueue.concurrentPerform(iterations: 4) { _ in
        let outcome = Result { try suite.run(suite.cache) }
        outcomes.withLock { $0.append(outcome) }
      }
      for outcome in try outcomes.withLock({ try $0.map { try $0.get() } }) {
        #expect(outcome.logits == plain.logits)
        #expect(outcome.events.isEmpty || isPacking(outcome.events), "\(outcome.events)")
      }
      #expect(cache.entries.map(\.state) == [.packed(checkpoint: try file().source)])
    }
  }

  @Test func `partial files and files of removed checkpoints are deleted from the cache`() throws {
    try cleaningUp {
      _ = try run(cache)
      let left = try file().path + PackedFileWriter.partialSuffix
      try Data(count: 100).write(to: URL(filePath: left))
      let gone = URL(filePath: cache.directory).appending(path: "1.packed")
      let other = try CheckpointIdentity(Checkpoint(model))
      let elsewhere = scratch.appending(path: "elsewhere")
      try FileManager.default.copyItem(atPath: model, toPath: elsewhere.path)
      try PackedFileWriter(gone.path).finish(try CheckpointIdentity(Checkpoint(elsewhere.path)))
      try FileManager.default.removeItem(at: elsewhere)
      #expect(cache.entries.count == 3)
      cache.removeAbandoned()
      #expect(cache.entries.map(\.path) == [cache.path(of: other)])
      // One that is being written stays.
      let writer = try PackedFileWriter(cache.path(of: other))
      cache.removeAbandoned()
      #expect(cache.entries.count == 2)
      #expect(throws: PackedCacheFault.busy(path: cache.path(of: other))) {
        try PackedFileWriter(cache.path(of: other))
      }
      withExtendedLifetime(writer) {}
    }
  }

  @Test func `environment variables set the cache folder`() {
    func folder(_ environment: [String: String]) -> String {
      PackedCache(environment: environment).directory
    }
    #expect(folder(["HOME": "/h"]) == "/h/.cache/seats-top")
    #expect(folder(["HOME": "/h", "XDG_CACHE_HOME": "/x"]) == "/x/seats-top")
    #expect(folder(["HOME": "/h", "XDG_CACHE_HOME": "x"]) == "/h/.cache/seats-top")
  }
}

extension URL {
  /// Of a file of packed weights, the checkpoint.
  fileprivate var source: String {
    get throws { try PackedFile(path).table.source.directory }
  }
}
