import Foundation
import Profiling

extension ErrorMessage {
  /// Errors of comparing two answer files.
  static func about(_ error: ResultsComparisonError) -> String {
    switch error {
    case .unreadable(let file, let reason):
      "\(file) cannot be read (\(reason)): name a file of results, or of lmms-eval's samples."
    case .neither(let file, let line):
      "Line \(line) of \(file) is neither a result of a sweep nor a sample of lmms-eval: name a file "
        + "that sweep --results or lmms-eval --log_samples (DATE_samples_TASK.jsonl) wrote."
    case .badSample(let file, let line):
      "Line \(line) of \(file) is no sample of lmms-eval, unlike those before it: "
        + "copy the file again, whole."
    case .noMetric(let file, let metric, let there):
      "\(file) has no metric \(metric): give --metric one of \(there.joined(separator: ", "))."
    case .noSamples:
      "--metric chooses among the metrics of lmms-eval's samples, and neither file holds any: "
        + "leave it out."
    case .nothingToFilter:
      "--methods and --retentions choose among results of sweeps, and neither file holds any: "
        + "leave them out."
    case .noSuchMethod(let method, let there):
      "Neither file holds answers of the method \(method): give --methods some of "
        + "\(there.joined(separator: ", "))."
    case .nothingLeft(let file, let there):
      there.isEmpty
        ? "\(file) holds no answers: name a file that has some."
        : "\(file) holds no answers of these --methods and --retentions: it has \(words(there))."
    case .noCommonPoints(let first, let second):
      "The files have no method at the same retention in common, the first has \(words(first)), the "
        + "second \(words(second)): choose one of each with --methods and --retentions."
    case .nothingInCommon(let first, let second):
      "\(first) and \(second) have no question in common: name files about the same questions."
    case .otherTargets(let first, let second, let count, let all):
      "\(first) and \(second) are about other questions: of \(all) with the same doc_id, \(count) "
        + "have another target, and no doc_hash is the same."
    case .noDocuments(let file):
      "\(file) does not say which documents its answers are about, as results of --tasks do: "
        + "compare it with results of a sweep, or sweep those --tasks anew."
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
