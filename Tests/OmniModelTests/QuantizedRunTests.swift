// swift-format-ignore-file: AlwaysUseLowerCamelCase

import Foundation
import TestSupport
import Testing

@testable import OmniModel

/// A directory of Tests/Fixtures/quantised/runs made whole with golden's files, and what transformers
/// makes of its decoded or merged weights.
struct QuantizedRun {
  struct Expected: Decodable {
    /// Ids and logits.
    let top: [[Double]]
    let ids: [Int]
  }

  private static let directory = Fixtures.directory.appending(path: "quantised/runs")
  private static let names =
    ((try? FileManager.default.contentsOfDirectory(atPath: directory.path)) ?? []).sorted()
  static let quantised = names.filter { !$0.contains("-lora-") }
  static let adapted = names.filter { $0.contains("-lora-") }

  let name: String
  let golden: GoldenCase
  var url: URL { Self.directory.appending(path: name) }
  var checkpoint: String {
    Fixtures.golden.appending(path: golden.name + "/checkpoint").path
  }

  init(_ name: String) throws {
    self.name = name
    golden = try GoldenCase(name.hasPrefix("qwen2.5") ? "qwen2_5_av" : "qwen3_av")
  }

  func expected() throws -> Expected {
    try JSONDecoder().decode(
      Expected.self, from: Data(contentsOf: url.appending(path: "expected.json")))
  }

  /// Puts a quantised checkpoint together in a directory that is there for as long as `body` takes.
  func whole(_ body: (URL) throws -> Void) throws {
    let scratch = FileManager.default.temporaryDirectory
      .appending(path: "seats-top-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: scratch, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: scratch) }
    for file in try FileManager.default.contentsOfDirectory(atPath: checkpoint)
    where file != "config.json" {
      let place = file == "model.safetensors" ? file + "-golden" : file
      try FileManager.default.createSymbolicLink(
        at: scratch.appending(path: place),
        withDestinationURL: URL(filePath: checkpoint).appending(path: file))
    }
    for file in try FileManager.default.contentsOfDirectory(atPath: url.path)
    where file != "expected.json" {
      try FileManager.default.copyItem(
        at: url.appending(path: file), to: scratch.appending(path: file))
    }
    try body(scratch)
  }

  /// The logits after the golden clip, and the ids that follow.
  func answer(_ thinker: Thinker) throws -> (logits: [Float], ids: [Int]) {
    var prefill = Prefill(
      try Prompt(golden.clip(), for: thinker), thinker: thinker, plan: .full)
    while try prefill.advance(Cancellation()) != nil {}
    var decoding = Decoding(prefill)
    return (prefill.logits, try (0..<4).map { _ in try decoding.next() })
  }

  /// Compares with transformers: 3·10⁻⁵ is the most that was measured.
  func expectReference(_ thinker: Thinker) throws {
    let (answer, expected) = (try answer(thinker), try expected())
    for pair in expected.top {
      let found = Double(answer.logits[Int(pair[0])])
      #expect(abs(found - pair[1]) < 1e-4, "\(name): logit \(pair[0]) is \(found), not \(pair[1])")
    }
    #expect(answer.ids == expected.ids)
  }
}

/// Whole checkpoints that are stored quantised.
@Suite struct `Quantised checkpoints` {
  @Test(arguments: QuantizedRun.quantised)
  func `quantised checkpoints give the logits of transformers`(_ name: String) throws {
    let run = try QuantizedRun(name)
    try run.whole { directory in
      let thinker = try Thinker(directory: directory.path, compute: .f32)
      try run.expectReference(thinker)
      #expect(thinker.parameters == (try run.golden.thinker(.f32)).parameters)
      #expect(thinker.dtype.contains("("), "\(thinker.dtype) names no scheme")
    }
  }

  @Test(arguments: QuantizedRun.quantised)
  func `quantised checkpoints give the logits of their decoded weights`(_ name: String) throws {
    let run = try QuantizedRun(name)
    try run.whole { directory in
      let decoded = directory.appending(path: "decoded")
      try Self.decode(directory, to: decoded, like: run.checkpoint)
      for compute in [ComputeChoice.f32, .bf16, .int8] {
        let quantised = try run.answer(Thinker(directory: directory.path, compute: compute))
        let plain = try run.answer(Thinker(directory: decoded.path, compute: compute))
        #expect(quantised.logits == plain.logits, "\(name) in \(compute)")
        #expect(quantised.ids == plain.ids)
      }
    }
  }

  @Test func `cached weights of other quantisation settings are never used`() throws {
    let run = try QuantizedRun("qwen2.5-gptq")
    try run.whole { directory in
      let cache = PackedCache(directory: directory.appending(path: "cache").path)
      func logits() throws -> [Float] {
        try run.answer(Thinker(directory: directory.path, compute: .bf16, cache: cache)).logits
      }
      let first = try logits()
      #expect(try logits() == first)
      let config = directory.appending(path: "config.json")
      let text = try String(contentsOf: config, encoding: .utf8)
      let other = text.replacing(
        #""checkpoint_format": "gptq""#, with: #""checkpoint_format": "gptq_v2""#)
      #expect(other != text)
      try Data(other.utf8).write(to: config)
      #expect(try logits() != first)
      try Data(text.utf8).write(to: config)
      #expect(try logits() == first)
    }
  }

  /// Writes golden's directory with the weights that are read from another.
  static func decode(_ source: URL, to target: URL, like golden: String) throws {
    try FileManager.default.copyItem(atPath: golden, toPath: target.path)
    let checkpoint = try Checkpoint(source.path)
    let plain = try Checkpoint(golden)
    var tensors: [(String, [Int], [Float])] = []
    for name in plain.tensorNames.sorted() {
      let part = try #require(plain.part(name))
      let numbers = try checkpoint.stored(name, shape: part.shape).tensor().elements
      tensors.append((part.name, part.shape, numbers))
    }
    let file = target.appending(path: "model.safetensors")
    try FileManager.default.removeItem(at: file)
    try Self.write(tensors, to: file)
  }

  /// Writes a safetensors file of F32 tensors.
  static func write(_ tensors: [(String, [Int], [Float])], to file: URL) throws {
    var header: [String: Any] = [:]
    var body = Data()
    for (name, shape, numbers) in tensors {
      let start = body.count
      numbers.withUnsafeBytes { body.append(contentsOf: $0) }
      header[name] = ["dtype": "F32", "shape": shape, "data_offsets": [start, body.count]]
    }
    var json = try JSONSerialization.data(withJSONObject: header)
    json.append(Data(repeating: 32, count: (8 - json.count % 8) % 8))
    var all = withUnsafeBytes(of: UInt64(json.count).littleEndian) { Data($0) }
    all.append(json)
    all.append(body)
    try all.write(to: file)
  }
}

/// LoRA directories that peft wrote, merged while they are read.
@Suite struct `LoRA directories` {
  @Test(arguments: QuantizedRun.adapted)
  func `merged LoRA adapters give the logits of peft and transformers`(_ name: String) throws {
    let run = try QuantizedRun(name)
    let thinker = try Thinker(
      directory: run.url.path, base: run.checkpoint, compute: .f32)
    try run.expectReference(thinker)
    #expect(thinker.base == run.checkpoint)
  }

  @Test func `cached weights of another adapter or the base are never used`() throws {
    let run = try QuantizedRun("qwen2.5-lora-attention-v5")
    let other = try QuantizedRun("qwen2.5-lora-dora-v5")
    let scratch = FileManager.default.temporaryDirectory
      .appending(path: "seats-top-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: scratch) }
    try FileManager.default.createDirectory(at: scratch, withIntermediateDirectories: true)
    let cache = PackedCache(directory: scratch.appending(path: "cache").path)
    let adapter = scratch.appending(path: "adapter")
    try FileManager.default.copyItem(at: run.url, to: adapter)
    func logits(_ cache: PackedCache?, _ path: String) throws -> [Float] {
      try run.answer(
        Thinker(directory: path, base: run.checkpoint, compute: .bf16, cache: cache)
      ).logits
    }
    for _ in 0..<2 {
      #expect(try logits(cache, adapter.path) == logits(nil, run.url.path))
      let plain = try Thinker(directory: run.checkpoint, compute: .bf16, cache: cache)
      #expect(try run.answer(plain).logits != logits(nil, run.url.path))
    }
    try FileManager.default.removeItem(at: adapter)
    try FileManager.default.copyItem(at: other.url, to: adapter)
    #expect(try logits(cache, adapter.path) == logits(nil, other.url.path))
    let config = adapter.appending(path: "adapter_config.json")
    let text = try String(contentsOf: config, encoding: .utf8)
    let louder = text.replacing(#""lora_alpha": 6"#, with: #""lora_alpha": 60"#)
    #expect(louder != text)
    try Data(louder.utf8).write(to: config)
    #expect(try logits(cache, adapter.path) != logits(nil, other.url.path))
  }
}
