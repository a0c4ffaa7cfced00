// swift-format-ignore-file: AlwaysUseLowerCamelCase
// Keys are spelled as they stand in the fixtures.

import Foundation
import TestSupport
import Testing

@testable import Evaluations

/// Questions in the layouts in which benchmarks publish them.
@Suite struct `Benchmark questions` {
  private struct Layout: CustomTestStringConvertible, Sendable {
    let name: String
    let file: String
    let text: String
    /// Where the clip of the first question is made to lie, below the media root.
    let clip: String
    var testDescription: String { "\(name), \(file)" }
  }

  private static let layouts = [
    Layout(
      name: "Daily-Omni", file: "qa.json",
      text:
        #"[{"Question":"Who?","Choice":["A. a man","B. a woman"],"Answer":"B","video_id":"x1","Type":"Context"}]"#,
      clip: "x1/x1_video.mp4"),
    Layout(
      name: "Daily-Omni", file: "qa.jsonl",
      text: #"{"Question":"Who?","Choice":"A. a man\nB. a woman","Answer":"B","video_id":"x1"}"#
        + "\n"
        + #"{"Question":"Who else?","Choice":"['A. a man', \"B. a woman\"]","Answer":"A","video_id":"x1"}"#,
      clip: "Videos/x1/x1_video.mp4"),
    Layout(
      name: "WorldSense", file: "worldsense.json",
      text:
        #"[{"video_id":"x1","questions":[{"question":"Who?","options":["A. a man","B. a woman"],"answer":"B"}]}]"#,
      clip: "videos/x1.mp4"),
    Layout(
      name: "WorldSense", file: "worldsense_qa.json",
      text:
        #"{"x1":{"video_caption":"c","task0":{"question":"Who?","candidates":["A. a man","B. a woman"],"answer":"B","task_type":"t"}}}"#,
      clip: "x1.mp4"),
    Layout(
      name: "WorldSense", file: "rows.jsonl",
      text:
        #"{"index":3,"video_path":"videos/x1.mp4","question":"Who?","candidates":["A. a man","B. a woman"],"answer":"B"}"#,
      clip: "videos/x1.mp4"),
    Layout(
      name: "OmniVideoBench", file: "data.json",
      text:
        #"[{"video":"x1","duration":"03:28","questions":[{"question":"Who?","options":["A.a man","B.a woman"],"answer":"a woman","correct_option":"B","question_type":"t"}]}]"#,
      clip: "videos/x1.mp4"),
    Layout(
      name: "OmniVideoBench", file: "rows.json",
      text:
        #"[{"video":"videos/x1.mp4","question":"Who?","options":["A.a man","B.a woman"],"answer":"a woman","correct_option":"B"}]"#,
      clip: "videos/x1.mp4"),
    Layout(
      name: "LVOmniBench", file: "data.json",
      text:
        #"[{"question_id":"q7","video_id":"x1","question":"Who?","options":["a man","a woman"],"correct_option":"B"}]"#,
      clip: "videos/x1.mp4"),
    Layout(
      name: "AVUT", file: "AV_Human_data.json",
      text:
        #"[{"QA_id":"q7","task_type":"t","question":"Who?","option_A":"a man","option_B":"a woman","answer":"B","video_path":"data/x1.mp4"}]"#,
      clip: "x1.mp4"),
    Layout(
      name: "Video-MME", file: "videomme.jsonl",
      text:
        #"{"video_id":"001","videoID":"x1","question_id":"001-1","question":"Who?","options":["A. a man","B. a woman"],"answer":"B","task_type":"t","duration":"short"}"#,
      clip: "data/x1.MP4"),
    Layout(
      name: "Video-MME", file: "columns.json",
      text:
        #"{"videoID":{"0":"x1","1":"x2"},"question":{"0":"Who?","1":"When?"},"options":{"0":["A. a man","B. a woman"],"1":["A. now","B. then"]},"answer":{"0":"B","1":"A"},"question_id":{"0":"1-1","1":"2-1"}}"#,
      clip: "data/x1.mp4"),
    Layout(
      name: "Video-MME", file: "lists.json",
      text:
        #"{"videoID":["x1","x2"],"question":["Who?","When?"],"options":[["A. a man","B. a woman"],["A. now","B. then"]],"answer":["B","A"],"question_id":["1-1","2-1"]}"#,
      clip: "data/x1.mp4"),
    Layout(
      name: "Video-MME", file: "served.json",
      text:
        #"{"features":[{"name":"videoID"}],"rows":[{"row_idx":0,"row":{"videoID":"x1","question":"Who?","options":["A. a man","B. a woman"],"answer":"B"},"truncated_cells":[]}],"num_rows_total":1}"#,
      clip: "data/x1.mp4"),
    Layout(
      name: "LVOmniBench", file: "release.json",
      text:
        #"{"version":"1.0","data":[{"question_id":"q7","video_id":"x1","question":"Who?","options":{"A":"a man","B":"a woman"},"correct_option":"B"}]}"#,
      clip: "videos/x1.mp4"),
    Layout(
      name: "OmniVideoBench", file: "one.json",
      text:
        #"{"video":"x1","questions":[{"question":"Who?","options":["A.a man","B.a woman"],"correct_option":"B"}]}"#,
      clip: "videos/x1.mp4"),
    Layout(
      name: "question, options, answer", file: "rows.jsonl",
      text:
        #"{"video_id":"x1.v2","question":"Who?","options":"{'A': 'a man', 'B': 'a woman'}","answer":"B"}"#,
      clip: "x1.v2.mp4"),
    Layout(
      name: "question, options, answer", file: "numpy.jsonl",
      text:
        #"{"video":"x1.mp4","question":"Who?","options":"['A. a man' 'B. a woman']","answer":"(B)"}"#,
      clip: "videos/x1.mp4"),
    Layout(
      name: "VLMEvalKit", file: "set.tsv",
      text:
        "index\tvideo\tquestion\tA\tB\tC\tanswer\n0\tx1\t\"Who\"\"?\"\"\n(one)\"\ta man\ta woman\t\tB\n",
      clip: "x1.mp4"),
  ]

  @Test(arguments: layouts)
  private func `questions of each benchmark are read with choices and right letter`(
    _ layout: Layout
  )
    throws
  {
    let root = FileManager.default.temporaryDirectory.appending(path: "root-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: root) }
    let clip = root.appending(path: layout.clip)
    try FileManager.default.createDirectory(
      at: clip.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data().write(to: clip)
    let file = try TaskFile(layout.text, path: "/elsewhere/\(layout.file)", mediaRoot: root.path)
    #expect(file.layout?.contains(layout.name) == true)
    let task = try #require(file.tasks.first)
    #expect(task.question.hasPrefix("Who"))
    #expect(task.choices == ["a man", "a woman"] && task.answer == "B")
    #expect(task.media == clip.path)
    #expect(Set(file.tasks.map(\.id)).count == file.tasks.count)
    #expect(task.text(instruction: "").hasSuffix("A. a man\nB. a woman"))
  }

  @Test func `answer choices with letters get no second letter`() throws {
    for choices in [["A. red", "B. blue"], ["(A) red", "(B) blue"], ["A) red", "B) blue"]] {
      let list = String(decoding: try JSONEncoder().encode(choices), as: UTF8.self)
      for answer in ["B", "blue", choices[1], "B."] {
        let line = #"{"id":1,"media":"m","question":"Q","choices":\#(list),"answer":"\#(answer)"}"#
        let task = try #require(try TaskFile(line, path: "/t.jsonl").tasks.first)
        #expect(task.choices == ["red", "blue"] && task.answer == "B", "\(choices), \(answer)")
      }
    }
    let odd = #"{"id":1,"media":"m","question":"Q","choices":["A. Smith","C. Jones"],"answer":"B"}"#
    #expect(try TaskFile(odd, path: "/t.jsonl").tasks[0].choices == ["A. Smith", "C. Jones"])
  }

  @Test(arguments: [
    (
      #"[{"Question":"Q","Choice":["a","b"],"Answer":"C","video_id":"x"}]"#, "not among the choices"
    ),
    (#"[{"Question":"Q","Choice":["a","b"],"video_id":"x"},{"a":1}]"#, "layout differs"),
    (#"[{"video":"x","questions":[{"question":"Q"}]}]"#, "options is missing"),
    (#"[{"questions":[{"question":"Q","options":["a"]}]}]"#, "video is missing"),
    ("PAR1....", "Parquet"),
  ])
  func `an invalid benchmark question is refused with entry and reason`(
    _ text: String, _ reason: String
  ) {
    #expect {
      _ = try TaskFile(text, path: "/set.json")
    } throws: { error in
      guard case EvaluationError.badTask(_, _, let found) = error else { return false }
      return found.contains(reason)
    }
  }

  @Test func `trailing blank choices are dropped unless one is the right answer`() throws {
    for (answer, count) in [("A", 2), ("C", 3)] {
      let text =
        #"[{"QA_id":1,"question":"Who?","option_A":"a man","option_B":"a woman","option_C":"","option_D":" ","answer":"\#(answer)","video_path":"data/x.mp4"}]"#
      let task = try #require(try TaskFile(text, path: "/avut.json").tasks.first)
      #expect(task.choices.count == count && task.answer == answer)
    }
  }

  /// Rows of a file with two choices each, by their answers.
  private func rows(_ answers: [String]) -> String {
    answers.enumerated().map { index, answer in
      #"{"video":"x\#(index)","question":"Who?","options":["a man","a woman"],"answer":\#(answer)}"#
    }.joined(separator: "\n")
  }

  @Test(arguments: [(["0", "1"], ["A", "B"]), (["2", "1"], ["B", "A"]), ([#""0""#], ["A"])])
  func `answer indices count from 0 or 1 as the file shows`(
    _ answers: [String], _ letters: [String]
  ) throws {
    let file = try TaskFile(rows(answers), path: "/set.jsonl")
    #expect(file.tasks.map(\.answer) == letters)
  }

  @Test(arguments: [["1", "1"], ["0", "2"], ["0", #""B""#], ["1", "3"]])
  func `ambiguous answer indices are refused`(_ answers: [String]) {
    #expect(throws: EvaluationError.self) { try TaskFile(rows(answers), path: "/set.jsonl") }
  }

  @Test func `a byte order mark in a task file is skipped`() throws {
    let file = try TaskFile("\u{FEFF}" + rows(["0", "1"]), path: "/set.jsonl")
    #expect(file.tasks.count == 2)
  }

  // MARK: Answers

  private struct Letters: Decodable {
    struct Case: Decodable {
      let answer: String
      let choices: Int
      let letter: String
    }
    let cases: [Case]
  }

  @Test func `answer letters equal those of lmms-eval`() throws {
    let file = Fixtures.golden.deletingLastPathComponent().appending(
      path: "evaluation/letters.json")
    let cases = try JSONDecoder().decode(Letters.self, from: Data(contentsOf: file)).cases
    #expect(cases.count > 400)
    for each in cases {
      let found = ChoiceLetter.found(in: each.answer, of: each.choices).map(String.init) ?? ""
      #expect(found == each.letter, "\(each)")
    }
  }

  private struct TaskLetters: Decodable {
    struct Case: Decodable {
      let answer, letter, stripped: String
      let choices: [String]
      let worldsense: String?
    }
    let cases: [Case]
  }

  @Test func `answer letters are parsed by the rule of the benchmark`() throws {
    let file = Fixtures.golden.deletingLastPathComponent().appending(
      path: "evaluation/task-letters.json")
    let cases = try JSONDecoder().decode(TaskLetters.self, from: Data(contentsOf: file)).cases
    #expect(cases.count == 450)
    for each in cases {
      #expect(Reasoning.removed(from: each.answer) == each.stripped, "\(each)")
      func given(_ reading: TaskFile.Task.Reading) throws -> String {
        var task = try TaskFile.Task(
          id: "1", media: "m", question: "Q", written: each.choices, answer: nil, kind: "k")
        task.reading = reading
        return task.given(each.answer)
      }
      #expect(try given(.letters) == each.letter, "\(each)")
      if let letter = each.worldsense { #expect(try given(.worldSense) == letter, "\(each)") }
    }
  }

  private static let options = #""question":"Q","options":["A. a","B. b","C. c"]"#
  private static let candidates = #""question":"Q","candidates":["A. a","B. b","C. c"]"#

  @Test(arguments: [
    (#"[{"video_id":"x","questions":[{\#(options),"answer":"B"}]}]"#, true),
    (#"{"x":{"task0":{\#(candidates),"answer":"B"}}}"#, true),
    (#"{"video":"x",\#(candidates),"answer":"B"}"#, true),
    (#"[{"video":"x","questions":[{\#(options),"correct_option":"B"}]}]"#, false),
    (#"{"video":"x",\#(options),"answer":"B"}"#, false),
  ])
  func `only WorldSense uses its own rule for answer letters`(
    _ text: String, _ isWorldSense: Bool
  ) throws {
    let tasks = try TaskFile(text, path: "/set.json").tasks
    #expect(tasks.map(\.reading) == [isWorldSense ? .worldSense : .letters])
  }

  @Test func `an answer that ends without a letter has no letter`() throws {
    let line = #"{"id":1,"media":"m","question":"Q","choices":["x","y"],"answer":"B"}"#
    let task = try #require(try TaskFile(line, path: "/t.jsonl").tasks.first)
    #expect(task.problem("B") == nil && task.problem("<think>A</think>B") == nil)
    #expect(task.problem("nobody knows")?.contains("no letter") == true)
    #expect(task.problem("<think>is it A or B")?.contains("ends inside <think>") == true)
    let worldSense = #"{"video":"x",\#(Self.candidates),"answer":"B"}"#
    let other = try #require(try TaskFile(worldSense, path: "/t.jsonl").tasks.first)
    #expect(other.given("nobody knows") == "A")
    #expect(other.problem("nobody knows")?.contains("A assumed") == true)
  }

  @Test func `reasoning is removed from open answers`() throws {
    let line = #"{"id":1,"media":"m","question":"Q","answer":"Red"}"#
    let task = try #require(try TaskFile(line, path: "/t.jsonl").tasks.first)
    #expect(task.isRight("<think>blue?</think>\nred ") && !task.isRight("<think>red</think>blue"))
  }
}

/// Differences of two sets of answers to the same questions.
@Suite struct `Paired differences` {
  private struct Golden: Decodable {
    struct Case: Decodable {
      let score, baseline: String
      let clusters: [Int]
      let difference, standard_error, mcnemar_p, paired_t_p: Double
      let gained, lost: Int
    }
    let cases: [Case]
  }

  private func isClose(_ a: Double?, _ b: Double) -> Bool {
    a.map { abs($0 - b) <= 1e-9 * max(1, abs(b)) + 1e-12 } ?? false
  }

  @Test func `paired differences equal scipy's, with errors clustered by clip`() throws {
    let file = Fixtures.golden.deletingLastPathComponent().appending(path: "evaluation/paired.json")
    let cases = try JSONDecoder().decode(Golden.self, from: Data(contentsOf: file)).cases
    #expect(cases.count == 8)
    for each in cases {
      let pairs = zip(zip(each.score, each.baseline), each.clusters).map { scores, cluster in
        PairedDifference.Pair(
          cluster: "\(cluster)", score: scores.0 == "1" ? 1 : 0, baseline: scores.1 == "1" ? 1 : 0)
      }
      let found = try #require(PairedDifference(pairs))
      #expect(found.gained == each.gained && found.lost == each.lost)
      #expect(isClose(found.difference, each.difference))
      #expect(isClose(found.standardError, each.standard_error), "\(found)")
      #expect(isClose(found.mcNemarP, each.mcnemar_p), "\(found) \(each.mcnemar_p)")
      #expect(isClose(found.pairedTP, each.paired_t_p), "\(found) \(each.paired_t_p)")
    }
  }

  @Test func `paired differences need a question, their error needs two`() {
    #expect(PairedDifference([]) == nil)
    let one = PairedDifference([.init(cluster: "c", score: 1, baseline: 0)])
    #expect(one?.standardError == nil && one?.pairedTP == nil && one?.difference == 1)
  }
}
