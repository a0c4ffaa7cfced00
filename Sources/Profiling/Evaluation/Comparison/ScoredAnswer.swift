import Basics
import Foundation

/// An answer of an evaluation, for comparison with another.
struct ScoredAnswer: Sendable, Equatable {
  /// Name of the question in sweep results; nil in samples.
  var question: String?
  /// Fingerprints of the question and of its media, in results of a sweep.
  var asked, media: String?
  /// The question's document; nil if unknown.
  var document: EvaluationDocument?
  /// Identity of the clip; nil if unknown.
  var clip: String?
  /// 1 for a right answer, 0 for a wrong one, or a metric's value; nil if unknown.
  var score: Double?

  /// Name in messages.
  var name: String { question ?? document.map { "doc_id \($0.id)" } ?? "?" }
}

extension ScoredAnswer {
  init(_ result: SweepResult) {
    self.init(
      question: result.question, asked: result.asked, media: result.mediaContent,
      document: result.document, clip: result.mediaContent,
      score: result.isRight.map { $0 ? 1 : 0 })
  }
}

/// An answer file: sweep results, or samples of lmms-eval.
public struct ScoredFile: Sendable {
  /// Answers of one method at one budget; all answers of a file of samples.
  struct Group: Sendable {
    /// Nil for samples.
    let point: SweepPoint.Key?
    let answers: [ScoredAnswer]
  }

  /// Kind of file.
  public enum Kind: Sendable, Equatable {
    case sweep(SweepHeader)
    /// - Parameters:
    ///   - model: the folder of the file, named by lmms-eval after the model.
    ///   - metric: the metric in use.
    ///   - otherMetrics: other metrics of the file.
    case samples(model: String, task: String, metric: String, otherMetrics: [String])
  }

  public let path: String
  public let kind: Kind
  let groups: [Group]
  /// Number of repeated documents, of which the first line counts.
  public let repeatedLines: Int

  /// - Parameter metric: metric of samples; default: the first.
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

  /// Methods and budgets in order; empty for samples.
  public var points: [SweepPoint.Key] { groups.compactMap(\.point) }

  public var isSamples: Bool { if case .samples = kind { true } else { false } }

  /// Total number of answers.
  public var count: Int { groups.reduce(0) { $0 + $1.answers.count } }
}
