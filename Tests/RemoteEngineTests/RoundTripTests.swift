import Foundation
import Selection
import Tensors
import TestSupport
import Testing

@testable import OmniModel
@testable import RemoteEngine

/// Serial round trips of a run, counted: on a link of long delay each costs the delay both ways.
@Suite struct `Round trips` {
  private func trips(_ pair: EnginePair, _ work: () throws -> Void) throws -> Int {
    let before = pair.link.traffic.roundTrips
    try work()
    return pair.link.traffic.roundTrips - before
  }

  private func finish(_ prefill: inout Prefill) throws {
    while try prefill.advance(Cancellation()) != nil {}
  }

  @Test func `an engine starts in one round trip, its files included`() throws {
    #expect(try EnginePair("qwen2_5_av").link.traffic.roundTrips == 1)
  }

  @Test(arguments: RemoteRunTests.names)
  func
    `a run takes one for the encoders and Stage I, one for each drop, one for the other layers and the head`(
      _ name: String
    ) throws
  {
    let pair = try EnginePair(name)
    for method in SelectionMethod.allCases {
      let plan = pair.plan(method)
      var (_, there) = pair.prefill(plan)
      let count = try trips(pair) { try finish(&there) }
      let last = plan.boundaries.contains { $0.afterLayer == there.layerCount } ? 1 : 0
      #expect(count == 2 + plan.boundaries.count + last, "\(method.rawValue)")
    }
  }

  @Test func `ten tokens of an answer take one`() throws {
    let pair = try EnginePair("qwen2_5_av")
    var (here, there) = pair.prefill(pair.plan(.seats))
    try finish(&here)
    try finish(&there)
    var (mine, theirs) = (Decoding(here), Decoding(there, longest: 10))
    let count = try trips(pair) {
      for _ in 0..<10 {
        let next = (try theirs.next(), try mine.next())
        #expect(next.0 == next.1)
      }
    }
    #expect(count == 1)
    #expect(theirs.seconds == 0.007)
  }

  @Test func `longer answers take one for every eight further tokens`() throws {
    let pair = try EnginePair("qwen3_av")
    var (here, there) = pair.prefill(pair.plan(.full))
    try finish(&here)
    try finish(&there)
    var (mine, theirs) = (Decoding(here), Decoding(there))
    let count = try trips(pair) {
      for _ in 0..<40 {
        let next = (try theirs.next(), try mine.next())
        #expect(next.0 == next.1)
      }
    }
    #expect(count <= 4)
  }

  @Test func `no more tokens are requested than an answer may have`() throws {
    let pair = try EnginePair("qwen2_5_av")
    var (_, there) = pair.prefill(pair.plan(.seats))
    try finish(&there)
    var decoding = Decoding(there, longest: 5)
    let before = pair.link.traffic.requests
    for _ in 0..<5 { _ = try decoding.next() }
    // The caches, and a token after each of four.
    #expect(pair.link.traffic.requests - before == 5)
  }

  @Test func `nothing is decoded after a stop token, unless a caller goes on`() throws {
    let pair = try EnginePair("qwen2_5_av")
    var (here, there) = pair.prefill(pair.plan(.fastv))
    try finish(&here)
    try finish(&there)
    var mine = Decoding(here)
    let tokens = try (0..<6).map { _ in try mine.next() }
    let keys = there.caches().map { $0.keyValues.value(as: RemoteKeys.self) }
    var decoding = RemoteDecoding(
      layers: keys.map(\.state), positions: there.survivors,
      nextPosition: EnginePrompt(pair.other, pair.there.configuration, stopTokens: []).nextPosition,
      stopTokens: [tokens[2]], longest: 20,
      vocabulary: pair.there.configuration.text.vocabulary, link: pair.link)
    for (token, next) in zip(tokens, tokens.dropFirst()) {
      let found = try decoding.next(after: token)
      #expect(found == next)
    }
  }

  @Test func `copies of an answer go on independently`() throws {
    let pair = try EnginePair("qwen2_5_av")
    var (here, there) = pair.prefill(pair.plan(.full))
    try finish(&here)
    try finish(&there)
    var (mine, theirs) = (
      here.engine.decoding(after: here.caches()), there.engine.decoding(after: there.caches())
    )
    let first = (try theirs.next(after: 7), try mine.next(after: 7))
    #expect(first.0 == first.1)
    var (copy, other) = (mine, theirs)
    for token in [3, 9, 4] {
      let one = (try theirs.next(after: token), try mine.next(after: token))
      let two = (try other.next(after: token + 1), try copy.next(after: token + 1))
      #expect(one.0 == one.1 && two.0 == two.1)
    }
  }

  @Test func `other ratios of Stage I read what was sent before`() throws {
    let pair = try EnginePair("qwen2_5_av")
    var (_, there) = pair.prefill(pair.plan(.seats))
    try finish(&there)
    let before = pair.link.traffic
    var settings = SelectionSettings(defaultsForLayers: there.layerCount)
    settings.method = .seats
    settings.budget = RetentionBudget(video: 0.5, audio: 0.6)
    (settings.dropLayers, settings.lateLayer) = ([4, 6, 7], 9)
    let count = try trips(pair) {
      there.apply(settings.plan(for: pair.prompt.shape(layers: there.layerCount)))
      there.rewind(toSteps: 1)
      _ = try there.advance(Cancellation())
    }
    #expect(count == 0 && pair.link.traffic.received == before.received)
  }

  @Test func `another ratio at a drop reads the relevance that was sent before`() throws {
    let pair = try EnginePair("qwen2_5_av")
    var (_, there) = pair.prefill(pair.plan(.fastv))
    try finish(&there)
    var settings = SelectionSettings(defaultsForLayers: there.layerCount)
    settings.method = .fastv
    settings.budget = RetentionBudget(video: 0.5, audio: 0.6)
    let plan = settings.plan(for: pair.prompt.shape(layers: there.layerCount))
    #expect(try trips(pair) { there.apply(plan) } == 0)
    #expect(try trips(pair) { try finish(&there) } == 1)
  }

  @Test func `patches of 8-bit frames cross as bytes`() throws {
    let pair = try EnginePair("qwen2_5_video_only")
    var (_, there) = pair.prefill(.full)
    _ = try there.advance(Cancellation())
    let numbers = pair.prompt.clips.reduce(0) { $0 + ($1.videoPatches?.values.elements.count ?? 0) }
    #expect(numbers > 0)
    // Prompt and levels are the rest.
    #expect(pair.link.traffic.sent < numbers + 3 * 256 * 4 + pair.prompt.ids.count * 24)
  }

  @Test func `levels give the numbers of the patches, or there are none`() throws {
    let numbers = (0..<2 * 6).map { Float($0 * $0) / 7 - 1 }
    let levels = try #require(PatchLevels(Tensor([2, 6], numbers)))
    let made = levels.bytes.enumerated().map { at, level in
      levels.values.elements[at % 6 / 2 * 256 + Int(level)]
    }
    #expect(made == numbers && levels.values.shape == [3, 256])
    #expect(PatchLevels(Tensor([1, 4], [1, 2, 3, 4])) == nil, "no three channels")
    let many = (0..<257 * 3).map { Float($0 / 3) }
    #expect(PatchLevels(Tensor([257, 3], many)) == nil, "257 levels")
    #expect(PatchLevels(Tensor([256, 3], Array(many.prefix(256 * 3)))) != nil)
  }
}

private typealias RemoteRunTests = `Runs of an engine elsewhere`
