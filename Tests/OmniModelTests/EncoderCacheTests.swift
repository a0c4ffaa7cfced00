import Foundation
import Selection
import Synchronization
import TestSupport
import Testing

@testable import OmniModel
@testable import Tensors

/// Encoder outputs that were kept: whatever becomes of the files, the model computes the same.
@Suite(.serialized) struct `The cache of encoder outputs` {
  private let scratch = FileManager.default.temporaryDirectory
    .appending(path: "seats-top-\(UUID().uuidString)")
  private var cache: PackedCache

  init() throws {
    cache = PackedCache(directory: scratch.path)
    cache.leastEncodingFlops = 0
  }

  private func cleaningUp(_ body: () throws -> Void) throws {
    defer { try? FileManager.default.removeItem(at: scratch) }
    try body()
  }

  private struct Outcome {
    let logits: [Float]
    let kept: [Int]
    let relevance: [Float]
    let vision, audio: EncoderUse
    let flops: Double
    let events: [EncoderCacheEvent]

    var numbers: [Float] { logits + relevance + kept.map(Float.init) }
  }

  private func run(
    _ cache: PackedCache?, _ compute: ComputeChoice = .f32, of name: String = "qwen2_5_av",
    directory: String? = nil, change: (inout ClipInput) -> Void = { _ in }
  ) throws -> Outcome {
    let golden = try GoldenCase(name)
    let events = Mutex<[EncoderCacheEvent]>([])
    let path = directory ?? Fixtures.golden.appending(path: name + "/checkpoint").path
    let thinker = try Thinker(directory: path, compute: compute, cache: cache) { event in
      if case .encodings(let event) = event { events.withLock { $0.append(event) } }
    }
    var clip = try golden.clip()
    change(&clip)
    let prompt = try Prompt(clip, for: thinker)
    let layers = thinker.configuration.text.layers
    var settings = SelectionSettings(defaultsForLayers: layers)
    settings.dropLayers = [1]
    var prefill = Prefill(
      prompt, thinker: thinker, plan: settings.plan(for: prompt.shape(layers: layers)))
    while try prefill.advance(Cancellation()) != nil {}
    let encoders = try #require(prefill.outcomes.first)
    return Outcome(
      logits: prefill.logits, kept: prefill.survivors,
      relevance: prefill.outcomes.flatMap { $0.drop?.scores ?? [] },
      vision: encoders.vision, audio: encoders.audio, flops: encoders.executedFlops,
      events: events.withLock { $0 })
  }

  private var files: [URL] {
    cache.entries.filter { $0.path.hasSuffix(EncoderCache.suffix) }.map { URL(filePath: $0.path) }
  }

  @Test(
    arguments: ["qwen2_5_av", "qwen2_5_audio_only", "qwen3_av"], [ComputeChoice.f32, .bf16, .int8])
  func `cached encoder outputs are bit-identical to computed ones`(
    _ name: String, _ compute: ComputeChoice
  ) throws {
    try cleaningUp {
      let plain = try run(nil, compute, of: name)
      #expect(plain.audio.computed == 1 && plain.flops > 0)
      let first = try run(cache, compute, of: name)
      #expect(first.numbers == plain.numbers)
      #expect(first.audio.computed == 1 && first.audio.read == 0)
      let second = try run(cache, compute, of: name)
      #expect(second.numbers == plain.numbers && second.events.isEmpty)
      #expect(second.audio.computed == 0 && second.audio.read == 1)
      #expect(second.vision.computed == 0 && second.vision.read == plain.vision.computed)
      #expect(second.flops == 0)
      #expect(files.count == plain.vision.computed + 1)
    }
  }

  @Test func `cached encoder outputs are used for another question, not another input`() throws {
    try cleaningUp {
      _ = try run(cache)
      let asked = try run(cache) { $0.question = "Another one?" }
      #expect(asked.vision.read == 1 && asked.audio.read == 1)
      let plain = try run(nil) { $0.waveform?[100] += 0.25 }
      let louder = try run(cache) { $0.waveform?[100] += 0.25 }
      #expect(louder.vision.read == 1 && louder.audio.computed == 1)
      #expect(louder.numbers == plain.numbers)
      let smaller = try run(cache) { $0.mostPixels = 28 * 28 * 4 }
      #expect(smaller.audio.read == 1 && smaller.vision.computed == 1)
    }
  }

  @Test func `encoder outputs are cached per precision and instruction set`() throws {
    try cleaningUp {
      defer { ProductPath.limit(.dot) }
      _ = try run(cache, .bf16)
      #expect(try run(cache, .int8).audio.computed == 1)
      #expect(try run(cache, .f32).audio.computed == 1)
      for path in ProductPath.available.dropLast() {
        ProductPath.limit(path)
        let plain = try run(nil, .bf16)
        let kept = try run(cache, .bf16)
        #expect(kept.audio.computed == 1 && kept.numbers == plain.numbers, "\(path)")
        #expect(try run(cache, .bf16).numbers == plain.numbers, "\(path)")
      }
    }
  }

  @Test func `encoder outputs are cached per version of the checkpoint`() throws {
    try cleaningUp {
      let variant = try VariantCheckpoint("qwen2_5_av")
      let before = try run(cache, directory: variant.path)
      try variant.tensors { copy in
        for (name, tensor) in copy.tensors where name.contains("audio_tower.proj.weight") {
          copy.tensors[name] = .init(tensor.shape, tensor.floats.map { $0 * 1.5 })
        }
      }
      let after = try run(cache, directory: variant.path)
      #expect(after.audio.computed == 1 && after.logits != before.logits)
      #expect(after.logits == (try run(nil, directory: variant.path)).logits)
    }
  }

  @Test func `encoder outputs are cached per encoder configuration`() throws {
    try cleaningUp {
      let variant = try VariantCheckpoint("qwen2_5_av")
      let before = try run(cache, directory: variant.path)
      try variant.part("vision_config") { $0["fullatt_block_indexes"] = [Int]() }
      let after = try run(cache, directory: variant.path)
      #expect(after.vision.computed == 1 && after.logits != before.logits)
      #expect(after.logits == (try run(nil, directory: variant.path)).logits)
    }
  }

  enum Damage: String, CaseIterable {
    case empty, page, table, tensor, lastByte, cutOff, appended, foreign
  }

  @Test(arguments: Damage.allCases)
  func `damaged encoder outputs are computed again, with a notice`(_ damage: Damage) throws {
    try cleaningUp {
      let plain = try run(cache)
      #expect(cache.damagedEntries().isEmpty)
      for file in files {
        var bytes = try Data(contentsOf: file)
        let table = bytes.withUnsafeBytes {
          Int($0.loadUnaligned(fromByteOffset: 16, as: UInt64.self))
        }
        switch damage {
        case .empty: bytes = Data()
        case .page: bytes[17] ^= 1
        case .table: bytes[table + 9] ^= 1
        case .tensor: bytes[4096 + 40] ^= 1
        case .lastByte: bytes[table - 1] ^= 0x80
        case .cutOff: bytes.removeLast(bytes.count / 3)
        case .appended: bytes.append(0)
        case .foreign: bytes = Data(repeating: 7, count: bytes.count)
        }
        try bytes.write(to: file)
      }
      #expect(cache.damagedEntries().count == 2)
      let spoilt = try run(cache)
      #expect(spoilt.numbers == plain.numbers)
      #expect(spoilt.vision.computed == 1 && spoilt.audio.computed == 1)
      #expect(spoilt.events.count == 2)
      #expect(cache.damagedEntries().isEmpty)
      let mended = try run(cache)
      #expect(mended.audio.read == 1 && mended.events.isEmpty)
    }
  }

  @Test func `the encoder cache removes the oldest files above its size limit`() throws {
    try cleaningUp {
      _ = try run(cache)
      let bytes = cache.entries.reduce(0) { $0 + $1.bytes }
      var tight = cache
      tight.mostEncodingBytes = bytes + bytes / 2
      func old(_ seconds: Double) throws {
        for file in files {
          let date = try FileManager.default.attributesOfItem(atPath: file.path)[.modificationDate]
          let before = try #require(date as? Date).addingTimeInterval(-seconds)
          try FileManager.default.setAttributes(
            [.modificationDate: before], ofItemAtPath: file.path)
        }
      }
      try old(1000)
      let louder = { (clip: inout ClipInput) in clip.waveform = clip.waveform?.map { $0 / 2 } }
      let darker = { (clip: inout ClipInput) in clip.mostPixels = 28 * 28 * 4 }
      _ = try run(tight, change: louder)
      // The sound was used just now, the first one was not.
      let both = { (clip: inout ClipInput) in
        louder(&clip)
        darker(&clip)
      }
      _ = try run(tight, change: both)
      let total = cache.entries.reduce(0) { $0 + $1.bytes }
      #expect(total <= tight.mostEncodingBytes, "\(total)")
      #expect(try run(tight, change: louder).audio.read == 1)
      tight.mostEncodingBytes = 1
      #expect(try run(tight, change: { $0.waveform = $0.waveform?.map { $0 / 3 } }).events.isEmpty)
    }
  }

  @Test func `the encoder cache stays unchanged if it is turned off`() throws {
    try cleaningUp {
      _ = try run(nil)
      var none = cache
      none.mostEncodingBytes = 0
      _ = try run(none)
      var dear = cache
      dear.leastEncodingFlops = 1e10
      _ = try run(dear)
      #expect(files.isEmpty)
      _ = try run(cache)
      #expect(files.count == 2)
      #expect(try run(none).audio.computed == 1)
    }
  }

  @Test func `an encoder cache that cannot be written does not stop the run`() throws {
    try cleaningUp {
      let plain = try run(nil)
      try FileManager.default.createDirectory(
        at: scratch.deletingLastPathComponent(), withIntermediateDirectories: true)
      try Data().write(to: scratch)
      let outcome = try run(cache)
      #expect(outcome.numbers == plain.numbers)
      #expect(outcome.events.count == 2)
    }
  }

  @Test func `encoder outputs in memory are reused after input settings change`() throws {
    let golden = try GoldenCase("qwen2_5_av")
    let thinker = try golden.thinker()
    var clip = try golden.clip()
    var first = Prefill(try Prompt(clip, for: thinker), thinker: thinker, plan: .full)
    try first.advance(Cancellation())
    clip.mostPixels = 28 * 28 * 4
    let prompt = try Prompt(clip, for: thinker)
    func finished(_ media: EncodedMedia?) throws -> Prefill {
      var prefill = Prefill(prompt, thinker: thinker, plan: .full, media: media)
      while try prefill.advance(Cancellation()) != nil {}
      return prefill
    }
    let (plain, reused) = (try finished(nil), try finished(first.encodedMedia))
    #expect(reused.logits == plain.logits)
    #expect(reused.outcomes[0].audio.held == 1 && reused.outcomes[0].audio.computed == 0)
    #expect(reused.outcomes[0].vision.computed == 1)
  }
}
