import Evaluations
import Foundation
import Runs
import Selection
import Sessions
import Terminal
import Testing

@testable import Dashboard

/// The list of flipped answers on screen 7.
struct FlipListTests {
  private let sample = SampleRun()

  /// A list of two flips of clips, read from a results file.
  private func flips() throws -> FlipList {
    let file = FileManager.default.temporaryDirectory
      .appending(path: "seats-top-\(UUID().uuidString).jsonl")
    defer { try? FileManager.default.removeItem(at: file) }
    var lines = [
      #"{"format":"seats-top/sweep/1","model":"qwen2.5-omni-3b","set":"clips","fingerprint":"f","questions":2}"#
    ]
    let encoder = JSONEncoder()
    encoder.keyEncodingStrategy = .convertToSnakeCase
    var settings = sample.settings
    settings.budget = RetentionBudget(nominalPercent: 5)
    let seats = SweepPoint(label: "seats", retention: 5, settings: settings)
    for point in [SweepPoint.full(settings), seats] {
      for (question, right) in [("/films/a.mp4", "full"), ("/films/b.mp4", "seats")] {
        let result = SweepResult(
          question: question, kind: "clip", windows: 3, point: point.key, answer: point.label,
          isRight: point.label == right, isSameAsFull: false, divergence: 0.25, topLogits: [],
          referenceFlops: 1, fullReferenceFlops: 1, executedFlops: 1, prefillMs: 1, selectionMs: 1,
          retentionReached: 1)
        lines.append(String(decoding: try encoder.encode(result), as: UTF8.self))
      }
    }
    try Data((lines.joined(separator: "\n") + "\n").utf8).write(to: file)
    return try FlipList(file.path, nil, known: [])
  }

  private func press(_ key: Key, _ app: inout App) -> [Effect] { app.update(.key(key)) }

  @Test func `Enter on screen 7 reads the flips and lists them`() throws {
    var app = sample.finished
    _ = press("7", &app)
    #expect(
      press(.enter, &app) == [
        .send(.readFlips("seats-top-sweep.jsonl", other: nil, questions: []))
      ])
    _ = app.update(.message(.study(.flips(try flips()))))
    let text = app.render(size: Size(width: 80, height: 24), look: Look()).glyphRows
      .joined(separator: "\n")
    #expect(text.contains("r > w  /films/a.mp4") && text.contains("full → seats"))
    #expect(text.contains("right to wrong, clip, 3 windows, full tokens to seats R 5"))
  }

  @Test func `Enter opens the clip with the plan of the results, and N the next flip`() throws {
    var app = sample.finished
    _ = app.update(.message(.study(.flips(try flips()))))
    for key in "wrong to right" { _ = press(.character(key), &app) }
    _ = press(.control("u"), &app)
    guard case .send(.open(let target))? = press(.enter, &app).first else {
      Issue.record("nothing opened")
      return
    }
    var settings = sample.settings
    settings.budget = RetentionBudget(nominalPercent: 5)
    #expect(target.media == .clip("/films/a.mp4") && target.runsToAnswer)
    #expect(target.settings == settings)
    #expect(app.view.screen == .compare && app.run.isFullWantedNext)
    #expect(app.questions.entries.count == 2)
    let subject = sample.subject
    let clip = ClipSummary(
      title: "a", source: "/films/a.mp4", seconds: 2, frames: 4, question: "Which?", choices: [],
      answer: nil, audit: [])
    let opened = RunSubject(model: subject.model, clip: clip, prompt: subject.prompt)
    _ = app.update(.message(.opened(opened, settings: settings, plan: sample.plan)))
    #expect(app.questions.current == 0 && app.asked?.question == "Which?")
    guard case .send(.open(let next))? = press("N", &app).first else {
      Issue.record("nothing opened")
      return
    }
    #expect(next.media == .clip("/films/b.mp4"))
    // What cannot be opened leaves the list where it was.
    _ = app.update(.message(.failed("no such file")))
    #expect(app.questions.current == 0)
    #expect(app.run.subject?.clip.source == "/films/a.mp4")
  }

  @Test func `a flip whose settings are unknown says so and is not opened`() throws {
    var app = sample.finished
    let list = try flips()
    _ = app.update(.message(.study(.flips(list))))
    #expect(app.flipItems.allSatisfy { $0.isAvailable })
    let settings = list.entries[0].flip.second.point?.settings ?? ""
    #expect(SelectionSettings(identity: settings + " odd=1", base: sample.settings) == nil)
  }
}
