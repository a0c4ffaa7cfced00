import Foundation
import OmniModel

/// Header of a results file: its first line. Later header lines record a changed set of questions.
public struct SweepHeader: Sendable, Equatable, Codable {
  static let family = "seats-top/sweep/"
  static let version = 2
  /// Value of `format` in files that this version writes.
  public static let currentFormat = "\(family)\(version)"
  /// Value of `format` in the first version, which stored no identity; such files are read but not
  /// extended.
  static let firstFormat = "\(family)1"

  public let format: String
  /// Name of the model directory.
  public let model: String
  /// Identity of the model and the settings; nil in the first format.
  public let identity: SweepIdentity?
  /// Name, fingerprint and number of questions of the evaluation set.
  public let set, fingerprint: String
  public let questions: Int
  /// The shard of the set; nil for the whole set.
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

  /// A copy of the header for the whole set, without a shard.
  var whole: SweepHeader {
    SweepHeader(
      format: format, model: model, identity: identity, set: set, fingerprint: fingerprint,
      questions: questions, shard: nil)
  }

  /// Whether the counts in the header are in a valid range.
  var isPlausible: Bool { 0...1_000_000_000 ~= questions }

  /// The header as a JSON line. The format comes first, so that an incomplete line is still
  /// recognised.
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

/// Identity of the model and the settings with which results were computed.
public struct SweepIdentity: Sendable, Equatable, Codable {
  /// Hashes of the model's files, as in `ModelFingerprint`.
  public let weights, configuration, tokenizer, preprocessing: String
  /// Precision of matrix products: `f32`, `bf16` or `int8`.
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

  /// Computes the identity of an evaluation.
  /// - Throws: `CheckpointError`.
  public init(_ evaluation: Evaluation) throws(CheckpointError) {
    self.init(
      try evaluation.thinker.fingerprint(),
      compute: evaluation.thinker.computeName, maxNewTokens: evaluation.longestAnswer)
  }
}

/// A difference between results that prevents combining them.
public enum SweepDifference: Sendable, Equatable {
  /// The model files differ; the values are names of model directories.
  case weights(found: String, wanted: String)
  case configuration, tokenizer, preprocessing
  case compute(found: String, wanted: String)
  case maxNewTokens(found: Int, wanted: Int)
  case shard(found: Shard?, wanted: Shard?)
  /// The model or the questions differ, in files of the first format.
  case model(found: String, wanted: String)
  case set(found: String, wanted: String)
  /// The files have different formats.
  case format(found: String, wanted: String)
  /// Ids of questions whose text or right answer changed.
  case questions([String])
  /// Names of media files that changed.
  case media([String])
}

extension SweepHeader {
  /// Differences of this header from `wanted`; the shards may differ.
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
