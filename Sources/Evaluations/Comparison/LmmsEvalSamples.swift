import Basics
import Foundation

/// The samples that lmms-eval logs: one JSON line per document (0.4 to 0.7), or a list under the
/// key `logs` of one JSON object (earlier versions).
struct LmmsEvalSamples {
  let model, task: String
  let metric: String
  let otherMetrics: [String]
  let answers: [ScoredAnswer]
  let repeatedLines: Int

  /// Name of the metric for files without metrics: whether the answer equals the target, as
  /// lmms-eval compares with a baseline.
  static let targetMetric = "filtered_resps = target"

  /// Parses logged samples; nil if the file is not written by lmms-eval.
  /// - Parameter metric: name of the metric to use; nil for the first one.
  /// - Throws: `ResultsComparisonError`.
  init?(_ data: Data, path: String, metric wanted: String?) throws {
    guard let lines = try Self.lines(data, path) else { return nil }
    var metrics: [String] = []
    for line in lines {
      for name in line.sample.metrics where !metrics.contains(name) { metrics.append(name) }
    }
    if metrics.isEmpty { metrics = [Self.targetMetric] }
    if let wanted, !metrics.contains(wanted) {
      throw ResultsComparisonError.noMetric(file: path, wanted, there: metrics)
    }
    let metric = wanted ?? metrics[0]
    var seen: Set<Int> = []
    answers = lines.compactMap { line in
      seen.insert(line.sample.id).inserted ? line.sample.answer(metric) : nil
    }
    repeatedLines = lines.count - answers.count
    self.metric = metric
    otherMetrics = metrics.filter { $0 != metric }
    let file = URL(filePath: path)
    model = file.deletingLastPathComponent().lastPathComponent
    let name = file.deletingPathExtension().lastPathComponent
    task = name.firstRange(of: "_samples_").map { String(name[$0.upperBound...]) } ?? name
  }

  /// The samples of a JSON Lines file; nil if the first value is not a sample.
  private static func lines(
    _ data: Data, _ path: String
  ) throws -> [(place: Int, sample: LmmsEvalSample)]? {
    let pieces = data.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    let filled = pieces.enumerated().filter { !$0.element.allSatisfy(Self.isSpace) }
    guard let first = filled.first else { return nil }
    if let value = OrderedJSON(fromOutside: Data(first.element)) {
      guard LmmsEvalSample.isOne(value) else { return logs(value) }
    } else {
      return OrderedJSON(fromOutside: data).flatMap(logs)
    }
    return try filled.map { index, line in
      guard let value = OrderedJSON(fromOutside: Data(line)), let sample = LmmsEvalSample(value)
      else { throw ResultsComparisonError.badSample(file: path, line: index + 1) }
      return (index + 1, sample)
    }
  }

  /// The samples under the key `logs` of a JSON object; nil if there are none.
  private static func logs(_ value: OrderedJSON) -> [(place: Int, sample: LmmsEvalSample)]? {
    guard case .array(let items)? = value["logs"] else { return nil }
    let samples = items.compactMap { LmmsEvalSample($0) }
    guard !samples.isEmpty, samples.count == items.count else { return nil }
    return samples.enumerated().map { ($0.offset + 1, $0.element) }
  }

  private static func isSpace(_ byte: UInt8) -> Bool {
    byte == 0x20 || byte == 0x0D || byte == 0x09
  }
}

/// One sample logged by lmms-eval.
struct LmmsEvalSample {
  let id: Int
  private let value: OrderedJSON
  /// Keys whose values are scores of the answer, in file order.
  let metrics: [String]

  /// Keys of a sample that are not metrics.
  private static let others: Set<String> = [
    "doc_id", "doc", "target", "arguments", "resps", "filtered_resps", "token_counts", "doc_hash",
    "prompt_hash", "target_hash", "input", "input_media", "notices",
  ]

  static func isOne(_ value: OrderedJSON) -> Bool {
    value["doc_id"] != nil
      && ["filtered_resps", "resps", "target", "doc_hash"].contains { value[$0] != nil }
  }

  /// Parses a sample; nil if the value is not a sample.
  init?(_ value: OrderedJSON) {
    guard Self.isOne(value), case .object(let members) = value,
      let id = value["doc_id"].flatMap(Self.whole)
    else { return nil }
    self.id = id
    self.value = value
    metrics = members.filter {
      !Self.others.contains($0.key) && Self.score($0.value) != nil
    }.map(\.key)
  }

  /// An integer, written as a number or as text.
  private static func whole(_ value: OrderedJSON) -> Int? {
    switch value {
    case .number(let literal): Int(literal)
    case .string(let text): Int(text)
    default: nil
    }
  }

  func answer(_ metric: String) -> ScoredAnswer {
    let target = value["target"].map(Self.text) ?? ""
    let hash: String? = if case .string(let text)? = value["doc_hash"] { text } else { nil }
    return ScoredAnswer(
      document: EvaluationDocument(id: id, hash: hash, target: target),
      clip: clip(metric),
      score: metric == LmmsEvalSamples.targetMetric
        ? isTarget(target) : value[metric].flatMap(Self.score),
      text: (value["filtered_resps"] ?? value["resps"]).flatMap(Self.firstText))
  }

  /// 1 if the answer equals the target, otherwise 0; nil without a target.
  private func isTarget(_ target: String) -> Double? {
    guard !target.isEmpty, let answer = value["filtered_resps"].flatMap(Self.firstText) else {
      return nil
    }
    let bare = { (text: String) in
      text.trimmingCharacters(in: .whitespacesAndNewlines).uppercased()
    }
    return bare(answer) == bare(target) ? 1 : 0
  }

  /// Name of the clip of the document; nil if the sample does not contain it.
  private func clip(_ metric: String) -> String? {
    let keys = ["videoID", "video_id", "video", "video_path", "video_name"]
    for place in [value[metric], value["doc"]] {
      for key in keys {
        if case .string(let text)? = place?[key] { return text }
      }
    }
    return nil
  }

  /// Score of an answer: a number, a Boolean, or an object with a score or with a prediction and
  /// the right answer. Nil for other values and for NaN.
  static func score(_ value: OrderedJSON) -> Double? {
    if let number = value.number { return number.isFinite ? number : nil }
    if case .array(let items) = value { return items.count == 1 ? score(items[0]) : nil }
    guard case .object = value else { return nil }
    for key in ["score", "exact_match", "acc", "accuracy", "correct", "is_correct"] {
      if let number = value[key]?.number, number.isFinite { return number }
    }
    let predicted = ["pred_answer", "parsed_pred", "pred", "prediction"].lazy
      .compactMap { word(value[$0]) }.first
    let expected = ["answer", "target", "gt_answer", "gt", "ground_truth"].lazy
      .compactMap { word(value[$0]) }.first
    guard let predicted, let expected else { return nil }
    return predicted == expected ? 1 : 0
  }

  /// The text in upper case, without white space at its ends; nil if the value is not text.
  private static func word(_ value: OrderedJSON?) -> String? {
    guard case .string(let text)? = value else { return nil }
    return text.trimmingCharacters(in: .whitespacesAndNewlines).uppercased()
  }

  /// The text itself, or the first text in a list or a list of lists.
  private static func firstText(_ value: OrderedJSON) -> String? {
    switch value {
    case .string(let text): text
    case .array(let items): items.lazy.compactMap(firstText).first
    default: nil
    }
  }

  /// Approximately the text that Python's `str` gives.
  private static func text(_ value: OrderedJSON) -> String {
    if case .string(let text) = value { text } else { value.pythonLine }
  }
}
