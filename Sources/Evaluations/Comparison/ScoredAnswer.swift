import Basics
import Foundation

/// A scored answer of an evaluation, to be compared with another one.
struct ScoredAnswer: Sendable, Equatable {
  /// Name of the question in sweep results; nil in lmms-eval samples.
  var question: String?
  /// Fingerprints of the question and of its media, in sweep results; nil otherwise.
  var asked, media: String?
  /// Document of the question; nil if unknown.
  var document: EvaluationDocument?
  /// Identity of the clip; nil if unknown.
  var clip: String?
  /// Score: 1 for a right answer, 0 for a wrong one, or the value of a metric; nil if unknown.
  var score: Double?
  /// The answer's text, as far as the file contains it.
  var text: String?
  /// Type of the question, number of windows of its clip, and KL divergence of the first answer
  /// token from full tokens, in nats; nil if unknown.
  var kind: String?
  var windows: Int?
  var divergence: Double?

  /// Name of the question in messages.
  var name: String { question ?? document.map { "doc_id \($0.id)" } ?? "?" }
}

extension ScoredAnswer {
  init(_ result: SweepResult) {
    self.init(
      question: result.question, asked: result.asked, media: result.mediaContent,
      document: result.document, clip: result.mediaContent,
      score: result.isRight.map { $0 ? 1 : 0 }, text: result.answer, kind: result.kind,
      windows: result.windows, divergence: result.divergence)
  }
}

/// A file with answers: sweep results or lmms-eval samples.
public struct ScoredFile: Sendable {
  /// Answers of one method at one budget, or all answers of a file of samples.
  struct Group: Sendable {
    /// Method and budget of the answers; nil for lmms-eval samples.
    let point: SweepPoint.Key?
    let answers: [ScoredAnswer]
  }

  /// Kind of a file with answers.
  public enum Kind: Sendable, Equatable {
    case sweep(SweepHeader)
    /// Samples logged by lmms-eval.
    /// - Parameters:
    ///   - model: name of the file's folder, which lmms-eval names after the model.
    ///   - metric: the metric that is used.
    ///   - otherMetrics: other metrics in the file.
    case samples(model: String, task: String, metric: String, otherMetrics: [String])
  }

  public let path: String
  public let kind: Kind
  let groups: [Group]
  /// Number of repeated documents; the first line of each counts.
  public let repeatedLines: Int

  /// Reads a file with answers.
  /// - Parameter metric: metric of lmms-eval samples; nil for the first one.
  /// - Throws: `SweepFileError` or `ResultsComparisonError`.
  public init(_ path: String, metric: String? = nil) throws {
    let data: Data
    do throws(FileInputError) {
      data = try FileInput.read(path, limit: SweepFileContent.sizeLimit)
    } catch {
      throw ResultsComparisonError.unreadable(file: path, reason: error.reason)
    }
    try self.init(data, path: path, metric: metric)
  }

  init(_ data: Data, path: String, metric: String? = nil) throws {
    self.path = path
    if let samples = try LmmsEvalSamples(data, path: path, metric: metric) {
      kind = .samples(
        model: samples.model, task: samples.task, metric: samples.metric,
        otherMetrics: samples.otherMetrics)
      groups = [Group(point: nil, answers: samples.answers)]
      repeatedLines = samples.repeatedLines
      return
    }
    let content: SweepFileContent
    do throws(SweepFileError) {
      content = try SweepFileContent(data, file: path, mayBeEmpty: false)
    } catch {
      guard case .notResults(_, let line) = error else { throw error }
      throw ResultsComparisonError.neither(file: path, line: line)
    }
    guard let header = content.header else {
      throw ResultsComparisonError.neither(file: path, line: 1)
    }
    kind = .sweep(header)
    let byPoint = Dictionary(grouping: content.results, by: \.point)
    groups = byPoint.keys.sorted().map { key in
      Group(point: key, answers: (byPoint[key] ?? []).map { ScoredAnswer($0) })
    }
    repeatedLines = 0
  }

  /// Methods and budgets of the file, in order; empty for lmms-eval samples.
  public var points: [SweepPoint.Key] { groups.compactMap(\.point) }

  public var isSamples: Bool { if case .samples = kind { true } else { false } }

  /// Total number of answers in the file.
  public var count: Int { groups.reduce(0) { $0 + $1.answers.count } }
}
