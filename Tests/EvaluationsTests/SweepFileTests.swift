import Foundation
import OmniModel
import Testing

@testable import Evaluations
@testable import Reports

/// Sweeps on disk: killed, damaged, split and joined.
@Suite struct `Sweep files` {
  private func header(_ sweep: MethodSweep, shard: String? = nil) -> SweepHeader {
    SweepHeader(
      model: "tiny", identity: Self.identity(), set: sweep.evaluation.set,
      shard: shard.flatMap { Shard($0) })
  }

  static func identity(
    weights: String = "w", configuration: String = "c", tokenizer: String = "t",
    preprocessing: String = "p", compute: String = "f32", maxNewTokens: Int = 8
  ) -> SweepIdentity {
    SweepIdentity(
      ModelFingerprint(
        weights: weights, configuration: configuration, tokenizer: tokenizer,
        preprocessing: preprocessing), compute: compute, maxNewTokens: maxNewTokens)
  }

  /// A file that goes away with the test.
  private final class Scratch {
    let path = EvaluationFixture.scratch()
    deinit { try? FileManager.default.removeItem(atPath: path) }

    func size() -> Int { FileManager.default.contents(atPath: path)?.count ?? 0 }
  }

  @Test func `a killed sweep resumes, and its truncated last line is dropped`() throws {
    let sweep = MethodSweep(try EvaluationFixture.evaluation(2), EvaluationFixture.points())
    let whole = try sweep.run(threads: 1)
    let scratch = Scratch()
    try SweepFile(continuing: scratch.path, header(sweep), for: sweep.evaluation.set).append(
      Array(whole.prefix(7)))
    let handle = try #require(FileHandle(forWritingAtPath: scratch.path))
    try handle.truncate(atOffset: UInt64(scratch.size() - 9))
    try handle.close()

    let file = try SweepFile(continuing: scratch.path, header(sweep), for: sweep.evaluation.set)
    #expect(file.known == Array(whole.prefix(6)))
    let fresh = Counter(0)
    let results = try sweep.run(known: file.known, threads: 2) { new in
      for _ in new { _ = fresh.increment() }
      try file.append(new)
    }
    #expect(fresh.increment() - 1 == whole.count - 6, "nothing is measured twice")
    #expect(EvaluationFixture.timeless(results) == EvaluationFixture.timeless(whole))
    let merged = try SweepMerge([scratch.path])
    #expect(EvaluationFixture.timeless(merged.results) == EvaluationFixture.timeless(whole))
    #expect(merged.results.count == merged.expected)
  }

  @Test func `merged shards equal the whole sweep`() throws {
    let evaluation = try EvaluationFixture.evaluation(3)
    let whole = try MethodSweep(evaluation, EvaluationFixture.points()).run(threads: 1)
    let files = try ["1/2", "2/2"].map { text -> Scratch in
      let scratch = Scratch()
      let shard = try #require(Shard(text))
      let sweep = MethodSweep(
        Evaluation(evaluation.thinker, evaluation.set.part(shard), longestAnswer: 8),
        EvaluationFixture.points())
      let file = try SweepFile(
        continuing: scratch.path,
        SweepHeader(model: "tiny", identity: Self.identity(), set: evaluation.set, shard: shard),
        for: sweep.evaluation.set)
      _ = try sweep.run(threads: 1, record: { try file.append($0) })
      return scratch
    }
    let merged = try SweepMerge(files.map(\.path))
    #expect(EvaluationFixture.timeless(merged.results) == EvaluationFixture.timeless(whole))
    let alone = SweepSummary(whole).points.map {
      [$0.accuracy?.share, $0.divergence, $0.reduction]
    }
    let joined = SweepSummary(merged.results).points.map {
      [$0.accuracy?.share, $0.divergence, $0.reduction]
    }
    #expect(joined == alone)
    #expect(merged.header.shard == nil && merged.results.count == merged.expected)
    let half = try SweepMerge([files[1].path])
    #expect(half.results.count < half.expected)
  }

  @Test func `other methods extend a results file, another shard does not`() throws {
    let sweep = MethodSweep(try EvaluationFixture.evaluation(1), EvaluationFixture.points())
    let scratch = Scratch()
    let first = try sweep.run(threads: 1)
    try SweepFile(continuing: scratch.path, header(sweep), for: sweep.evaluation.set).append(first)
    var points = EvaluationFixture.points()
    var settings = points[0].settings
    settings.encoderScale = 1.2
    points.append(SweepPoint(label: "seats", retention: 35, settings: settings))
    let more = MethodSweep(sweep.evaluation, points)
    let results = try more.run(
      known: SweepFile(continuing: scratch.path, header(more), for: more.evaluation.set).known,
      threads: 1
    )
    #expect(results.count == first.count + 2)
    #expect(throws: SweepFileError.self) {
      try SweepFile(
        continuing: scratch.path, header(sweep, shard: "1/2"), for: sweep.evaluation.set)
    }
  }

  @Test func `two sweeps cannot write one file at once`() throws {
    let sweep = MethodSweep(try EvaluationFixture.evaluation(1), [])
    let scratch = Scratch()
    let first = try SweepFile(continuing: scratch.path, header(sweep), for: sweep.evaluation.set)
    #expect(throws: SweepFileError.inUse(file: scratch.path)) {
      try SweepFile(continuing: scratch.path, header(sweep), for: sweep.evaluation.set)
    }
    #expect(first.known.isEmpty)
  }

  @Test(arguments: ["{}\n", "hello\n", "{\"format\":\"other\"}\nx\n"])
  func `a file of another kind is refused as results and unchanged`(_ text: String) throws {
    let scratch = Scratch()
    try text.write(toFile: scratch.path, atomically: true, encoding: .utf8)
    let sweep = MethodSweep(try EvaluationFixture.evaluation(1), [])
    #expect(throws: SweepFileError.notResults(file: scratch.path, line: 1)) {
      try SweepFile(continuing: scratch.path, header(sweep), for: sweep.evaluation.set)
    }
    #expect(try String(contentsOfFile: scratch.path, encoding: .utf8) == text)
  }

  /// A results file of a unknownPosition: one result, with `change` instead of what belongs there.
  private func strange(_ old: String, _ new: String) -> Data {
    let text = """
      {"fingerprint":"1","format":"seats-top/sweep/1","model":"m","questions":2,"set":"s"}
      {"answer":"a","divergence":0.5,"executed_flops":1,"full_reference_flops":1,"is_right":true,\
      "is_same_as_full":true,"kind":"k","point":{"method":"seats","retention":15,"settings":"5"},\
      "prefill_ms":1,"question":"q","reference_flops":1,"retention_reached":0.1,"selection_ms":0,\
      "top_logits":[],"windows":3}

      """
    #expect(text.contains(old))
    return Data(text.replacing(old, with: new).utf8)
  }

  @Test(arguments: [
    ("\"questions\":2", "\"questions\":9223372036854775807", 1),
    ("\"method\":\"seats\"", "\"method\":\"../../seats\"", 2),
    ("\"prefill_ms\":1", "\"prefill_ms\":1e300", 2), ("0.5", "-1e300", 2),
    ("\"windows\":3", "\"windows\":-1", 2), ("\"retention\":15", "\"retention\":1e9", 2),
    ("\"top_logits\":[]", "\"top_logits\":" + String(repeating: "[", count: 513), 2),
  ])
  func `results with invalid numbers or file names are refused`(
    _ old: String, _ new: String, _ line: Int
  ) throws {
    let sound = try SweepFileContent(strange(old, old), file: "f", mayBeEmpty: false)
    #expect(sound.results.count == 1)
    #expect(throws: SweepFileError.notResults(file: "f", line: line)) {
      _ = try SweepFileContent(self.strange(old, new), file: "f", mayBeEmpty: false)
    }
  }

  @Test func `a pipe as results file is refused at once`() throws {
    let scratch = Scratch()
    #expect(mkfifo(scratch.path, 0o600) == 0)
    let sweep = MethodSweep(try EvaluationFixture.evaluation(1), [])
    let reason = "not a regular file"
    #expect(throws: SweepFileError.unwritable(file: scratch.path, reason: reason)) {
      try SweepFile(continuing: scratch.path, header(sweep), for: sweep.evaluation.set)
    }
    #expect(throws: SweepFileError.unreadable(file: scratch.path, reason: reason)) {
      _ = try SweepMerge([scratch.path])
    }
    #expect(throws: EvaluationError.unreadableTasks(file: scratch.path, reason: reason)) {
      _ = try TaskFile(scratch.path)
    }
  }

  @Test func `sweep tables are written as text, CSV or Markdown`() {
    let table = PlainTable(["method", "R"], rows: [["seats, ours", "5"], ["full", "100"]])
    #expect(table.rendered(.text) == "method         R\nseats, ours    5\nfull         100\n")
    #expect(table.rendered(.csv) == "method,R\n\"seats, ours\",5\nfull,100\n")
    #expect(
      table.rendered(.markdown)
        == "| method | R |\n| --- | ---: |\n| seats, ours | 5 |\n| full | 100 |\n")
  }
}
