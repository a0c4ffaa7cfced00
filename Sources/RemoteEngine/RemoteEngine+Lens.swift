import Foundation
import OmniModel
import Tensors

extension RemoteEngine {
  /// The row is kept by the engine; its answer is not awaited.
  func row(_ row: Int, of hidden: EngineState) throws(PrefillError) -> EngineState? {
    guard facts.hasLens else { return nil }
    let state = hidden.value(as: RemoteState.self)
    guard state.isKept else { return nil }
    let output = RemoteState(link)
    _ = link.send(
      "take",
      [
        "input": .number(state.number), "row": .number(row), "output": .number(output.number),
      ])
    return EngineState(output)
  }

  func predictions(
    _ request: PredictionRequest, _ cancellation: Cancellation
  ) throws(PrefillError) -> Measured<[NextTokenPrediction?]>? {
    guard facts.hasLens else { return nil }
    return try engine {
      let count = request.rows.count
      let best = min(request.best, facts.vocabulary)
      var header: [String: RequestValue] = [
        "inputs": .list(try request.rows.map { .number(try kept($0)) }), "best": .number(best),
      ]
      if let final = request.final { header["final"] = .number(final) }
      let answer = try link.ask("lens", header, [], cancellation)
      guard let ids = answer.tensors["ids"]?.indices, ids.count == count * best else {
        throw EngineFault(.malformed, reason: "an answer to lens without its ids")
      }
      let probabilities = try answer.floats("probabilities", count * best)
      let entropy = try answer.floats("entropy", count)
      let divergence = request.final == nil ? nil : try answer.floats("kl", count)
      guard ids.allSatisfy({ $0 < facts.vocabulary }) else {
        throw EngineFault(.malformed, reason: "an answer to lens with ids beyond the vocabulary")
      }
      let found = (0..<count).map { index -> NextTokenPrediction? in
        let range = index * best..<(index + 1) * best
        let numbers = probabilities[range] + [entropy[index], divergence?[index] ?? 0]
        guard numbers.allSatisfy({ $0.isFinite && $0 >= 0 }) else { return nil }
        return NextTokenPrediction(
          best: range.map { .init(id: ids[$0], probability: min(1, Double(probabilities[$0]))) },
          entropy: Double(entropy[index]), divergence: divergence.map { Double($0[index]) })
      }
      return Measured(
        found, flops: Double(count) * prompt.decoder.headFlops, seconds: answer["ms"]?.duration)
    }
  }

  func attention(
    _ query: AttentionQuery, groups: [UInt8], groupCount: Int
  ) throws(PrefillError) -> Measured<[[Float]]>? {
    guard facts.hasLens else { return nil }
    return try engine {
      let group = EngineTensor(kind: .u8, shape: [groups.count], bytes: .init(groups))
      let answer = try link.ask(
        "looks", try header(query, ["groups": .number(groupCount)]), [("group", group)])
      let shares = try answer.matrix("shares", columns: groupCount)
      guard shares.elements.allSatisfy(Self.isShare) else {
        throw EngineFault(.malformed, reason: "an answer to looks with shares that are none")
      }
      return Measured(
        (0..<shares.rows).map { Array(shares.row($0)) }, flops: flops(query),
        seconds: answer["ms"]?.duration)
    }
  }

  func attentionWeights(
    _ query: AttentionQuery, head: Int
  ) throws(PrefillError) -> Measured<[Float]>? {
    guard facts.hasLens else { return nil }
    return try engine {
      let answer = try link.ask("looks", try header(query, ["head": .number(head)]))
      let weights = try answer.floats("weights", query.tokens)
      guard weights.allSatisfy(Self.isShare) else {
        throw EngineFault(.malformed, reason: "an answer to looks with weights that are none")
      }
      return Measured(weights, flops: flops(query), seconds: answer["ms"]?.duration)
    }
  }

  private func header(
    _ query: AttentionQuery, _ more: [String: RequestValue]
  ) throws -> [String: RequestValue] {
    let keys = query.keyValues.value(as: RemoteKeys.self).state
    try keptState(keys)
    return [
      "layer": .number(query.layer), "prompt": .number(sentPrompt().state.number),
      "input": .number(try kept(query.row)), "position": .number(query.position),
      "keys": .number(keys.number),
    ].merging(more) { $1 }
  }

  private func flops(_ query: AttentionQuery) -> Double {
    prompt.decoder.attentionWeightsFlops(query.tokens)
  }

  /// The number of a row's state.
  private func kept(_ row: EngineState) throws -> Int {
    let state = row.value(as: RemoteState.self)
    try keptState(state)
    return state.number
  }

  private static func isShare(_ share: Float) -> Bool { share >= 0 && share <= 1.01 }
}
