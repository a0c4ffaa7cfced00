import Evaluations
import Foundation

extension ErrorMessage {
  /// Error message for comparing two files with answers.
  static func about(_ error: ResultsComparisonError) -> String {
    switch error {
    case .unreadable(let file, let reason):
      "\(file) cannot be read (\(reason)): give a results file of a sweep or a file "
        + "of lmms-eval samples."
    case .neither(let file, let line):
      "Line \(line) of \(file) is neither a result of a sweep nor a sample of lmms-eval: give a file "
        + "that sweep --results or lmms-eval --log_samples (DATE_samples_TASK.jsonl) wrote."
    case .badSample(let file, let line):
      "Line \(line) of \(file) is not a sample of lmms-eval, unlike earlier lines: "
        + "copy the complete file again."
    case .noMetric(let file, let metric, let there):
      "\(file) has no metric \(metric): give --metric one of \(there.joined(separator: ", "))."
    case .noSamples:
      "--metric applies to lmms-eval's samples, and neither file has any: "
        + "leave it out."
    case .nothingToFilter:
      "--methods and --retentions apply to results of sweeps, and neither file has any: "
        + "leave them out."
    case .noSuchMethod(let method, let there):
      "Neither file has answers of the method \(method): give --methods some of "
        + "\(there.joined(separator: ", "))."
    case .nothingLeft(let file, let there):
      there.isEmpty
        ? "\(file) has no answers: give another file."
        : "\(file) has no answers of these --methods and --retentions: it has \(words(there))."
    case .noCommonPoints(let first, let second):
      "The files have no method at the same retention in common, the first has \(words(first)), the "
        + "second \(words(second)): choose one of each with --methods and --retentions."
    case .nothingInCommon(let first, let second):
      "\(first) and \(second) have no common question: give files with the same questions."
    case .otherTargets(let first, let second, let count, let all):
      "\(first) and \(second) are about different questions: of \(all) with equal doc_id, \(count) "
        + "have different targets, and no doc_hash is equal."
    case .oneGroup(let file):
      "\(file) has answers of one kind only: give a second file to compare them with."
    case .noBaseline(let file, let method, let there):
      "\(file) has no answers of \(method): give --baseline one of "
        + "\(there.joined(separator: ", "))."
    case .noDocuments(let file):
      "\(file) does not name the documents of its answers, as results of --tasks do: "
        + "compare it with results of a sweep, or run the sweep with --tasks again."
    }
  }

  private static func words(_ points: [SweepPoint.Key]) -> String {
    let names = points.map { point in
      point.method == "full" ? "full" : "\(point.method)@\(point.retention.formatted())"
    }
    let rest = names.count > 8 ? " and \(names.count - 8) more" : ""
    return names.prefix(8).joined(separator: ", ") + rest
  }
}
