import Foundation

/// Output of the program in a form that can be kept and compared: what is measured (times, memory,
/// dates, versions) is replaced, what only describes the model and the clip is left out, long lists are
/// condensed, and the rest stays as it is.
struct GoldenBytes {
  let text: String

  /// Of results of a sweep. Fingerprints know where files lie and when they were written.
  init(results: String) {
    let lines = results.split(separator: "\n").filter { !$0.contains("\"format\":") }
      .joined(separator: "\n")
    let known = lines.replacing(pattern: #""(asked|media)":"[0-9a-f+]*","#) { _ in "" }
    text = Self.condensed(Self.withoutMeasurements(known))
  }

  /// Of a JSON report, whose keys are sorted.
  init(report: String) {
    let parts = report.replacing(pattern: #"(?s)  "clip" : .*?(?=  "flops" : )"#) { _ in "" }
      .replacing(pattern: #"(?s)  "model" : .*?(?=  "notes" : )"#) { _ in "" }
    text = Self.condensed(Self.withoutMeasurements(parts))
  }

  /// Of a trace, whose keys are sorted.
  init(trace: String) {
    let parts = trace.replacing(pattern: #""clip":.*"event":"run",.*?(?="plan":)"#) { _ in
      "\"event\":\"run\","
    }
    .replacing(pattern: #"(?<=\}),"tokens":\{"[^\n]*"#) { _ in "}" }
    text = Self.condensed(Self.withoutMeasurements(parts))
  }

  /// Of the text report: every number of two decimals may be a time, and widths follow from them.
  init(textReport: String) {
    text = textReport.replacing(pattern: #"\d+\.\d\d(?!\d)"#) { _ in "#" }
      .replacing(pattern: " {2,}") { _ in "  " }
      .replacing(pattern: "(?m)^(model|read)  .*\n") { _ in "" }
  }

  /// `"ms":12.3` becomes `"ms":1`, and so on: a trace stays one that can be replayed.
  static func withoutMeasurements(_ json: String) -> String {
    let numbers =
      #""([a-z_1]*_)?(ms|ms_per_token|at|prefillMs|selectionMs|[a-z]*_?(rss|peak|peak_memory)_bytes)""#
      + #"\s*:\s*(\[[^\]]*\]|[-0-9.eE+]+)"#
    let names = #""(started|writer|run_id|version|seats_top)"\s*:\s*"[^"]*""#
    return json.replacing(pattern: numbers) { $0.upToColon + "1" }
      .replacing(pattern: names) { $0.upToColon + "\"-\"" }
  }

  /// Lists of more than twelve numbers as ranges, sums or hashes, long strings as hashes, and objects
  /// that hold no others on one line each.
  private static func condensed(_ json: String) -> String {
    json.replacing(pattern: #""[A-Za-z0-9+/=]{100,}""#) { "\"\($0.count - 2) \($0.hash32)\"" }
      .replacing(pattern: #"\[[-0-9.eE+,\s]*\]"#, Self.summary)
      .replacing(pattern: #"\{[^{}]*\}"#) { $0.replacing(pattern: #"\n\s*"#) { _ in " " } }
  }

  private static func summary(_ list: String) -> String {
    let entries = list.dropFirst().dropLast().split(separator: ",").map {
      $0.trimmingCharacters(in: .whitespacesAndNewlines)
    }
    guard entries.count > 12 else { return "[\(entries.joined(separator: ","))]" }
    let whole = entries.compactMap { Int($0) }
    guard whole.count < entries.count else {
      let isAscending = zip(whole, whole.dropFirst()).allSatisfy { $0 < $1 }
      return "[\(isAscending ? ranges(whole) : "\(whole.count) \(list.hash32)")]"
    }
    let numbers = entries.compactMap { Double($0) }
    let moment = numbers.enumerated().reduce(0) { $0 + Double($1.offset) * $1.element }
    return String(
      format: "[%d: sum %.5e, moment %.5e]", numbers.count, numbers.reduce(0, +), moment)
  }

  /// `0…11 14`.
  private static func ranges(_ numbers: [Int]) -> String {
    var ranges: [ClosedRange<Int>] = []
    for number in numbers {
      if let last = ranges.last, last.upperBound + 1 == number {
        ranges[ranges.count - 1] = last.lowerBound...number
      } else {
        ranges.append(number...number)
      }
    }
    return ranges.map { $0.count == 1 ? "\($0.lowerBound)" : "\($0.lowerBound)…\($0.upperBound)" }
      .joined(separator: " ")
  }
}

extension GoldenBytes {
  /// The first line of `found` that is not that of `expected`. Numbers with a fraction may differ in
  /// the last of four digits: processors do not sum alike.
  static func firstDifference(_ found: String, _ expected: String) -> String? {
    let lines = found.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    let wanted = expected.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    for (number, (line, other)) in zip(lines, wanted).enumerated()
    where line != other && !isClose(line, other) {
      return "line \(number + 1)\n found    \(line)\n expected \(other)"
    }
    return lines.count == wanted.count ? nil : "\(lines.count) lines, expected \(wanted.count)"
  }

  private static let fraction = #"-?\d+\.\d+(?:[eE][-+]?\d+)?|-?\d+[eE][-+]?\d+"#

  private static func isClose(_ line: String, _ other: String) -> Bool {
    let (text, wanted) = (line.numbers(fraction), other.numbers(fraction))
    return text.rest == wanted.rest && text.numbers.count == wanted.numbers.count
      && zip(text.numbers, wanted.numbers).allSatisfy { abs($0 - $1) <= 1e-5 + 1e-3 * abs($1) }
  }
}

extension String {
  fileprivate func replacing(pattern: String, _ change: (String) -> String) -> String {
    guard let expression = try? NSRegularExpression(pattern: pattern) else { return self }
    let whole = self as NSString
    var (parts, start): ([String], Int) = ([], 0)
    for match in expression.matches(in: self, range: NSRange(location: 0, length: whole.length)) {
      let range = match.range
      parts.append(whole.substring(with: NSRange(start..<range.location)))
      parts.append(change(whole.substring(with: range)))
      start = range.location + range.length
    }
    return parts.joined() + whole.substring(from: start)
  }

  fileprivate func numbers(_ pattern: String) -> (rest: String, numbers: [Double]) {
    var numbers: [Double] = []
    let rest = replacing(pattern: pattern) {
      numbers.append(Double($0) ?? .nan)
      return "#"
    }
    return (rest, numbers)
  }

  fileprivate var upToColon: String { String(prefix { $0 != ":" }) + ":" }

  /// FNV-1a.
  fileprivate var hash32: String {
    let hash = utf8.reduce(UInt32(2_166_136_261)) { ($0 ^ UInt32($1)) &* 16_777_619 }
    return String(hash, radix: 16)
  }
}
