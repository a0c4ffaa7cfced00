import Foundation
import OmniModel

/// Header of a results file: its first line. A later header line records a changed set of
/// questions.
public struct SweepHeader: Sendable, Equatable, Codable {
  static let family = "seats-top/sweep/"
  static let version = 2
  /// The current `format`.
  public static let currentFormat = "\(family)\(version)"
  /// The first format, without an identity: read-only.
  static let firstFormat = "\(family)1"

  public let format: String
  /// The model directory's own name.
  public let model: String
  /// Nil in the first format.
  public let identity: SweepIdentity?
  /// The evaluation set: name, fingerprint, and number of questions.
  public let set, fingerprint: String
  public let questions: Int
  /// Nil for the whole set.
  public let shard: Shard?

  public init(model: String, identity: SweepIdentity, set: EvaluationSet, shard: Shard?) {
    self.init(
      format: Self.currentFormat, model: model, identity: identity, set: set.name,
      fingerprint: set.fingerprint, questions: set.questionCount, shard: shard)
  }

  private init(
    format: String, model: String, identity: SweepIdentity?, set: String, fingerprint: String,
    questions: Int, shard: Shard?
  ) {
    self.format = format
    self.model = model
    self.identity = identity
    self.set = set
    self.fingerprint = fingerprint
    self.questions = questions
    self.shard = shard
  }

  /// The header without a shard.
  var whole: SweepHeader {
    SweepHeader(
      format: format, model: model, identity: identity, set: set, fingerprint: fingerprint,
      questions: questions, shard: nil)
  }

  /// Whether counts are in range.
  var isPlausible: Bool { 0...1_000_000_000 ~= questions }

  /// The line, with the format first, so that a truncated one is recognised.
  func line() throws -> Data {
    let body = try SweepLine.encode(Body(self))
    return Data("{\"format\":\"\(format)\",".utf8) + body.dropFirst()
  }

  private struct Body: Encodable {
    let model: String
    let identity: SweepIdentity?
    let set, fingerprint: String
    let questions: Int
    let shard: Shard?

    init(_ header: SweepHeader) {
      (model, identity, set) = (header.model, header.identity, header.set)
      (fingerprint, questions, shard) = (header.fingerprint, header.questions, header.shard)
    }
  }
}

/// Identity of results, besides question, media and point.
public struct SweepIdentity: Sendable, Equatable, Codable {
  /// The parts of a `ModelFingerprint`.
  public let weights, configuration, tokenizer, preprocessing: String
  /// Precision of products: `f32`, `bf16` or `int8`.
  public let compute: String
  /// Maximum answer length, in tokens.
  public let maxNewTokens: Int

  public init(_ model: ModelFingerprint, compute: String, maxNewTokens: Int) {
    weights = model.weights
    configuration = model.configuration
    tokenizer = model.tokenizer
    preprocessing = model.preprocessing
    self.compute = compute
    self.maxNewTokens = maxNewTokens
  }

  /// Identity of an evaluation.
  /// - Throws: `CheckpointError`.
  public init(_ evaluation: Evaluation) throws(CheckpointError) {
    self.init(
      try ModelFingerprint(directory: evaluation.thinker.directory, base: evaluation.thinker.base),
      compute: evaluation.thinker.precision.rawValue, maxNewTokens: evaluation.longestAnswer)
  }
}

/// One difference in how results were made.
public enum SweepDifference: Sendable, Equatable {
  /// Different model files; names of the directories.
  case weights(found: String, wanted: String)
  case configuration, tokenizer, preprocessing
  case compute(found: String, wanted: String)
  case maxNewTokens(found: Int, wanted: Int)
  case shard(found: Shard?, wanted: Shard?)
  /// Different models or questions, in the first format.
  case model(found: String, wanted: String)
  case set(found: String, wanted: String)
  /// Different formats.
  case format(found: String, wanted: String)
  /// Questions with changed words or right answers, by id.
  case questions([String])
  /// Changed media, by name.
  case media([String])
}

extension SweepHeader {
  /// Differences from `wanted`; shards may differ.
  func differences(from wanted: SweepHeader) -> [SweepDifference] {
    guard format == wanted.format else { return [.format(found: format, wanted: wanted.format)] }
    guard let own = identity, let other = wanted.identity else {
      return (model == wanted.model ? [] : [.model(found: model, wanted: wanted.model)])
        + (fingerprint == wanted.fingerprint ? [] : [.set(found: set, wanted: wanted.set)])
    }
    var found: [SweepDifference] = []
    if own.weights != other.weights {
      found.append(.weights(found: model, wanted: wanted.model))
    }
    if own.configuration != other.configuration { found.append(.configuration) }
    if own.tokenizer != other.tokenizer { found.append(.tokenizer) }
    if own.preprocessing != other.preprocessing { found.append(.preprocessing) }
    if own.compute != other.compute {
      found.append(.compute(found: own.compute, wanted: other.compute))
    }
    if own.maxNewTokens != other.maxNewTokens {
      found.append(.maxNewTokens(found: own.maxNewTokens, wanted: other.maxNewTokens))
    }
    return found
  }
}
