import Foundation
import Selection
import TestSupport
import Testing

@testable import OmniModel

/// Streamed weights and cached encoder outputs of vision-language models.
@Suite(.serialized) struct `Memory of vision-language models` {
  typealias Golden = `Vision-language golden runs`

  /// One of each checkpoint.
  private static let cases = Golden.cases.reduce(into: [Golden.Case]()) { chosen, one in
    if !chosen.contains(where: { $0.checkpoint == one.checkpoint }) { chosen.append(one) }
  }

  private func thinker(
    _ one: Golden.Case, _ compute: ComputeChoice = .bf16, bytes: Int? = nil,
    cache: PackedCache? = nil
  ) throws -> Thinker {
    try Thinker(
      directory: Golden.folder.appending(path: one.checkpoint).path, compute: compute, cache: cache,
      memory: bytes.map { .weights($0) })
  }

  /// In single precision with the smallest bound that is accepted.
  private func streamed(_ one: Golden.Case) throws -> Thinker {
    let error = #expect(throws: CheckpointError.self) { try thinker(one, .f32, bytes: 1) }
    guard case .tooLarge(_, _, let least, _) = error else { return try thinker(one, .f32) }
    return try thinker(one, .f32, bytes: least)
  }

  private func finished(_ one: Golden.Case, _ thinker: Thinker) throws -> Prefill {
    var prefill = Prefill(
      try Prompt(one.conversation, for: thinker), thinker: thinker, plan: .full)
    while try prefill.advance(Cancellation()) != nil {}
    return prefill
  }

  @Test(arguments: cases)
  func `streamed vision-language weights give the same logits`(_ one: Golden.Case) throws {
    let expected = try finished(one, thinker(one, .f32)).logits
    let streamed = try streamed(one)
    #expect(try finished(one, streamed).logits == expected)
    let window = try #require(streamed.window)
    #expect(window.traffic.bytes > 0 && window.traffic.most <= window.leastBytes)
    // Every byte at most once, however an expert's matrices are stored; fp32 in the checkpoint.
    #expect(window.storedBytes <= 2 * window.totalBytes)
  }

  @Test(arguments: cases)
  func `cached vision-language encoder outputs give the same logits`(
    _ one: Golden.Case
  ) throws {
    let scratch = FileManager.default.temporaryDirectory
      .appending(path: "seats-top-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: scratch) }
    var cache = PackedCache(directory: scratch.path)
    cache.leastEncodingFlops = 0
    let expected = try finished(one, thinker(one))
    let computed = try #require(expected.outcomes.first).vision.computed
    #expect(computed > 0)
    for round in 0..<2 {
      let prefill = try finished(one, thinker(one, cache: cache))
      let use = try #require(prefill.outcomes.first)
      #expect(prefill.logits == expected.logits)
      #expect(use.vision.read == (round == 0 ? 0 : computed), "round \(round)")
      #expect(use.audio == EncoderUse())
    }
  }
}
