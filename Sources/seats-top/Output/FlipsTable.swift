import Basics
import Evaluations
import Foundation
import Reports

/// Flipped answers as tables: counts by pair, and one row per question.
struct FlipsTable {
  private let flips: AnswerFlips
  private let files: [String]
  private let wanted: [AnswerFlips.Change]

  /// - Parameters:
  ///   - files: paths of the compared files.
  ///   - wanted: the changes to list.
  init(_ flips: AnswerFlips, of files: [String], _ wanted: [AnswerFlips.Change]) {
    (self.flips, self.files, self.wanted) = (flips, files, wanted)
  }

  /// A table with one row per pair of points.
  var counts: PlainTable {
    let columns: [PlainColumn<AnswerFlips.Pair>] =
      [
        .init("from") { Self.name($0.first, $0.flips.first?.first) },
        .init("to") { Self.name($0.second, $0.flips.first?.second) },
        .init("n") { "\($0.questions)" },
      ]
      + wanted.map { change in
        .init(change.words) { "\($0.count(change))" }
      }
    return PlainTable(columns, rows: flips.pairs, words: 2)
  }

  /// A table with one row per flipped question.
  var list: PlainTable {
    let columns: [PlainColumn<AnswerFlips.Flip>] = [
      .init("change") { $0.change.words }, .init("question") { Self.line($0.question) },
      .init("kind") { Self.line($0.kind ?? "") }, .init("from") { Self.name($0.first.point, nil) },
      .init("to") { Self.name($0.second.point, nil) },
      .init("answer from") { Self.line($0.first.text) },
      .init("answer to") { Self.line($0.second.text) },
      .init("windows") { $0.windows.map(String.init) ?? "" },
      .init("KL") { $0.second.divergence.map { String(format: "%.4f", $0) } ?? "" },
    ]
    return PlainTable(columns, rows: listed, words: 7)
  }

  private var listed: [AnswerFlips.Flip] {
    flips.pairs.flatMap(\.flips).filter { wanted.contains($0.change) }
  }

  private static func name(_ point: SweepPoint.Key?, _ side: AnswerFlips.Side?) -> String {
    guard let point else { return "samples" }
    return point.method == "full" ? "full" : "\(point.method)@\(point.retention.formatted())"
  }

  /// The text on one line, without control characters, shortened.
  private static func line(_ text: String) -> String {
    let line = text.printable.split(whereSeparator: \.isNewline).joined(separator: " ")
    return line.count > 40 ? line.prefix(39) + "…" : line
  }
}

extension AnswerFlips.Change {
  /// Name in options: `right-to-wrong`.
  var name: String { rawValue.replacing("_", with: "-") }

  /// Words in tables: `right to wrong`.
  var words: String { rawValue.replacing("_", with: " ") }
}

extension FlipsTable {
  /// The flips in the JSON output.
  struct Record: Encodable {
    struct Point: Encodable {
      /// Method; nil for lmms-eval samples.
      let method: String?
      let retention: Double?
      let settings: String?

      init(_ key: SweepPoint.Key?) {
        (method, retention, settings) = (key?.method, key?.retention, key?.settings)
      }
    }

    struct Answer: Encodable {
      let answer: String
      let score: Double?
      /// KL divergence of the first answer token from full tokens, in nats.
      let kl: Double?
    }

    struct Flip: Encodable {
      let question: String
      let kind: String?
      let windows: Int?
      let change: AnswerFlips.Change
      let from, to: Answer
    }

    struct Pair: Encodable {
      let from, to: Point
      let questions: Int
      let counts: [String: Int]
      let flips: [Flip]
    }

    let files: [String]
    let pairs: [Pair]
  }

  var record: Record {
    Record(
      files: files,
      pairs: flips.pairs.map { pair in
        Record.Pair(
          from: .init(pair.first), to: .init(pair.second), questions: pair.questions,
          counts: Dictionary(uniqueKeysWithValues: wanted.map { ($0.rawValue, pair.count($0)) }),
          flips: pair.flips.filter { wanted.contains($0.change) }.map(Self.flip))
      })
  }

  private static func flip(_ flip: AnswerFlips.Flip) -> Record.Flip {
    let answer = { (side: AnswerFlips.Side) in
      Record.Answer(answer: side.text, score: side.score, kl: side.divergence)
    }
    return Record.Flip(
      question: flip.question, kind: flip.kind, windows: flip.windows, change: flip.change,
      from: answer(flip.first), to: answer(flip.second))
  }
}
