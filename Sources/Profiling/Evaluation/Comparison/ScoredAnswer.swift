import Foundation

/// An answer of some program to a question of some file, as far as it can be compared with another.
struct ScoredAnswer: Sendable, Equatable {
  /// What the question is called in results of a sweep; nil in samples.
  var question: String?
  /// Fingerprints of the question and of its media, in results of a sweep.
  var asked, media: String?
  /// Where the question stands in its file; nil where that is not known.
  var document: EvaluationDocument?
  /// What questions about one clip have in common; nil where the clip is not known.
  var clip: String?
  /// 1 for a right answer, 0 for a wrong one, or what a metric says; nil where nothing is known.
  var score: Double?

  /// What it is called in messages.
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

/// A file of answers: results of a sweep, or samples of lmms-eval.
public struct ScoredFile: Sendable {
  /// Answers of one method at one budget; all answers of a file of samples.
  struct Group: Sendable {
    /// Nil for samples, which are of one model under one setting.
    let point: SweepPoint.Key?
    let answers: [ScoredAnswer]
  }

  /// What wrote it.
  public enum Kind: Sendable, Equatable {
    case sweep(SweepHeader)
    /// - Parameters:
    ///   - model: the folder that the file lies in, as lmms-eval names it.
    ///   - metric: whose values count.
    ///   - otherMetrics: those that the file has besides.
    case samples(model: String, task: String, metric: String, otherMetrics: [String])
  }

  public let path: String
  public let kind: Kind
  let groups: [Group]
  /// Lines about a document that a line before them is about: the first counts.
  public let repeatedLines: Int

  /// - Parameter metric: of samples with several; the first of them where left out.
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

  /// Methods and budgets that it holds, in order; none for samples.
  public var points: [SweepPoint.Key] { groups.compactMap(\.point) }

  public var isSamples: Bool { if case .samples = kind { true } else { false } }

  /// Answers in all.
  public var count: Int { groups.reduce(0) { $0 + $1.answers.count } }
}
