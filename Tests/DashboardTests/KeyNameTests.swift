import Evaluations
import Runs
import Terminal
import Testing

@testable import Dashboard

/// Names that files of users hold, and actions that cannot act.
struct KeyNameTests {
  /// Every one that a release has had. None may go or change; new ones are added here.
  private static let actions = """
    adopt ask back bottom close details down drop-tokens earlier-removal earlier-step \
    edit-input edit-plan faster find-before find-next full-run help keep-tokens later-removal \
    later-step left less less-audio less-video list-flips mark-tokens measure more more-audio \
    more-video much-less much-more next next-drop next-method next-question next-screen \
    next-theme open options page-down page-up palette pin previous-question previous-screen \
    questions quit read-results redraw repeat-runs reset restart right run-or-pause save-report \
    screen-compare screen-dependency screen-heads screen-input screen-layers screen-log \
    screen-sweep screen-timing screen-tokens screen-windows search slower suspend swap \
    to-removal toggle-attention toggle-breakpoint toggle-heat toggle-mouse toggle-worth \
    toggle-worth-base token-span top turn-axis type-breakpoint up weigh-tokens zoom
    """.split(separator: " ").map(String.init)

  private static let contexts = [
    "compare", "dependency", "details", "heads", "help", "input", "layers", "log", "options",
    "prompt",
    "sweep", "timing", "tokens", "windows",
  ]

  @Test func `configuration names of actions and key contexts are unchanged`() {
    let table = AppKeyTable.standard
    #expect(Set(table.bindings.map(\.action.name)).sorted() == Self.actions)
    #expect(Set(table.bindings.flatMap(\.contexts).map(\.name)).sorted() == Self.contexts)
    for name in Self.actions { #expect(table.action(named: name)?.name == name) }
    for name in Self.contexts { #expect(table.context(named: name)?.name == name) }
  }

  @Test func `a screen's text names the key bound on that screen`() {
    var keys = AppKeyTable.standard
    _ = keys.rebind(.measure, to: [.function(6)], in: .screen(.sweep))
    var app = SampleRun().app(after: 4, options: .init(keys: keys))
    func text() -> String {
      app.render(size: Size(width: 120, height: 40), look: Look()).glyphRows
        .joined(separator: "\n")
    }
    _ = app.update(.key("7"))
    #expect(text().contains("F6 measures"))
    _ = app.update(.key("6"))
    #expect(text().contains("r measures"))
  }

  /// The shipped keys with other words.
  private static let renamed = AppKeyTable(
    AppKeyTable.standard.bindings.enumerated().map { index, binding in
      AppKeyTable.Binding(
        binding.keys, binding.action, in: binding.contexts, group: binding.group,
        help: binding.help.isEmpty ? "" : "words", hint: binding.hint.map { _ in "word \(index)" },
        line: binding.line)
    })

  @Test func `changed help texts do not change which keys share a line`() {
    func lines(_ table: AppKeyTable) -> [[String]] {
      table.helpSections.map { $0.entries.map(\.keys) }
    }
    #expect(lines(Self.renamed) == lines(.standard))
  }

  @Test(arguments: ["live", "recorded", "nothing open"])
  func `changed hint texts do not change which hints are shown`(_ state: String) {
    func hints(_ keys: AppKeyTable) -> [String] {
      var app = App(options: .init(keys: keys))
      if state == "nothing open" {
        _ = app.update(.message(.failed("no such file")))
        return app.hints.map(\.key)
      }
      app = SampleRun().app(after: 3, options: .init(keys: keys))
      if state == "recorded" {
        app.run.history.subject = app.run.subject?.of(RunOrigin(writer: "tests", method: nil))
      }
      return app.hints.map(\.key)
    }
    #expect(hints(Self.renamed) == hints(.standard))
    let expected = [
      "live": ["space", "n", "d", "+", "-", "?", "q"], "recorded": ["space", "n", "d", "?", "q"],
      "nothing open": ["?", "q"],
    ]
    #expect(hints(.standard) == expected[state])
  }

  @Test func `a replayed recording does not offer to edit the input`() {
    var app = SampleRun().app(after: 3)
    _ = app.update(.key("8"))
    #expect(app.hints.map(\.key).contains("i"))
    app.run.history.subject = app.run.subject?.of(RunOrigin(writer: "tests", method: nil))
    #expect(!app.hints.map(\.key).contains("i"))
  }

  @Test func `a recording that cannot measure keeps loaded sweep results`() {
    var app = SampleRun().studied(.sweep)
    let results = SampleRun().results(app.sweepPoints, questions: 40)
    _ = app.update(.message(.study(.summary(SweepSummary(results), file: "all.jsonl"))))
    app.run.history.subject = app.run.subject?.of(RunOrigin(writer: "tests", method: nil))
    #expect(app.update(.key("r")) == [])
    #expect(app.run.study.file == "all.jsonl")
  }

  @Test func `an unavailable action shows a reason and changes nothing`() {
    for state in [App(), SampleRun().app(after: 4), SampleRun().finished] {
      for action in Set(state.options.keys.bindings.map(\.action)) {
        var app = state
        guard let refusal = action.refusal(in: app) else { continue }
        #expect(action.perform(in: &app) == [], "\(action.name)")
        #expect(app.view.toast?.text == refusal.reason)
        #expect(app.run == state.run)
      }
    }
    let app = SampleRun().app(after: 4)
    #expect(AppAction.saveReport.refusal(in: app) != nil && AppAction.next.refusal(in: app) == nil)
  }
}
