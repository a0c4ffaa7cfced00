import Evaluations
import Runs
import Sessions
import Terminal
import Testing

@testable import Dashboard

/// The chooser of clips, models, traces and task files.
struct ChooserTests {
  private let sample = SampleRun()

  private let places = [
    OpenPlace(.clip, "/films/a.mp4", group: "recent"), OpenPlace(.model, "/models/omni"),
    OpenPlace(.trace, "/runs/t.jsonl"), OpenPlace(.questions, "/tasks/mine.jsonl"),
    OpenPlace(.conversation, "/chats/c.json"),
    OpenPlace(.clip, "/films/\u{1b}[31mb", group: "recent"),
  ]

  private func open(_ text: String, _ places: [OpenPlace]? = nil) -> App {
    var app = sample.finished
    _ = app.update(.key("O"))
    _ = app.update(.message(.found(PathMatches("", places ?? self.places))))
    for key in text { _ = app.update(.key(.character(key))) }
    return app
  }

  private func text(_ app: App) -> String {
    app.render(size: Size(width: 80, height: 24), look: Look()).glyphRows.joined(separator: "\n")
  }

  private func typed(_ app: App) -> String {
    if case .list(let list)? = app.view.overlay { list.editor.text } else { "none" }
  }

  @Test func `O requests the known places and lists them, without control characters`() {
    var app = sample.finished
    #expect(app.update(.key("O")) == [.send(.findPaths(""))])
    app = open("")
    #expect(text(app).contains("films/a.mp4") && text(app).contains("tasks/mine.jsonl"))
    #expect(!text(app).unicodeScalars.contains { $0.value == 0x1b })
  }

  @Test func `Enter opens the clip, model, conversation, trace or task file`() {
    var model = RunTarget(nil)
    model.model = "/models/omni"
    for (words, command) in [
      ("a.mp4", SessionCommand.open(RunTarget(.clip("/films/a.mp4")))), ("model", .open(model)),
      ("chats", .open(RunTarget(.messages("/chats/c.json")))), ("trace", .replay("/runs/t.jsonl")),
      ("mine", .readQuestions("/tasks/mine.jsonl")),
    ] {
      var app = open(words)
      #expect(app.update(.key(.enter)) == [.send(command)], "\(words)")
      #expect(app.view.overlay == nil)
    }
  }

  @Test func `a typed path is looked up, completed with Tab and entered`() {
    var app = sample.finished
    _ = app.update(.key("O"))
    #expect(app.update(.key("/")) == [.send(.findPaths("/"))])
    _ = app.update(
      .message(
        .found(
          PathMatches(
            "/",
            [OpenPlace(.folder, "/films"), OpenPlace(.folder, "/filters"), OpenPlace(.clip, "/x")]
          ))))
    #expect(app.update(.key("f")) == [.send(.findPaths("/f"))])
    #expect(app.update(.key(.tab)) == [.send(.findPaths("/fil"))])
    #expect(typed(app) == "/fil")
    #expect(app.update(.key(.down)) == [])
    #expect(app.update(.key(.tab)) == [.send(.findPaths("/filters/"))])
    #expect(typed(app) == "/filters/")
    _ = app.update(
      .message(.found(PathMatches("/filters/", [OpenPlace(.clip, "/filters/漢 字.mp4")]))))
    #expect(text(app).contains("/filters/漢 字.mp4"))
    #expect(
      app.update(.key(.enter)) == [.send(.open(RunTarget(.clip("/filters/漢 字.mp4"))))])
  }

  @Test func `Enter on a folder goes into it`() {
    var app = sample.finished
    _ = app.update(.key("O"))
    _ = app.update(.key("/"))
    _ = app.update(.message(.found(PathMatches("/", [OpenPlace(.folder, "/films")]))))
    #expect(app.update(.key(.enter)) == [.send(.findPaths("/films/"))])
    #expect(typed(app) == "/films/")
  }

  @Test func `a pasted path is looked up`() {
    var app = sample.finished
    _ = app.update(.key("O"))
    #expect(app.update(.pasted("~/films/a")) == [.send(.findPaths("~/films/a"))])
  }

  @Test func `a clip that cannot be opened leaves the open one, with one sentence`() {
    var app = open("a.mp4")
    let run = app.run.history
    _ = app.update(.key(.enter))
    _ = app.update(.message(.loading("reading the clip")))
    #expect(text(app).contains("reading the clip"))
    _ = app.update(.message(.failed("/films/a.mp4 is not a film: choose another.")))
    #expect(app.run.history == run)
    #expect(text(app).contains("is not a film"))
    #expect(text(app).contains("How often does the dog bark?"))
  }

  @Test func `the questions of a task file become the list of questions`() throws {
    var app = sample.finished
    let file = Fixture.benchmark
    _ = app.update(.message(.study(.questions(try PlacedQuestions(file)))))
    #expect(app.questions.entries.count > 100)
    #expect(app.questions.current == 0, "the open question stays the first")
    _ = app.update(.key(.down))
    guard case .send(.open(let target))? = app.update(.key(.enter)).first,
      case .scene(file, _)? = target.media
    else {
      Issue.record("nothing opened")
      return
    }
    #expect(target.asked?.answer != nil)
  }
}

private enum Fixture {
  static let benchmark =
    #filePath.split(separator: "/").dropLast(3).reduce("") { "\($0)/\($1)" }
    + "/samples/benchmark.jsonl"
}
