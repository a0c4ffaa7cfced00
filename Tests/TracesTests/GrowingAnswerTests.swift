import Foundation
import Selection
import TestSupport
import Testing

@testable import Runs
@testable import Sessions
@testable import Traces

/// Answers that grow a token at a time, and are kept at every stage.
@Suite struct `A growing answer` {
  @Test func `the growing list equals an array after random edits`() {
    var random = SystemRandomNumberGenerator()
    var (list, array) = (GrowingList<Int>(), [Int]())
    for step in 0..<400 {
      if step % 7 == 6 {
        let count = Int.random(in: array.count * 3 / 4...array.count, using: &random)
        list.truncate(to: count)
        array = Array(array.prefix(count))
      } else {
        let new = (0..<Int.random(in: 0..<90, using: &random)).map { $0 &* step }
        list.append(contentsOf: new)
        array += new
      }
      #expect(list.elements == array)
      #expect(list.count == array.count && list.last == array.last)
      #expect(list == GrowingList(array))
    }
    for index in stride(from: 0, to: array.count, by: 97) {
      var other = array
      other[index] = -1
      #expect(list.commonPrefix(with: GrowingList(other)) == index)
      #expect(list.commonPrefix(with: GrowingList(array.prefix(index))) == index)
      #expect(list.suffix(from: index) == Array(array[index...]))
    }
  }

  @Test(arguments: 0..<60) func `the text of an answer is decoded from all its bytes`(_ seed: Int) {
    let words = ["a", "é", "漢字", "👩‍👩‍👧", "\u{301}", "z\u{0}"]
    var bytes = (0..<12).flatMap { Array(words[($0 * 7 + seed) % words.count].utf8) }
    // Some of it is no UTF-8.
    if seed % 3 > 0 {
      for place in stride(from: seed, to: bytes.count, by: 5) { bytes[place] ^= 0xc4 }
    }
    var (text, shown) = (IncrementalText(), [UInt8]())
    var (start, step) = (0, seed)
    while start < bytes.count {
      step = (step * 5 + 3) % 11
      let end = min(bytes.count, start + step % 4)
      let change = text.take(Array(bytes[start..<end]))
      shown.removeLast(change.removed)
      shown += change.added
      #expect(
        String(decoding: shown, as: UTF8.self) == String(decoding: bytes[..<end], as: UTF8.self))
      start = end
    }
  }

  /// Stages of an answer whose characters come in parts.
  private func stages(_ count: Int) -> [AnswerRecord] {
    let bytes = Array(String(repeating: "né 漢 ", count: count / 8 + 1).utf8)
    var (text, stages, last) = (IncrementalText(), [AnswerRecord](), AnswerRecord.empty)
    for index in 0..<count {
      let change = text.take([bytes[index]])
      last = last.grown(
        by: AnswerGrowth(
          keptIDs: index, ids: [index * 3], keptBytes: last.byteCount - change.removed,
          bytes: change.added, topLogits: index < 0 ? [] : [.init(id: 7, text: "n", logit: 1)],
          millisecondsPerToken: Double(index), isComplete: false))
      stages.append(last)
    }
    return stages
  }

  @Test func `every stage of an answer is restored from its trace`() throws {
    let stages = stages(700)
    #expect(stages[699].text == String(decoding: Array(stages[699].text.utf8), as: UTF8.self))
    let subject = try traced().subject
    var (writer, reader, recording) = (TraceWriter(), TraceReader(), RunHistory())
    let settings = SelectionSettings(dropLayers: [], lateLayer: nil)
    var lines = [try writer.header(writer: "test", started: nil)]
    for event in [SessionEvent.opened(subject, settings: settings, plan: .full)]
      + stages.map({ .answered($0) })
    { lines += [try writer.line(event, at: nil)].compactMap(\.self) }
    var read: [AnswerRecord] = []
    for line in lines {
      for event in try reader.read(line).map(\.event) {
        recording.apply(event)
        if case .answered(let answer) = event { read.append(answer) }
      }
    }
    #expect(read == stages)
    #expect(recording.answer == stages.last)
    var shown = AnswerRecord.empty
    for index in stages.indices {
      shown = recording.answers.record(at: index, after: shown)
      #expect(shown == stages[index])
    }
    #expect(recording.answers[350] == stages[350])
  }

  private func traced() throws -> TracedRun {
    let samples = Fixtures.directory.deletingLastPathComponent().deletingLastPathComponent()
    return try TracedRun(
      Data(contentsOf: samples.appending(path: "samples/sample.trace.jsonl")))
  }

  /// Held at every stage, 20,000 tokens would be 1.6 GB where each stage had all of them.
  @Test func `stages of a growing answer share memory`() throws {
    let before = Self.resident
    let stages = stages(20_000)
    #expect(Self.resident - before < 300 << 20)
    #expect(stages.last?.tokenCount == 20_000)
    #expect(stages[9999].tokenIDs.last == 29_997)
  }

  /// Bytes that this process has in memory.
  private static var resident: Int {
    let text = (try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8)) ?? ""
    return (text.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0) * 4096
  }
}
