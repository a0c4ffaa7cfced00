import Foundation
import Testing

@testable import Selection

/// Tokens kept and dropped by hand.
@Suite struct `Tokens chosen by hand` {
  private static let modalities: [Modality] =
    [.text] + [Modality](repeating: .video, count: 8) + [Modality](repeating: .audio, count: 6)
    + [.text]

  private static var shape: PromptShape {
    PromptShape(layers: 12, counts: ModalityCounts(modalities), tokensPerGrid: 4)
  }

  /// A rule that keeps given offsets.
  private struct FixedRule: BoundaryRule, EncoderRule {
    static let name = "fixed"
    let kept: [Int]
    var scores: [Float] = []
    var ratios: RetentionBudget { RetentionBudget(video: 0.5, audio: 0.5) }
    var summary: String { "fixed" }

    private var outcome: RuleOutcome {
      RuleOutcome(kept: kept, path: .global, scores: scores)
    }
    func select(_ inputs: EncoderInputs) -> RuleOutcome { outcome }
    func select(_ inputs: BoundaryInputs) -> RuleOutcome { outcome }
  }

  private func outcome(
    _ kept: [Int], scores: [Float] = [], _ forced: ForcedTokens, merges: [TokenMerge] = []
  ) -> RuleOutcome {
    var outcome = RuleOutcome(kept: kept, path: .global, scores: scores)
    outcome.merges = merges
    forced.apply(
      to: &outcome,
      SequenceTokens(
        modalities: Self.modalities, ordinals: Self.modalities.ordinals, clips: []))
    return outcome
  }

  // MARK: - Lists

  @Test(arguments: [
    ("video:1-8,audio:3", TokenList(video: 0..<8, audio: [2])),
    ("audio:3,audio:4,audio:5", TokenList(audio: 2..<5)),
    ("video:2", TokenList(video: [1])), ("video:5-5", TokenList(video: [4])),
  ])
  func `a list of tokens is parsed and written again`(_ text: String, _ expected: TokenList) throws
  {
    let list = try TokenList(text)
    #expect(list == expected)
    #expect(try TokenList(list.text) == list)
    let data = try JSONEncoder().encode(list)
    #expect(try JSONDecoder().decode(TokenList.self, from: data) == list)
  }

  @Test func `neighbouring tokens are written as a range`() {
    #expect(TokenList(video: [4, 0, 1, 2], audio: [9]).text == "video:1-3,video:5,audio:10")
  }

  @Test(arguments: [
    "video", "video:", "video:0", "video:-1", "video:+1", "video:3-1", "video:1-2-3", "text:1",
    "image:1", "movie:1", "video:1;audio:2", "video:1-10000001", "video:99999999999999999999",
    "1-8",
  ])
  func `a list that names no tokens is refused`(_ text: String) {
    #expect(throws: ListTextError.unknownEntry(text)) { try TokenList(text) }
  }

  @Test(arguments: ["", "video:1,,audio:2", ",video:1"])
  func `an empty entry of a list is refused`(_ text: String) {
    #expect(throws: ListTextError.self) { try TokenList(text) }
  }

  // MARK: - Choices

  @Test func `a token is kept or dropped, never both`() {
    var forced = ForcedTokens(kept: TokenList(video: 0..<4), dropped: TokenList(video: 3..<6))
    #expect(forced.kept == TokenList(video: 0..<3) && forced.dropped == TokenList(video: 3..<6))
    forced.set(.keep, TokenList(video: [5], audio: [0]))
    #expect(forced[.video, 5] == .keep && forced[.video, 4] == .drop && forced[.video, 7] == nil)
    #expect(forced.summary == "5 kept and 2 dropped by hand")
    forced.set(nil, TokenList(video: 0..<8, audio: [0]))
    #expect(forced.isEmpty && forced.summary == nil)
  }

  @Test func `a token kept by hand takes the place of the lowest score`() {
    // Video is at 1…8; the rule keeps 1…4.
    let scores: [Float] = [9, 4, 3, 8, 3, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 9]
    let found = outcome(
      [0, 1, 2, 3, 4, 9, 15], scores: scores, ForcedTokens(kept: TokenList(video: [6])))
    #expect(found.kept == [0, 1, 2, 3, 7, 9, 15], "of equal scores the last goes")
    #expect(found.notes == [])
  }

  @Test func `a token kept by hand takes the place of the nearest if there are no scores`() {
    let found = outcome([0, 1, 4, 6, 9, 15], ForcedTokens(kept: TokenList(video: [7, 4])))
    // Ordinals 4 and 7 are offsets 5 and 8; 4 is as near to 5 as 6.
    #expect(found.kept == [0, 1, 5, 8, 9, 15])
  }

  @Test func `places of dropped tokens go to kept ones, and are not filled otherwise`() {
    let forced = ForcedTokens(kept: TokenList(video: [7]), dropped: TokenList(video: [0, 1]))
    #expect(outcome([0, 1, 2, 3, 9, 15], forced).kept == [0, 3, 8, 9, 15])
  }

  @Test func `more tokens kept by hand than the budget are all kept, with a note`() {
    let found = outcome([0, 1, 9, 15], ForcedTokens(kept: TokenList(video: 2..<6, audio: [0])))
    #expect(found.kept == [0, 3, 4, 5, 6, 9, 15])
    #expect(found.notes == ["3 video tokens kept by hand beyond the budget"])
  }

  @Test func `merges of tokens chosen by hand are not recorded`() {
    let merges = [
      TokenMerge(token: 2, survivor: 1, weight: 1), TokenMerge(token: 3, survivor: 4, weight: 1),
      TokenMerge(token: 5, survivor: 4, weight: 1),
    ]
    let found = outcome(
      [0, 1, 4, 9, 15], ForcedTokens(kept: TokenList(video: [1]), dropped: TokenList(video: [0])),
      merges: merges)
    #expect(found.kept == [0, 2, 4, 9, 15])
    #expect(found.merges == Array(merges.dropFirst()))
    #expect(found.notes == ["1 token kept by hand is also part of the tokens that absorbed them"])
  }

  // MARK: - Plans

  @Test func `a plan without choices is unchanged`() {
    let plan = SelectionSettings(defaultsForLayers: 12).plan(for: Self.shape)
    #expect(plan.forcing(ForcedTokens(), Self.shape) == plan)
    #expect(plan.forced.isEmpty)
  }

  @Test func `every rule but the late removal is changed`() {
    var settings = SelectionSettings(defaultsForLayers: 12)
    let plain = settings.plan(for: Self.shape)
    settings.forced = ForcedTokens(kept: TokenList(video: [2]), dropped: TokenList(audio: [0]))
    let plan = settings.plan(for: Self.shape)
    #expect(plan.forced == settings.forced)
    #expect(plan.firstDifference(from: plain) == 0)
    #expect(plan.removalLayer == plain.removalLayer && plan.dropLayers == plain.dropLayers)
    #expect(plan.boundaries.dropLast().allSatisfy { $0.rule is ForcedBoundaryRule })
    #expect(plan.boundaries.last?.rule is RemovalRule)
    #expect((plan.encoderRule as? ForcedEncoderRule)?.base is DiversityRule)
  }

  @Test func `tokens beyond the prompt are named in a note`() {
    var settings = SelectionSettings(defaultsForLayers: 12)
    settings.forced = ForcedTokens(dropped: TokenList(video: 6..<10))
    #expect(settings.plan(for: Self.shape).notes.contains { $0.contains("video:9-10") })
  }

  @Test func `full tokens with tokens dropped by hand drop these only`() throws {
    var settings = SelectionSettings(defaultsForLayers: 12)
    (settings.method, settings.forced) = (.full, ForcedTokens(dropped: TokenList(video: [1])))
    let plan = settings.plan(for: Self.shape)
    let rule = try #require(plan.encoderRule)
    let inputs = EncoderInputs(
      modalities: Self.modalities, gridTokens: 4, video: nil, audio: nil)
    #expect(try rule.select(each: [inputs]).kept == Self.modalities.indices.filter { $0 != 2 })
    #expect(rule.entering(each: Self.shape).video == 7 && plan.boundaries.isEmpty)
  }

  @Test func `choices are part of the identity of settings only if there are any`() {
    var settings = SelectionSettings(defaultsForLayers: 12)
    let plain = settings.identity
    settings.forced.set(.keep, TokenList(video: 0..<3))
    #expect(settings.identity == plain + " keep=video:1-3")
    settings.method = .full
    #expect(settings.identity == "method=full keep=video:1-3")
  }

  @Test func `tokens of the second clip have ordinals after those of the first`() throws {
    let text = Modality.text
    let clips: [[Modality]] = [
      [.video, .video, text, text, text], [text, text, text, .video, .video],
    ]
    let inputs = clips.map {
      EncoderInputs(modalities: $0, gridTokens: 2, video: nil, audio: nil)
    }
    let rule = ForcedEncoderRule(nil, ForcedTokens(dropped: TokenList(video: [1, 2])))
    #expect(try rule.select(each: inputs).kept == [0, 2, 4])
  }

  @Test func `a rule after a layer counts ordinals in the whole prompt`() throws {
    let inputs = BoundaryInputs(
      modalities: [.text, .video, .video, .audio], positions: [0, 3, 7, 9], layer: 2,
      ordinals: { [0, 2, 6, 0] },
      relevance: { .init(scores: [1, 1, 1, 1], flops: 0) }, hidden: { fatalError("not read") })
    let rule = ForcedBoundaryRule(
      FixedRule(kept: [0, 1, 3]), ForcedTokens(kept: TokenList(video: [6])))
    #expect(try rule.select(inputs).kept == [0, 2, 3])
  }

  @Test func `rules with choices are written to a trace and read again`() throws {
    let forced = ForcedTokens(kept: TokenList(video: 0..<3), dropped: TokenList(audio: [1]))
    let encoder = ForcedEncoderRule(
      DiversityRule(video: 0.14, audio: 0.63, windows: SelectionWindows()), forced)
    let data = try JSONEncoder().encode(encoder)
    #expect(try JSONDecoder().decode(ForcedEncoderRule.self, from: data) == encoder)
    let boundary = ForcedBoundaryRule(
      WindowBudgetRule(video: 0.9, audio: 0.8, temperature: 0.3), forced)
    let written = try JSONEncoder().encode(boundary)
    #expect(try JSONDecoder().decode(ForcedBoundaryRule.self, from: written) == boundary)
    let alone = ForcedEncoderRule(nil, forced)
    #expect(
      try JSONDecoder().decode(ForcedEncoderRule.self, from: JSONEncoder().encode(alone)) == alone)
    let stated = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
    #expect(stated["keep"] as? [String] == ["video:1-3"] && stated["video"] as? Double == 0.14)
    #expect((stated["base"] as? [String: Any])?["rule"] as? String == "diversity")
  }

  @Test func `windows count the tokens that are kept`() {
    var outcome = RuleOutcome(
      kept: [0, 1, 9, 15], path: .windows, scores: [Float](repeating: 0, count: 16),
      windows: [
        WindowRecord(
          videoWeight: 1, audioWeight: 1, videoRelevance: 0, audioRelevance: 0, budget: 2,
          videoBudget: 1, audioBudget: 1, videoTokens: 8, audioTokens: 6)
      ])
    ForcedTokens(kept: TokenList(video: 1..<3)).apply(
      to: &outcome,
      SequenceTokens(
        modalities: Self.modalities, ordinals: Self.modalities.ordinals, clips: []))
    #expect(outcome.kept == [0, 2, 3, 9, 15])
    #expect(outcome.windows[0].videoBudget == 2 && outcome.windows[0].budget == 3)
  }

  @Test func `the summary of a prompt counts only tokens that it has`() {
    let forced = ForcedTokens(
      kept: TokenList(video: [1, 8, 999], audio: [0]), dropped: TokenList(video: [500], audio: []))
    let counts = ModalityCounts(Self.modalities)
    #expect(forced.summary(in: counts) == "2 kept by hand")
    #expect(forced.summary == "4 kept and 1 dropped by hand")
  }
}
