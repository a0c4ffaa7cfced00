// swift-format-ignore-file: AlwaysUseLowerCamelCase
// Fixtures keep the spelling of their keys.

import Foundation
import Runs
import TestSupport
import Testing

/// `golden/flops.json`: the reference's cost function on the real models.
@Suite struct `Golden FLOPs` {
  private struct File: Decodable {
    struct Architecture: Decodable {
      let hidden_size, intermediate_size, num_heads, num_kv_heads, num_layers, vocab_size: Int
    }

    struct Entry: Decodable {
      let model: String
      let n_video, n_audio, n_text, initial_seq_len: Int
      let drop_events_0based_layer_and_new_len: [[Int]]
      let flops_full, flops_one_full_layer, flops_seats, reduction_factor: Double
    }

    let architectures: [String: Architecture]
    let entries: [Entry]
  }

  @Test func `prefill FLOPs equal the reference's`() throws {
    let file = try Fixtures.decode(File.self, "flops.json")
    #expect(file.entries.count == 16)
    for entry in file.entries {
      let sizes = try #require(file.architectures[entry.model])
      let cost = ReferenceCost(
        DecoderShape(
          layers: sizes.num_layers, hidden: sizes.hidden_size,
          keyValueWidth: sizes.hidden_size / sizes.num_heads * sizes.num_kv_heads,
          intermediate: sizes.intermediate_size, vocabulary: sizes.vocab_size))
      let total = entry.n_video + entry.n_audio + entry.n_text
      #expect(close(cost.full(tokens: total), entry.flops_full))
      #expect(close(cost.layer(tokens: total), entry.flops_one_full_layer))
      var tokens = entry.initial_seq_len
      let drops = Dictionary(
        uniqueKeysWithValues: entry.drop_events_0based_layer_and_new_len.map { ($0[0], $0[1]) })
      let perLayer = (0..<sizes.num_layers).map { layer in
        defer { tokens = drops[layer] ?? tokens }
        return tokens
      }
      let seats = cost.prefill(tokensPerLayer: perLayer, final: tokens)
      #expect(close(seats, entry.flops_seats))
      #expect(close(cost.full(tokens: total) / seats, entry.reduction_factor))
    }
  }

  private func close(_ found: Double, _ expected: Double) -> Bool {
    abs(found / expected - 1) < 1e-9
  }
}
