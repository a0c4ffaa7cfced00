import Foundation
import TestSupport
import Testing

@testable import OmniModel

/// `Fixtures/vl/variants`: vision-language checkpoints stored quantised, and LoRA directories on them, with
/// what transformers makes of the decoded or merged weights.
@Suite struct `Vision-language variants` {
  struct Variant: Decodable, Sendable, CustomTestStringConvertible {
    let name: String
    /// A prompt of `vl/cases.json`.
    let `case`: String
    /// Ids and logits.
    let top: [[Double]]
    let ids: [Int]

    var testDescription: String { name }
    var isAdapter: Bool { name.contains("-lora") }
    var family: String { String(name.prefix { $0 != "-" }) }
  }

  private static let folder = Fixtures.directory.appending(path: "vl")

  private static func listed() throws -> [Variant] {
    let file = folder.appending(path: "variants/variants.json")
    return try JSONDecoder().decode([Variant].self, from: Data(contentsOf: file))
  }

  /// No case where the list cannot be read: the first test says so.
  private static let variants = (try? listed()) ?? []

  @Test func `every vision-language family has variants to test`() throws {
    let variants = try Self.listed()
    for isAdapter in [true, false] {
      let families = variants.filter { $0.isAdapter == isAdapter }.map(\.family)
      #expect(Set(families) == ["qwen2_5_vl", "qwen3_vl", "qwen3_vl_moe"])
    }
  }

  private func conversation(_ variant: Variant) throws -> Conversation {
    let file = Self.folder.appending(path: "cases.json")
    let cases = try JSONDecoder().decode(
      [`Vision-language golden runs`.Case].self, from: Data(contentsOf: file))
    return try #require(cases.first { $0.name == variant.case }).conversation
  }

  @Test(arguments: variants)
  func `vision-language variants give the logits and answers of transformers`(
    _ variant: Variant
  ) throws {
    let base = Self.folder.appending(path: variant.family)
    let place = Self.folder.appending(path: "variants/\(variant.name)")
    guard !variant.isAdapter else {
      let thinker = try Thinker(directory: place.path, base: base.path, compute: .f32)
      return try expectReference(thinker, variant)
    }
    // A quantised case lacks the files that are those of the checkpoint.
    let whole = FileManager.default.temporaryDirectory
      .appending(path: "seats-top-\(UUID().uuidString)")
    try FileManager.default.copyItem(at: base, to: whole)
    defer { try? FileManager.default.removeItem(at: whole) }
    for file in ["config.json", "model.safetensors"] {
      try FileManager.default.removeItem(at: whole.appending(path: file))
      try FileManager.default.copyItem(
        at: place.appending(path: file), to: whole.appending(path: file))
    }
    let thinker = try Thinker(directory: whole.path, compute: .f32)
    #expect(thinker.dtype.contains("("), "\(thinker.dtype) names no scheme")
    try expectReference(thinker, variant)
  }

  private func expectReference(_ thinker: Thinker, _ variant: Variant) throws {
    let prompt = try Prompt(try conversation(variant), for: thinker)
    var prefill = Prefill(prompt, thinker: thinker, plan: .full)
    while try prefill.advance(Cancellation()) != nil {}
    for pair in variant.top {
      let found = Double(prefill.logits[Int(pair[0])])
      #expect(abs(found - pair[1]) < 1e-3, "logit \(pair[0]) is \(found), not \(pair[1])")
    }
    var decoding = Decoding(prefill)
    #expect(try variant.ids.map { _ in try decoding.next() } == variant.ids)
  }
}
