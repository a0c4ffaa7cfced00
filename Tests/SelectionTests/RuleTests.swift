import Foundation
import Tensors
import Testing

@testable import Selection

/// Rules as values: what a plan holds and a trace carries.
@Suite struct `Rules` {
  private func object(_ rule: some SelectionRule) throws -> NSDictionary? {
    try JSONSerialization.jsonObject(with: JSONEncoder().encode(rule)) as? NSDictionary
  }

  private func decoded<Rule: Decodable>(_ type: Rule.Type, _ json: String) throws -> Rule {
    try JSONDecoder().decode(Rule.self, from: Data(json.utf8))
  }

  /// Rules decoded by name, as a trace holds them.
  private struct ByName: Decodable {
    let encoder: any EncoderRule
    let boundary: any BoundaryRule

    private enum CodingKeys: CodingKey { case rule }

    init(from decoder: any Decoder) throws {
      let name = try decoder.container(keyedBy: CodingKeys.self).decode(String.self, forKey: .rule)
      encoder = try RuleList.encoderRule(named: name, from: decoder)
      boundary = try RuleList.boundaryRule(named: name, from: decoder)
    }
  }

  @Test func `names of selection rules are unique, and methods use listed rules`() {
    let (encoder, boundary) = (RuleList.encoder.map { $0.name }, RuleList.boundary.map { $0.name })
    #expect(Set(encoder).count == encoder.count && Set(boundary).count == boundary.count)
    let shape = PromptShape(
      layers: 28, counts: .init(text: 20, video: 96, audio: 100), tokensPerGrid: 16)
    for method in SelectionMethod.allCases {
      var settings = SelectionSettings(defaultsForLayers: 28)
      settings.method = method
      let plan = settings.plan(for: shape)
      #expect(plan.method == method)
      #expect(plan.encoderRule.map { encoder.contains($0.name) } ?? true)
      #expect(plan.boundaries.allSatisfy { boundary.contains($0.rule.name) })
    }
  }

  @Test func `keys of a selection rule are those of the trace format`() throws {
    let windows = SelectionWindows(grids: 3, audioSeconds: 4)
    let random = RandomShare(ratio: 0.5, seed: 7)
    let shares = KeptShares(video: 0.25, randomAudio: random)
    let rules: [(any SelectionRule, String)] = [
      (
        DiversityRule(video: 0.5, audio: 0.75, windows: windows),
        #"{"video":0.5,"audio":0.75,"grids_per_window":3,"audio_window_seconds":4}"#
      ),
      (
        DominantRule(shares, contextual: 0.125, windows: windows),
        #"{"video":0.25,"random_audio":0.5,"audio_seed":7,"contextual":0.125,"grids_per_window":3,"audio_window_seconds":4}"#
      ),
      (SpreadRule(shares), #"{"video":0.25,"random_audio":0.5,"audio_seed":7}"#),
      (NoveltyRule(shares), #"{"video":0.25,"random_audio":0.5,"audio_seed":7}"#),
      (
        AudioGuidedRule(video: 0.5, audio: 0.75, contextual: 0.125, windows: windows),
        #"{"video":0.5,"audio":0.75,"contextual":0.125,"grids_per_window":3,"audio_window_seconds":4}"#
      ),
      (
        RandomRule(video: random, audio: RandomShare(ratio: 1, seed: 9)),
        #"{"video":0.5,"audio":1,"video_seed":7,"audio_seed":9}"#
      ),
      (RemovalRule(audio: false), #"{"removes":["video"]}"#),
      (
        WindowBudgetRule(video: 0.5, audio: 0.75, temperature: 0.25),
        #"{"video":0.5,"audio":0.75,"temperature":0.25}"#
      ),
      (GlobalRule(KeptShares(video: 0.5)), #"{"video":0.5}"#),
      (
        EventPackingRule(video: 0.5, audio: 0.75, windows: windows),
        #"{"video":0.5,"audio":0.75,"grids_per_window":3,"audio_window_seconds":4}"#
      ),
      (RelevancePackingRule(video: 0.5, audio: 0.75), #"{"video":0.5,"audio":0.75}"#),
      (
        UnimodalRule(video: 0.5, audio: 0.75, windows: windows),
        #"{"video":0.5,"audio":0.75,"grids_per_window":3,"audio_window_seconds":4}"#
      ),
      (ProgressiveRule(drop: 0.25, diversity: 0.5), #"{"drop":0.25,"diversity":0.5}"#),
      (FrameChangeRule(shares), #"{"video":0.25,"random_audio":0.5,"audio_seed":7}"#),
      (
        FrameUniquenessRule(shares, windows: windows),
        #"{"video":0.25,"random_audio":0.5,"audio_seed":7,"grids_per_window":3,"audio_window_seconds":4}"#
      ),
      (
        ForcedEncoderRule(
          SpreadRule(shares), ForcedTokens(kept: TokenList(video: 0..<8, audio: [2]))),
        #"""
        {"video":0.25,"audio":0.5,"keep":["video:1-8","audio:3"],
        "base":{"rule":"spread","video":0.25,"random_audio":0.5,"audio_seed":7}}
        """#
      ),
      (
        ForcedBoundaryRule(
          GlobalRule(KeptShares(video: 0.5)), ForcedTokens(dropped: TokenList(audio: [0]))),
        #"{"video":0.5,"audio":1,"drop":["audio:1"],"base":{"rule":"global","video":0.5}}"#
      ),
    ]
    #expect(
      Set(rules.map(\.0.name))
        == Set(RuleList.encoder.map { $0.name } + RuleList.boundary.map { $0.name }))
    for (rule, json) in rules {
      let expected = try JSONSerialization.jsonObject(with: Data(json.utf8)) as? NSDictionary
      #expect(try object(rule) == expected, "\(rule.name)")
      #expect(try rule.isDecoded(from: json), "\(rule.name)")
    }
  }

  @Test func `a modality left out of a rule is kept whole`() throws {
    #expect(try decoded(SpreadRule.self, "{}").ratios == RetentionBudget(video: 1, audio: 1))
    let random = try decoded(RandomRule.self, #"{"video":0.5}"#)
    #expect(random.ratios == RetentionBudget(video: 0.5, audio: 1))
    #expect(try decoded(RemovalRule.self, "{}") == RemovalRule(video: true, audio: true))
    #expect(try decoded(DiversityRule.self, "{}").windows == SelectionWindows())
    #expect(try decoded(WindowBudgetRule.self, "{}").temperature == 0.1)
  }

  @Test(arguments: ["dominant", "audio-guided"])
  func `a merging rule without its anchor ratio is an error`(
    _ name: String
  ) {
    for json in [#"{"rule":"\#(name)","video":0.5}"#, #"{"rule":"\#(name)","contextual":null}"#] {
      #expect(throws: DecodingError.self) { try self.decoded(ByName.self, json) }
    }
  }

  @Test(arguments: [
    (#"{"rule":"windows","temperature":-1}"#, "temperature"),
    (#"{"rule":"spread","video":1e7}"#, "video"),
    (#"{"rule":"progressive","drop":1.5}"#, "drop"),
    (#"{"rule":"dominant","contextual":-1e7}"#, "contextual"),
    (#"{"rule":"diversity","grids_per_window":0}"#, "grids_per_window"),
    (#"{"rule":"else","audio":1e9}"#, "audio"),
  ])
  func `a selection rule's value out of range is an error with its key`(
    _ json: String, _ key: String
  ) {
    let fault = #expect(throws: RuleFault.self) { try self.decoded(ByName.self, json) }
    #expect(fault?.key == key)
  }

  @Test func `an unknown selection rule keeps its stated values`() throws {
    let json =
      #"{"rule":"theirs","after_layer":3,"video":0.25,"depth":4,"why":"x","flags":[true,1.5],"seed":18446744073709551615,"nested":{"a":[null]}}"#
    let found = try decoded(ByName.self, json)
    let rule = try #require(found.boundary as? UnknownRule)
    #expect(rule.name == "theirs" && found.encoder.name == "theirs")
    #expect(rule.ratios == RetentionBudget(video: 0.25, audio: 1))
    #expect(
      rule.leaving(.init(text: 3, video: 8, audio: 5)) == .init(text: 3, video: 2, audio: 5))
    let rest = json.replacing(#""rule":"theirs","after_layer":3,"#, with: "")
    let expected = try JSONSerialization.jsonObject(with: Data(rest.utf8)) as? NSDictionary
    #expect(try object(rule) == expected)
    #expect(rule == found.boundary as? UnknownRule)
    let other = try decoded(ByName.self, #"{"rule":"theirs","video":0.5}"#)
    #expect(rule != other.boundary as? UnknownRule)
  }

  /// Tokens whose features are their own number.
  private struct Numbered: EncodedTokens {
    let count: Int
    var features: Tensor { Tensor([count, 2], (0..<2 * count).map(Float.init)) }
    func attentionReceived(in windows: SelectionWindows) -> [Float] {
      (0..<count).map { Float($0 + 1) }
    }
    func attentionFlops(in windows: SelectionWindows) -> Double { 0 }
    func keyMeans() -> Tensor { features }
  }

  @Test(
    arguments: [
      DiversityRule(video: 0.5, audio: 0.5, windows: .init(grids: 1, audioSeconds: 1)),
      DominantRule(.init(video: 0.5), contextual: 0.25, windows: .init(grids: 1)),
      SpreadRule(.init(video: 0.25, randomAudio: .init(ratio: 0.5, seed: 1))),
      NoveltyRule(.init(video: 0.5)),
      AudioGuidedRule(video: 0.5, audio: 0.5, contextual: 0.125, windows: .init()),
      RandomRule(video: .init(ratio: 0.5, seed: 1), audio: .init(ratio: 1, seed: 2)),
      RemovalRule(video: false),
      EventPackingRule(video: 0.5, audio: 0.25, windows: .init()),
      FrameChangeRule(.init(video: 0.1, audio: 0.3)),
      FrameUniquenessRule(.init(video: 0.5, audio: 0.5), windows: .init()),
    ] as [any EncoderRule])
  func `every encoder rule keeps the token count that it predicts`(
    _ rule: any EncoderRule
  ) throws {
    let modalities =
      [Modality.text] + Array(repeating: .video, count: 8) + [.image]
      + Array(repeating: .audio, count: 8) + [.text]
    let inputs = EncoderInputs(
      modalities: modalities, gridTokens: 4, video: Numbered(count: 8), audio: Numbered(count: 8))
    let outcome = try rule.select(inputs)
    #expect(outcome.kept == Array(Set(outcome.kept)).sorted())
    let shape = PromptShape(layers: 2, counts: .init(modalities), tokensPerGrid: 4)
    #expect(ModalityCounts(outcome.kept.map { modalities[$0] }) == rule.entering(shape))
  }

  @Test func `plans with equal rules are equal`() {
    func plan(_ encoder: (any EncoderRule)?, _ rule: any BoundaryRule) -> SelectionPlan {
      SelectionPlan(
        method: .seats, encoderRule: encoder,
        boundaries: [LayerBoundary(afterLayer: 4, rule: rule)])
    }
    let spread = SpreadRule(KeptShares(video: 0.5))
    let novelty = NoveltyRule(KeptShares(video: 0.5))
    let global = GlobalRule(KeptShares(video: 0.5))
    #expect(plan(spread, global) == plan(SpreadRule(KeptShares(video: 0.5)), global))
    #expect(plan(spread, global).firstDifference(from: plan(novelty, global)) == 0)
    #expect(plan(spread, global).firstDifference(from: plan(nil, global)) == 0)
    #expect(plan(spread, global).firstDifference(from: plan(spread, RemovalRule())) == 4)
    #expect(plan(spread, global) != plan(spread, RemovalRule()))
    let partial = plan(nil, RemovalRule(audio: false))
    #expect(partial.removalLayer == nil && partial.dropLayers.isEmpty)
    #expect(plan(nil, RemovalRule()).removalLayer == 4)
  }
}

extension SelectionRule {
  fileprivate func isDecoded(from json: String) throws -> Bool {
    try JSONDecoder().decode(Self.self, from: Data(json.utf8)) == self
  }
}
