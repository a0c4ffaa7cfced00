import Evaluations
import Reports
import Runs
import Selection
import Sessions
import Terminal

extension App {
  /// Reads the flips of the results file of screen 7.
  mutating func readFlips() -> [Effect] {
    say("reading \(options.sweepPath)")
    return [
      .send(
        .readFlips(
          options.sweepPath, other: options.otherResults, questions: options.questionFiles))
    ]
  }

  /// Opens the list of flips that were read.
  mutating func show(_ flips: FlipList) {
    run.study.flips = flips
    guard !flips.entries.isEmpty else {
      say("no question is answered differently in \(flips.files.joined(separator: " and "))", .good)
      return
    }
    view.toast = nil
    if view.overlay == nil { view.overlay = .list(ListOverlay(.flips)) }
  }

  /// Lines of the list of flips.
  var flipItems: [ListItem] {
    guard let flips = run.study.flips else { return [] }
    return flips.entries.enumerated().map { index, entry in
      let problem = problem(entry, flips)
      var note = StyledLine(problem ?? note(entry, flips), problem == nil ? .faint : .warning)
      if problem == nil, let model = flips.model, model != run.subject?.model.name {
        note.append("; results of \(model), not of the open model", .warning)
      }
      return ListItem(
        label: entry.flip.change.mark, text: text(entry.flip), note: note,
        words: words(entry.flip), isAvailable: problem == nil
      ) { app in
        guard let problem else { return app.open(flip: index) }
        app.say(problem, .warning)
        return []
      }
    }
  }

  private func text(_ flip: AnswerFlips.Flip) -> StyledLine {
    let role: Role =
      switch flip.change {
      case .rightToWrong: .warning
      case .wrongToRight: .good
      case .otherWords: .normal
      }
    var line = StyledLine("\(flip.question)  ", role)
    line.append("\(flip.first.text.trimmed) → \(flip.second.text.trimmed)  ", .strong)
    line.append(flip.second.point?.shortName ?? "samples", .title)
    if let kl = flip.second.divergence { line.append("  KL \(Measure.number(kl))", .faint) }
    return line
  }

  private func note(_ entry: FlipList.Entry, _ flips: FlipList) -> String {
    let flip = entry.flip
    let windows = flip.windows.map { ", \(Measure.plural($0, "window"))" } ?? ""
    let points = [flip.first.point, flip.second.point].map { $0?.shortName ?? "samples" }
    return "\(flip.change.words), \(flip.kind ?? "no kind")\(windows), \(points[0]) to \(points[1])"
  }

  private func words(_ flip: AnswerFlips.Flip) -> String {
    let points = [flip.first.point, flip.second.point].map { $0?.shortName ?? "samples" }
    return [
      flip.change.words, flip.question, flip.kind ?? "", points[0], points[1], flip.first.text,
      flip.second.text, flip.windows.map { "windows \($0)" } ?? "",
    ].joined(separator: " ")
  }

  /// The reason why a flip cannot be opened; nil if it can be.
  private func problem(_ entry: FlipList.Entry, _ flips: FlipList) -> String? {
    guard entry.question != nil else {
      return flips.questionFile.map { "\($0) has no question \(entry.flip.question)" }
        ?? "the questions of \(flips.set) are in no known file: give --tasks"
    }
    guard let key = entry.flip.second.point, settings(of: key) == nil else { return nil }
    return "the settings of \(key.shortName) are unknown to this version"
  }

  private func settings(of key: SweepPoint.Key) -> SelectionSettings? {
    SelectionSettings(identity: key.settings, base: run.openedSettings ?? run.settings)
  }

  /// Opens a flip: its clip, question and plan, with full tokens; the list of questions is that of
  /// the flips.
  private mutating func open(flip index: Int) -> [Effect] {
    guard let flips = run.study.flips else { return [] }
    let wanted = flips.entries[index]
    let usable = flips.entries.filter { problem($0, flips) == nil }
    let entries = usable.compactMap { entry in
      entry.question.map { question in
        var target = RunTarget(question.place, asked: question.asked)
        target.input = question.input
        target.settings = entry.flip.second.point.flatMap(settings)
        target.runsToAnswer = true
        return QuestionList.Entry(
          asked: question.asked ?? AskedQuestion(""), target: target,
          name: "\(entry.flip.change.words), \(entry.flip.second.point?.shortName ?? "samples"):",
          isFullWanted: true)
      }
    }
    let place = usable.firstIndex(of: wanted) ?? 0
    questions.replace(with: entries, opening: place)
    open(.compare)
    return ask(place, isNew: true)
  }
}

extension AnswerFlips.Change {
  /// Words for lists: `right to wrong`.
  var words: String { rawValue.replacing("_", with: " ") }

  /// Two letters for lists: right, wrong or words, before and after.
  var mark: String {
    switch self {
    case .rightToWrong: "r > w"
    case .wrongToRight: "w > r"
    case .otherWords: "words"
    }
  }
}

extension SweepPoint.Key {
  /// Method and budget as text: `seats R 15`, `full tokens`.
  var shortName: String {
    method == SelectionMethod.full.rawValue
      ? "full tokens" : "\(method) R \(Measure.nominal(retention))"
  }
}
