import Foundation
import Terminal

@testable import Dashboard
@testable import Evaluations
@testable import Runs

extension Reader {
  static let evaluationReaders = [tasks, messages, results, samples]

  /// A task file, up to the questions that are put.
  private static let tasks = Reader(
    name: "tasks", seeds: Seed.tasks, bound: AllocationBound(fixed: 1 << 20, perByte: 250)
  ) { bytes in
    let text = String(decoding: bytes, as: UTF8.self)
    guard let file = try? TaskFile(text, path: "/tasks/t.jsonl") else { return }
    precondition(Set(file.tasks.map(\.id)).count == file.tasks.count)
    for task in file.tasks {
      _ = task.text(instruction: "Letter!")
      _ = (task.isRight("The answer is B."), task.given(task.question))
    }
  }

  /// A messages file, up to the paths of its media.
  private static let messages = Reader(
    name: "messages", seeds: Seed.messages, bound: AllocationBound(fixed: 1 << 20, perByte: 250)
  ) { bytes in
    guard let file = try? MessagesFile(Data(bytes), path: "/talks/t.json") else { return }
    precondition(!file.messages.isEmpty)
    for part in file.media { precondition(part.text == nil && !part.path.isEmpty) }
  }

  /// Results of a sweep: summed up, written for others, and shown.
  private static let results = Reader(
    name: "sweep-results", seeds: Seed.results,
    bound: AllocationBound(fixed: 1 << 20, perByte: 30)
  ) { bytes in
    let content = try? SweepFileContent(Data(bytes), file: "f", mayBeEmpty: true)
    guard let content, !content.results.isEmpty else { return }
    let summary = SweepSummary(content.results)
    _ = try? JSONEncoder().encode(summary)
    let files = (try? sampleFiles?.contents(content.results)) ?? []
    precondition(
      files.allSatisfy { !$0.name.contains("/") }, "a file of another directory")
    var app = App()
    _ = app.update(.key(.character("7")))
    _ = app.update(.message(.study(.summary(summary, file: "f"))))
    for key in "xjjx" {
      _ = app.update(.key(.character(key)))
      show(app, Size(width: 120, height: 30))
    }
  }

  /// Samples of lmms-eval, compared with themselves.
  private static let samples = Reader(
    name: "samples", seeds: Seed.samples, bound: AllocationBound(fixed: 1 << 20, perByte: 250)
  ) { bytes in
    guard let file = try? ScoredFile(Data(bytes), path: "/m/d_samples_t.jsonl"),
      let comparison = try? ResultsComparison(file, file)
    else { return }
    for row in comparison.rows {
      precondition(row.onlyFirst.count == row.onlySecond.count, "one file differs from itself")
      precondition(row.paired?.difference ?? 0 == 0, "one file differs from itself")
    }
  }

  private static let sampleFiles = try? LMMSEvalWriter(
    TaskFile(String(decoding: Seed.tasks[0], as: UTF8.self), path: "/tasks/t.jsonl"))
}

extension Seed {
  static let tasks: [[UInt8]] = [
    #"""
    {"id":"a","media":"a.mp4","question":"Who?","choices":["he","she"],"answer":"she"}

    {"id":7,"media":"/b.mp4","question":"What?","answer":"a Dog","kind":"open"}
    """#, #"{"id":"x","media":"m","question":"q","choices":["A","A"],"answer":"A"}"# + "\r\n",
  ].map { [UInt8]($0.utf8) }

  static let messages: [[UInt8]] = [
    #"""
    [{"role": "system", "content": "Be brief."},
     {"role": "user", "content": [{"type": "video", "video": "a.mp4", "nframes": 4, "max_pixels": 100352},
      {"type": "image_url", "image_url": {"url": "b.png"}}, {"type": "text", "text": "Which?"}]},
     {"role": "assistant", "content": "Both."}]
    """#, #"{"messages": [{"role": "user", "content": [{"audio": "file:///a.wav"}]}]}"#,
  ].map { [UInt8]($0.utf8) }

  static let samples: [[UInt8]] = [
    #"{"doc_id": 0, "target": "B", "resps": [["B."]], "filtered_resps": ["B"], "doc_hash": "1f", "acc": 1.0}"#
      + "\n"
      + #"{"doc_id": 1, "target": "A", "filtered_resps": "B", "doc_hash": "2f", "acc": 0, "input": "Q"}"#,
    #"{"doc_id": 0, "target": "B", "filtered_resps": ["B"], "s": {"score": 1, "videoID": "v"}, "f1": 0.5}"#
      + "\n",
    #"{"logs": [{"doc_id": 0, "doc": {"video": "v"}, "target": "B", "filtered_resps": [["B"]]}]}"#,
  ].map { [UInt8]($0.utf8) }

  static let results: [[UInt8]] = [
    #"{"fingerprint":"1f","format":"seats-top/sweep/1","model":"m","questions":2,"set":"s","shard":{"count":2,"index":1}}"#
      + "\n" + result("full", 100, "a", 0) + result("seats", 15, "a", 0.25)
      + result("seats", 15, "7", 1e-9) + result("fastv", 5, "7", 3),
    #"{"fingerprint":"","format":"seats-top/sweep/1","model":"","questions":0,"set":""}"# + "\n"
      + result("full", 100, "", 0) + "{\"answer",
  ].map { [UInt8]($0.utf8) }

  private static func result(
    _ method: String, _ retention: Int, _ question: String, _ divergence: Double
  ) -> String {
    #"{"answer":"red","divergence":\#(divergence),"executed_flops":1e9,"full_reference_flops":2e9,"#
      + #""is_right":true,"is_same_as_full":false,"kind":"x_colour","#
      + #""point":{"method":"\#(method)","retention":\#(retention),"settings":"5"},"#
      + #""prefill_ms":1.5,"question":"\#(question)","reference_flops":1e9,"retention_reached":0.15,"#
      + #""selection_ms":0.1,"top_logits":[{"id":5,"logit":1.5}],"windows":3}"# + "\n"
  }
}
