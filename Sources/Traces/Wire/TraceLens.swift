// swift-format-ignore-file: AlwaysUseLowerCamelCase
// Keys as in the file.

import OmniModel
import Runs

/// Event `lens` of a trace: what the lens shows of some layers.
struct TraceLens: Codable, Equatable {
  struct Layer: Codable, Equatable {
    var layer: Int
    var would_say: Prediction?
    var looks_at: Attention?
  }

  struct Prediction: Codable, Equatable {
    struct Candidate: Codable, Equatable {
      var id: Int
      var text: String?
      var probability: Double
    }

    /// The most likely tokens, best first.
    var best: [Candidate]
    /// Entropy, and KL divergence from the distribution after the last layer, in nats.
    var entropy, kl: Double?
    var ms, flops: Double?
  }

  struct Shares: Codable, Equatable {
    var text, image, video, audio: Double?
  }

  /// Shares of each head, in order.
  struct Heads: Codable, Equatable {
    var text, image, video, audio: [Double]?
  }

  struct Attention: Codable, Equatable {
    /// Mean and maximum over heads.
    var mean, most: Shares?
    var heads: Heads?
    var ms, flops: Double?
  }

  var choice: String?
  var notes: [String]?
  var layers: [Layer]
}

// MARK: - Writing

extension TraceLens {
  init(_ update: LensUpdate) {
    self.init(
      choice: update.choice.rawValue, notes: update.notes.isEmpty ? nil : update.notes,
      layers: update.records.map(Layer.init))
  }
}

extension TraceLens.Layer {
  init(_ record: LensRecord) {
    self.init(
      layer: record.layer, would_say: record.prediction.map(TraceLens.Prediction.init),
      looks_at: record.attention.map(TraceLens.Attention.init))
  }
}

extension TraceLens.Prediction {
  init(_ prediction: LensRecord.Prediction) {
    self.init(
      best: prediction.best.map { .init(id: $0.id, text: $0.text, probability: $0.probability) },
      entropy: prediction.entropy, kl: prediction.divergence, ms: prediction.cost.milliseconds,
      flops: prediction.cost.flops)
  }
}

extension TraceLens.Attention {
  init(_ attention: LensRecord.Attention) {
    self.init(
      mean: .init(attention.mean), most: .init(attention.most),
      heads: attention.heads.isEmpty ? nil : .init(attention.heads),
      ms: attention.cost.milliseconds, flops: attention.cost.flops)
  }
}

extension TraceLens.Shares {
  init(_ shares: ModalityShares) {
    self.init(
      text: shares.text, image: shares.image > 0 ? shares.image : nil, video: shares.video,
      audio: shares.audio)
  }
}

extension TraceLens.Heads {
  init(_ heads: [ModalityShares]) {
    self.init(
      text: heads.map(\.text), image: heads.contains { $0.image > 0 } ? heads.map(\.image) : nil,
      video: heads.map(\.video), audio: heads.map(\.audio))
  }
}

// MARK: - Reading

extension LensUpdate {
  init(_ lens: TraceLens, layers: Int) throws(TraceProblem) {
    self.init(
      choice: try lens.choice.map { choice throws(TraceProblem) in
        try TraceCheck.known(choice, "choice", as: LensChoice.self)
      } ?? .full,
      notes: (lens.notes ?? []).prefix(10).map { String($0.prefix(1000)) },
      records: try LensRecord.records(lens.layers, "layers", layers: layers))
  }
}

extension LensRecord {
  static func records(
    _ lens: [TraceLens.Layer], _ key: String, layers: Int
  ) throws(TraceProblem) -> [LensRecord] {
    guard lens.count <= layers else {
      throw TraceCheck.bad(key, "\(lens.count) values", "at most \(layers), one per layer")
    }
    var records: [LensRecord] = []
    for layer in lens { records.append(try LensRecord(layer, layers: layers)) }
    return records
  }

  private init(_ layer: TraceLens.Layer, layers: Int) throws(TraceProblem) {
    self.init(
      layer: try TraceCheck.count(layer.layer, "layer", in: 1...max(1, layers)),
      prediction: try layer.would_say.map { value throws(TraceProblem) in try Prediction(value) },
      attention: try layer.looks_at.map { value throws(TraceProblem) in try Attention(value) })
  }
}

extension LensRecord.Cost {
  fileprivate init(
    _ milliseconds: Double?, _ flops: Double?, _ key: String
  ) throws(TraceProblem) {
    self.init(
      milliseconds: try TraceCheck.number(milliseconds, "\(key).ms"),
      flops: try TraceCheck.number(flops, "\(key).flops"))
  }
}

extension LensRecord.Prediction {
  fileprivate init(_ prediction: TraceLens.Prediction) throws(TraceProblem) {
    guard 1...100 ~= prediction.best.count else {
      throw TraceCheck.bad("would_say.best", "\(prediction.best.count) tokens", "1 to 100")
    }
    var best: [Candidate] = []
    for candidate in prediction.best {
      best.append(
        Candidate(
          id: candidate.id, text: String((candidate.text ?? "").prefix(1000)),
          probability: try TraceCheck.number(
            candidate.probability, "would_say.best.probability", in: 0...1)))
    }
    self.init(
      best: best,
      entropy: try TraceCheck.number(prediction.entropy, "would_say.entropy", in: 0...1000),
      divergence: try prediction.kl.map { kl throws(TraceProblem) in
        try TraceCheck.number(kl, "would_say.kl", in: 0...1e9)
      }, cost: try LensRecord.Cost(prediction.ms, prediction.flops, "would_say"))
  }
}

extension LensRecord.Attention {
  fileprivate init(_ attention: TraceLens.Attention) throws(TraceProblem) {
    let heads =
      try attention.heads.map { heads throws(TraceProblem) in try Self.heads(heads) } ?? []
    guard let mean = attention.mean else {
      guard !heads.isEmpty else { throw TraceProblem(.missingKey("looks_at.mean")) }
      self.init(
        heads, keepsHeads: true,
        try LensRecord.Cost(attention.ms, attention.flops, "looks_at"))
      return
    }
    let shares = try ModalityShares(mean, "looks_at.mean")
    self.init(
      mean: shares,
      most: try attention.most.map { most throws(TraceProblem) in
        try ModalityShares(most, "looks_at.most")
      } ?? shares, heads: heads,
      cost: try LensRecord.Cost(attention.ms, attention.flops, "looks_at"))
  }

  private static func heads(_ heads: TraceLens.Heads) throws(TraceProblem) -> [ModalityShares] {
    let columns = [heads.text, heads.image, heads.video, heads.audio].compactMap { $0 }
    guard let count = columns.first?.count, 1...1024 ~= count,
      columns.allSatisfy({ $0.count == count })
    else {
      throw TraceCheck.bad(
        "looks_at.heads", "\(columns.map(\.count)) values", "one per head, 1 to 1024 heads")
    }
    var shares: [ModalityShares] = []
    for head in 0..<count {
      shares.append(
        try ModalityShares(
          TraceLens.Shares(
            text: heads.text?[head], image: heads.image?[head], video: heads.video?[head],
            audio: heads.audio?[head]), "looks_at.heads"))
    }
    return shares
  }
}

extension ModalityShares {
  /// Shares may exceed 1 by the rounding of their sums.
  fileprivate init(_ shares: TraceLens.Shares, _ key: String) throws(TraceProblem) {
    func share(_ value: Double?, _ name: String) throws(TraceProblem) -> Double {
      try TraceCheck.number(value, "\(key).\(name)", in: 0...1.01)
    }
    self.init(
      text: try share(shares.text, "text"), image: try share(shares.image, "image"),
      video: try share(shares.video, "video"), audio: try share(shares.audio, "audio"))
  }
}
