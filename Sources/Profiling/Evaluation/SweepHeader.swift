import Foundation
import OmniModel

/// What a results file is about: its first line. A later line of the same kind says that the set of
/// questions has changed since.
public struct SweepHeader: Sendable, Equatable, Codable {
  static let family = "seats-top/sweep/"
  static let version = 2
  /// The `format` that is written.
  public static let currentFormat = "\(family)\(version)"
  /// Does not say which checkpoint it is about: it is read, but nothing is added to it.
  static let firstFormat = "\(family)1"

  public let format: String
  /// The model directory's own name.
  public let model: String
  /// Nil in files of the first format.
  public let identity: SweepIdentity?
  /// The evaluation set: its name, its fingerprint, and how many questions it has in all.
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

  /// The same without a shard.
  var whole: SweepHeader {
    SweepHeader(
      format: format, model: model, identity: identity, set: set, fingerprint: fingerprint,
      questions: questions, shard: nil)
  }

  /// Counts that can be multiplied.
  var isPlausible: Bool { 0...1_000_000_000 ~= questions }

  /// The line, its format first, so that an unfinished one is recognised too.
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

/// What results depend on besides question, media and point.
public struct SweepIdentity: Sendable, Equatable, Codable {
  /// The parts of a `ModelFingerprint`.
  public let weights, configuration, tokenizer, preprocessing: String
  /// What products were computed in: `f32`, `bf16` or `int8`.
  public let compute: String
  /// Longest answer, in tokens.
  public let maxNewTokens: Int

  public init(_ model: ModelFingerprint, compute: String, maxNewTokens: Int) {
    weights = model.weights
    configuration = model.configuration
    tokenizer = model.tokenizer
    preprocessing = model.preprocessing
    self.compute = compute
    self.maxNewTokens = maxNewTokens
  }

  /// Of a model in a directory, as an exam puts questions to it.
  /// - Throws: `CheckpointError`.
  public init(_ exam: Exam) throws(CheckpointError) {
    self.init(
      try ModelFingerprint(directory: exam.thinker.directory, base: exam.thinker.base),
      compute: exam.thinker.precision.rawValue, maxNewTokens: exam.longestAnswer)
  }
}

/// Why results cannot stand beside others: one thing that they were made with.
public enum SweepDifference: Sendable, Equatable {
  /// Other files of the model; the directories' names.
  case weights(found: String, wanted: String)
  case configuration, tokenizer, preprocessing
  case compute(found: String, wanted: String)
  case maxNewTokens(found: Int, wanted: Int)
  case shard(found: Shard?, wanted: Shard?)
  /// Other models or questions, as far as files of the first format tell.
  case model(found: String, wanted: String)
  case set(found: String, wanted: String)
  /// Written in another format than the others.
  case format(found: String, wanted: String)
  /// Questions of these ids read otherwise, or have another right answer.
  case questions([String])
  /// Media of these names have changed.
  case media([String])
}

extension SweepHeader {
  /// What the results of `self` were made with that those of `wanted` are not; shards may differ.
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
