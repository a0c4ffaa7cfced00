// swift-format-ignore-file: AlwaysUseLowerCamelCase
// Fixtures keep the spelling of their keys.

import Foundation
import Tensors
import TestSupport
import Testing

@testable import Selection

/// `golden/methods`, or the folder that `SEATS_TOP_METHODS_GOLDEN` names: what the published methods keep
/// and merge of made-up features, of whatever cases the folder lists.
@Suite struct `MethodGolden` {
  struct Case: Decodable, Sendable, CustomTestStringConvertible {
    let number: Int
    let grids, rows, columns, audio_tokens, width, text_tokens: Int
    let video_ratio, audio_ratio, encoder_scale: Double
    let video_encoder_ratio, audio_encoder_ratio: Double
    let video_stage2_ratio, audio_stage2_ratio: Double
    /// Tokens kept, by the name of a method and its stage.
    let counts: [String: Int]

    private enum CodingKeys: String, CodingKey {
      case number = "case"
      case grids, rows, columns, audio_tokens, width, text_tokens, video_ratio, audio_ratio
      case encoder_scale, video_encoder_ratio, audio_encoder_ratio, video_stage2_ratio
      case audio_stage2_ratio, counts
    }

    var gridTokens: Int { rows * columns }
    var testDescription: String { "case \(number)" }
  }

  private static let folder =
    ProcessInfo.processInfo.environment["SEATS_TOP_METHODS_GOLDEN"].map {
      URL(filePath: $0, directoryHint: .isDirectory)
    } ?? Fixtures.golden.appending(path: "methods")

  private static func listed() throws -> [Case] {
    try JSONDecoder().decode(
      [Case].self, from: Data(contentsOf: folder.appending(path: "methods.json")))
  }

  /// No case where the list cannot be read: the first test says so.
  private static let cases = (try? listed()) ?? []

  private let tensors: TensorArchive

  init() throws {
    tensors = try TensorArchive(Self.folder.appending(path: "methods.safetensors"))
  }

  private func tensor(_ one: Case, _ name: String) throws -> Tensor {
    let name = "case\(one.number).\(name)"
    return Tensor(try tensors.shape(name), try tensors.floats(name))
  }

  private func numbers(_ one: Case, _ name: String) throws -> [Float] {
    try tensors.floats("case\(one.number).\(name)")
  }

  private func indices(_ one: Case, _ name: String) throws -> [Int] {
    try tensors.integers("case\(one.number).\(name)")
  }

  private func tokens(_ one: Case, _ modality: Modality) throws -> GoldenTokens {
    GoldenTokens(
      features: try tensor(one, modality.rawValue),
      attention: try numbers(one, "\(modality.rawValue)_attention"))
  }

  /// A prompt of the case's video, then its audio; the numbers in it of each modality's tokens.
  private func inputs(_ one: Case) throws -> (EncoderInputs, [Modality: Int]) {
    let (video, audio) = (try tokens(one, .video), try tokens(one, .audio))
    let modalities =
      [Modality](repeating: .video, count: video.features.rows)
      + [Modality](repeating: .audio, count: audio.features.rows)
    let inputs = EncoderInputs(
      modalities: modalities, gridTokens: one.gridTokens, gridColumns: one.columns, video: video,
      audio: audio)
    return (inputs, [.video: 0, .audio: video.features.rows])
  }

  /// What is left of a prompt: its rows, as the rule changed them.
  private func rows(_ kept: [Int], _ all: Tensor, _ outcome: RuleOutcome) -> Tensor {
    var rows = all
    for change in outcome.changed { rows.scatterRows(change.rows(of: all), to: change.offsets) }
    return rows.gatherRows(kept)
  }

  @Test func `every golden case of a method has tensors and a known method`() throws {
    let cases = try Self.listed()
    #expect(!cases.isEmpty)
    let known = [
      "omnipack_stage1_video", "omnipack_stage1_audio", "omnipack_stage2", "evs", "vidcom2",
    ]
    for one in cases {
      #expect(Set(one.counts.keys) == Set(known), "case \(one.number)")
      #expect(try tensor(one, "video").shape == [one.grids * one.gridTokens, one.width])
      #expect(try tensor(one, "audio").shape == [one.audio_tokens, one.width])
      #expect(try tensor(one, "text").shape == [one.text_tokens, one.width])
    }
    let prefixes = ["omnipack.stage1.", "omnipack.stage2.", "evs.", "vidcom2."]
    let inputs = ["video", "video_attention", "audio", "audio_attention", "text"]
    for name in tensors.names {
      let parts = name.split(separator: ".", maxSplits: 1).map(String.init)
      let isCase = cases.contains { parts.first == "case\($0.number)" }
      let isKnown = inputs.contains(parts[1]) || prefixes.contains { parts[1].hasPrefix($0) }
      #expect(isCase && isKnown, "\(name) is of no method that is here")
    }
  }

  @Test(arguments: cases)
  func `OmniPack's plan has the published retention before and after`(
    _ one: Case
  ) throws {
    for (target, entering, kept) in [
      (one.video_ratio, one.video_encoder_ratio, one.video_stage2_ratio),
      (one.audio_ratio, one.audio_encoder_ratio, one.audio_stage2_ratio),
    ] {
      let shares = OmniPack.published(target, one.encoder_scale, after: 18, of: 28)
      #expect(abs(shares.entering - entering) < 1e-12 && abs(shares.kept - kept) < 1e-12)
    }
  }

  @Test(arguments: cases) func `OmniPack's first stage keeps and merges like the reference`(
    _ one: Case
  ) throws {
    let (inputs, starts) = try inputs(one)
    let rule = EventPackingRule(
      video: one.video_encoder_ratio, audio: one.audio_encoder_ratio, windows: .init())
    let outcome = try rule.select(inputs)
    var all = try tensor(one, "video")
    all.appendRows(try tensor(one, "audio"))
    for modality in [Modality.video, .audio] {
      let kept = outcome.kept.filter { inputs.modalities[$0] == modality }
      let name = "omnipack.stage1.\(modality.rawValue)_"
      let start = try #require(starts[modality])
      #expect(try kept.map { $0 - start } == indices(one, name + "kept"))
      #expect(kept.count == one.counts["omnipack_stage1_\(modality.rawValue)"])
      let merged = try tensor(one, name + "merged").elements
      #expect(worstMiss(rows(kept, all, outcome).elements, merged, absolute: 1e-4) <= 0)
    }
    try expectBooks(outcome, all)
  }

  @Test(arguments: cases) func `OmniPack's second stage keeps and merges like the reference`(
    _ one: Case
  ) throws {
    let hidden = try tensor(one, "omnipack.stage2.hidden")
    let modalities = try indices(one, "omnipack.stage2.modality").map {
      try #require([Modality.text, .video, .audio].dropFirst($0).first)
    }
    let rule = RelevancePackingRule(video: one.video_stage2_ratio, audio: one.audio_stage2_ratio)
    let outcome = try rule.select(
      BoundaryInputs(
        modalities: modalities, positions: Array(modalities.indices), layer: 18,
        relevance: { .init(scores: [], flops: 0) }, hidden: { hidden }))
    #expect(try outcome.kept == indices(one, "omnipack.stage2.kept"))
    #expect(outcome.kept.count == one.counts["omnipack_stage2"])
    let merged = try tensor(one, "omnipack.stage2.merged").elements
    #expect(worstMiss(rows(outcome.kept, hidden, outcome).elements, merged, absolute: 1e-4) <= 0)
    for modality in [Modality.video, .audio] {
      let found = modalities.indices.filter { modalities[$0] == modality }.map {
        outcome.scores[$0]
      }
      let relevance = try numbers(one, "omnipack.stage2.\(modality.rawValue)_relevance")
      #expect(worstMiss(found, relevance, absolute: 1e-4) <= 0)
    }
    try expectBooks(outcome, hidden)
  }

  /// Every dropped token is in the books once, and the weights there make the changed rows: the mean of a
  /// survivor's own row, by weight 1, and of those it took up.
  private func expectBooks(_ outcome: RuleOutcome, _ rows: Tensor) throws {
    let kept = Set(outcome.kept)
    #expect(
      outcome.merges.map(\.token).sorted()
        == (0..<rows.rows).filter { !kept.contains($0) })
    #expect(outcome.merges.allSatisfy { kept.contains($0.survivor) })
    let changed = outcome.changed.flatMap(\.offsets)
    #expect(
      Set(outcome.merges.map(\.survivor)) == Set(changed) && Set(changed).count == changed.count)
    for change in outcome.changed {
      for (row, survivor) in change.offsets.enumerated() {
        var sum = rows.row(survivor).map(Double.init)
        var weights = 1.0
        for merge in outcome.merges where merge.survivor == survivor {
          weights += Double(merge.weight)
          for (column, value) in rows.row(merge.token).enumerated() {
            sum[column] += Double(merge.weight) * Double(value)
          }
        }
        let mean = sum.map { Float($0 / weights) }
        #expect(worstMiss(change.rows(of: rows).row(row), mean, absolute: 1e-4) <= 0)
      }
    }
  }

  @Test(arguments: cases) func `EVS keeps the same tokens as the reference`(_ one: Case) throws {
    let (inputs, _) = try inputs(one)
    let rule = FrameChangeRule(KeptShares(video: one.video_ratio))
    let kept = try rule.select(inputs).kept.filter { inputs.modalities[$0] == .video }
    #expect(try kept == indices(one, "evs.kept"))
    #expect(kept.count == one.counts["evs"])
  }

  @Test(arguments: cases) func `VidCom² keeps the same tokens as the reference`(_ one: Case) throws
  {
    let selector = FrameUniqueness(ratio: one.video_ratio, gridTokens: one.gridTokens)
    let outcome = selector.select(features: try tensor(one, "video"))
    let ratios = try numbers(one, "vidcom2.frame_ratios")
    #expect(worstMiss(outcome.ratios.map(Float.init), ratios, absolute: 1e-4) <= 0)
    let (inputs, _) = try inputs(one)
    let rule = FrameUniquenessRule(KeptShares(video: one.video_ratio), windows: .init())
    let kept = try rule.select(inputs).kept.filter { inputs.modalities[$0] == .video }
    #expect(try kept == indices(one, "vidcom2.kept"))
    #expect(kept.count == one.counts["vidcom2"])
  }
}

/// Features and attention of a case, whatever the windows.
private struct GoldenTokens: EncodedTokens {
  let features: Tensor
  let attention: [Float]
  func attentionReceived(in windows: SelectionWindows) -> [Float] { attention }
  func attentionFlops(in windows: SelectionWindows) -> Double { 0 }
  func keyMeans() -> Tensor { features }
}
