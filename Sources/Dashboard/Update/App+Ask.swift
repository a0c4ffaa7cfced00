import Reports
import Runs
import Sessions
import Terminal

extension App {
  /// Opens the line editor with the question; up and down move through the questions of the list.
  mutating func openAsk() -> [Effect] {
    guard let asked = asked?.question else { return [] }
    let earlier = questions.entries.map(\.asked.question).filter { $0 != asked }
    view.overlay = .ask(LineEditor(asked, history: earlier, limit: Self.longestQuestion))
    return []
  }

  /// Maximum length of a typed question, in code points.
  private static let longestQuestion = 20_000

  /// The open question; nil before a run is open.
  var asked: AskedQuestion? {
    guard let clip = run.subject?.clip else { return nil }
    let entries = questions.entries
    if entries.indices.contains(questions.current) {
      let listed = entries[questions.current].asked
      if listed.text(suffix: clip.input.suffix) == clip.question { return listed }
    }
    return clip.asked
  }

  /// Asks a typed question about the open clip. Choices are kept; the right answer is known only
  /// for a question of the list.
  mutating func enter(question text: String) -> [Effect] {
    view.overlay = nil
    guard var asked else { return [] }
    guard text.trimmed != asked.question.trimmed else {
      say("no change: same question")
      return []
    }
    if let known = questions.index(of: text.trimmed) { return ask(known) }
    (asked.question, asked.answer) = (text.trimmed, nil)
    return ask(asked)
  }

  private mutating func ask(_ asked: AskedQuestion) -> [Effect] {
    wantFull()
    log("asked: \(asked.question)")
    return [.send(.ask(asked))]
  }

  /// Full tokens run for the next question, if they ran for this one.
  private mutating func wantFull() {
    run.isFullWantedNext = run.fullRun != nil
    view.inspected = nil
    view.toast = nil
  }

  /// Asks a question of the list; opens its clip if it is not open.
  /// - Parameter isNew: whether the list is new, so that its clip is opened in any case.
  mutating func ask(_ index: Int, isNew: Bool = false) -> [Effect] {
    let entry = questions.entries[index]
    let open = questions.entries[questions.current]
    questions.willOpen(index)
    guard let target = entry.target else { return ask(entry.asked) }
    guard !isNew, target.isSameClip(as: open.target) else {
      wantFull()
      if entry.isFullWanted { run.isFullWantedNext = true }
      say("opening \(ClipTitle.of(target))")
      return [.send(.open(target))]
    }
    let effects = ask(entry.asked)
    if entry.isFullWanted { run.isFullWantedNext = true }
    guard let settings = target.settings, settings != run.settings else { return effects }
    return effects + apply(settings)
  }

  /// Asks the next question of the list for a step of 1, the previous one for −1.
  mutating func askNeighbour(_ step: Int) -> [Effect] { ask(questions.index(after: step)) }

  /// The reason why a question of the list cannot be asked in a replay; nil if its clip is known.
  func problem(asking index: Int) -> String? {
    guard run.isReplay, questions.entries.indices.contains(index),
      questions.entries[index].target == nil
    else { return nil }
    return "not in a replay: the question is fixed; open the clip to ask"
  }

  /// Whether full tokens should run now: they ran for the question before, and this one is answered.
  mutating func isFullDue() -> Bool {
    guard run.isFullWanted, run.activity == .idle, run.isAnswered else { return false }
    run.isFullWanted = false
    return run.fullRun == nil && run.settings.method != .full
  }

  /// Notes complete answers in the list of questions.
  mutating func noteAnswers(_ event: SessionEvent) {
    switch event {
    case .answered(let answer) where answer.isComplete:
      questions.answered(answer.text, plan: run.planName)
      if run.settings.method == .full { questions.answeredInFull(answer.text) }
    case .fullRun(let full): questions.answeredInFull(full.answer.text)
    default: break
    }
  }

  /// Lines of the list of questions, with both answers.
  var questionItems: [ListItem] {
    questions.entries.enumerated().map { index, entry in
      let isOpen = index == questions.current
      // Answers come first, so that a long question does not push them out.
      var text: StyledLine = ""
      if let answer = entry.answer {
        text.append(answer.trimmed, .strong)
        switch entry.isSame {
        case true?: text.append(" = full tokens", .good)
        case false?: text.append(", full tokens: \(entry.fullAnswer?.trimmed ?? "")", .warning)
        case nil: break
        }
        text.append("  ")
      }
      if !entry.name.isEmpty { text.append("\(entry.name) ", .faint) }
      text.append(entry.asked.question, isOpen ? .strong : .normal)
      var note = StyledLine("not asked yet", .faint)
      if entry.answer != nil { note = StyledLine("answered with \(entry.planName)", .faint) }
      let words = [entry.asked.question, entry.name, entry.answer ?? "", entry.fullAnswer ?? ""]
      return ListItem(
        label: "\(index + 1)", text: text, note: note, words: words.joined(separator: " ")
      ) { app in
        guard app.questions.current != index else {
          app.say("this question is open")
          return []
        }
        if let problem = app.problem(asking: index) {
          app.say(problem)
          return []
        }
        return app.ask(index)
      }
    }
  }
}

extension RunTarget {
  /// Whether another target has the same media, read the same way, with the same model.
  fileprivate func isSameClip(as other: RunTarget?) -> Bool {
    guard let other else { return false }
    var (one, two) = (self, other)
    (one.asked, two.asked) = (nil, nil)
    (one.settings, two.settings) = (nil, nil)
    (one.input.suffix, two.input.suffix) = (nil, nil)
    one.runsToAnswer = two.runsToAnswer
    return one == two && input.suffix == other.input.suffix
  }
}

/// Short names of clips that are not open yet.
enum ClipTitle {
  static func of(_ target: RunTarget) -> String {
    if case .scene(_, let clip)? = target.media { return clip }
    return target.media.map { App.short($0.path) } ?? "the clip"
  }
}
