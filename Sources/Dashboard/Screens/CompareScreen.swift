import Evaluations
import Reports
import Runs
import Selection
import Terminal

/// View state of screen 5, the comparison of two runs.
struct CompareView: ScreenView {
  /// The run pinned with the key `c`; nil if there is none.
  var pinned: PinnedRun?
  /// The last complete run before an edit of plan, question or input; nil if there is none.
  var previous: PinnedRun?
  var scrolled = ScrolledView()

  mutating func reopen() { scrolled.reopen() }
}

/// Screen 5: comparison of the current run with the pinned one; without one, with full tokens if
/// they ran, otherwise with the run before the last edit.
struct CompareScreen: ScreenPage {
  typealias View = CompareView

  static let name = "compare"
  static let title = "Compare"
  static let help = "compare: two runs"

  private let run: RunState
  private let keys: KeyLabels
  private let view: CompareView
  private let other: (run: PinnedRun, title: String)?

  init(_ app: App) {
    run = app.run
    keys = app.keys
    view = app.view[Self.self]
    other = app.otherRun
  }

  static func move(_ move: Move, in app: inout App) {
    guard let distance = move.distance(page: app.pageLength) else { return }
    app.view[Self.self].scrolled.move(by: distance, last: app.run.layers - 1)
  }

  func render(in area: Rect, to frame: inout Frame) {
    guard let (pinned, title) = other else {
      Paragraph(
        "No pinned run: \(keys[.pin]) pins the current one. Without it, this screen compares with full "
          + "tokens or with the run before the last edit: \(keys[.fullRun]) runs full tokens for KL."
      ).render(in: area.inset(horizontal: 2, vertical: 1), to: &frame)
      return
    }
    guard let now = run.compared, let subject = run.subject else { return }
    var rest = area
    let wrapped = facts(pinned, now, subject, valueWidth: (area.width - Self.labelWidth - 2) / 2)
    let facts =
      wrapped.count < area.height ? wrapped : facts(pinned, now, subject, valueWidth: .max)
    let table = rest.cutTop(min(facts.count + 1, rest.height))
    Self.table(facts, title).render(in: table, to: &frame)
    guard rest.height >= 4 else { return }
    frame.rule(rest.cutTop(1), title: "tokens per layer: text + video + audio")
    let whole = max(pinned.prompt.counts.total, subject.prompt.counts.total)
    layers(pinned.run, now, whole, title).render(in: rest, to: &frame)
  }

  private static let labelWidth = 12

  private static func table(_ rows: [[String]], _ title: String) -> Table<[String]> {
    Table(
      [
        .init("", .fixed(labelWidth), align: .left, priority: 3) { .text($0[0], .title) },
        .init(title, .flexible(minimum: 12, weight: 1), align: .left, priority: 2) {
          .text($0[1])
        },
        .init("now", .flexible(minimum: 12, weight: 1), align: .left, priority: 2) {
          .text($0[2])
        },
      ], rows: rows)
  }

  /// Rows of a label and two values, wrapped to the width of the columns.
  private func facts(
    _ pinned: PinnedRun, _ now: ComparedRun, _ subject: RunSubject, valueWidth: Int
  ) -> [[String]] {
    let old = pinned.run
    let overlap = { (survivors: (ComparedRun) -> Set<Int>, words: String) -> [String] in
      // Token positions of different prompts cannot be compared.
      guard pinned.prompt == subject.prompt else { return ["not compared: different inputs", ""] }
      return [
        Self.overlap(SurvivorOverlap(survivors(now), survivors(old), subject.prompt.modalities)),
        words,
      ]
    }
    func both(_ label: String, _ value: (ComparedRun) -> String) -> [[String]] {
      [[label, value(old), value(now)]]
    }
    func wrapped(_ label: String, _ old: [String], _ now: [String]) -> [[String]] {
      let old = Self.lines(old, width: valueWidth)
      let now = Self.lines(now, width: valueWidth)
      return (0..<max(old.count, now.count)).map { row in
        [row == 0 ? label : "", row < old.count ? old[row] : "", row < now.count ? now[row] : ""]
      }
    }
    let rows = [
      pinned.clip.question == subject.clip.question
        ? [] : wrapped("question", [pinned.clip.question], [subject.clip.question]),
      wrapped("plan", Self.plan(pinned.name, old), Self.plan(run.planName, now)),
      wrapped("answer", [Self.answer(old)], [Self.answer(now)]),
      [["KL to full", nats(pinned.drift), nats(run.isComplete ? run.study.drift : nil)]],
      wrapped("top logits", Self.candidates(old), Self.candidates(now)),
      both("prefill") {
        "\(Measure.time($0.prefillMilliseconds)), selection \(Measure.time($0.selectionMilliseconds))"
      },
      both("KV peak") { $0.keyValueBytes.map { Measure.bytes($0) } ?? "not recorded" },
      both("FLOPs") {
        "\(Self.flops($0.referenceFlops)) reference, \(Self.flops($0.executedFlops)) executed"
      },
      both("kept") {
        $0.tokensPerLayer.isEmpty
          ? "-" : "\(Measure.percent($0.retentionReached)) over \($0.tokensPerLayer.count) layers"
      },
      [["overlap in"] + overlap(\.entered, "of tokens entering layer 1")],
      [["overlap left"] + overlap(\.chosen, "of tokens kept at the end")],
    ]
    return rows.flatMap(\.self)
  }

  /// Method, budget and drop layers of a run, as lines.
  private static func plan(_ name: String, _ run: ComparedRun) -> [String] {
    guard run.plan.method != .full else { return [name] }
    return [
      name, "drop \(DropLayerText.text(run.plan.dropLayers))",
      "late \(run.plan.removalLayer.map { "\($0 + 1)" } ?? "none")",
    ]
  }

  private static func flops(_ value: Double?) -> String {
    value.map { Measure.flops($0).trimmed } ?? "unknown"
  }

  private static func answer(_ run: ComparedRun) -> String {
    run.answer?.text ?? "not complete"
  }

  private static func candidates(_ run: ComparedRun) -> [String] {
    guard let answer = run.answer else { return ["-"] }
    return answer.topLogits.prefix(5).map {
      "\($0.text.trimmed) \(Measure.number(Double($0.logit)))"
    }
  }

  /// Joins texts into at most four lines, wrapped at spaces.
  private static func lines(_ pieces: [String], width: Int) -> [String] {
    var lines: [String] = []
    for (index, piece) in pieces.enumerated() {
      let piece = index == pieces.count - 1 ? piece : piece + ","
      if let last = lines.last, CleanText("\(last) \(piece)").width <= width {
        lines[lines.count - 1] = "\(last) \(piece)"
      } else {
        lines += CleanText(piece).wrapped(to: width).map(\.shown)
      }
    }
    guard lines.count > lineLimit else { return lines }
    return lines.prefix(lineLimit - 1) + [lines[(lineLimit - 1)...].joined(separator: " ")]
  }

  private static let lineLimit = 4

  private func nats(_ value: Double?) -> String {
    value.map { "\(Measure.number($0)) nats" }
      ?? (run.isReplay ? "not recorded" : "\(keys[.fullRun]) runs full tokens")
  }

  private static func overlap(_ overlap: SurvivorOverlap) -> String {
    let video = overlap.video.map { Measure.percent($0) } ?? "none"
    let audio = overlap.audio.map { Measure.percent($0) } ?? "none"
    return "video \(video), audio \(audio)"
  }

  /// A table with one row per layer: token counts and bars of both runs.
  private func layers(
    _ old: ComparedRun, _ now: ComparedRun, _ whole: Int, _ title: String
  ) -> Table<Int> {
    let first = min(view.scrolled.top, max(0, run.layers - 1))
    return Table(
      [.init("layer", .fixed(5), priority: 4) { .text("\($0 + 1)") }]
        + Self.columns(title, old, whole) + Self.columns("now", now, whole),
      rows: Array(first..<run.layers))
  }

  private static func columns(
    _ title: String, _ run: ComparedRun, _ whole: Int
  ) -> [TableColumn<Int>] {
    let counts = { @Sendable [tokens = run.tokensPerLayer] in
      $0 < tokens.count ? tokens[$0] : nil
    }
    return [
      .init(title, .fixed(14), priority: 3) {
        guard let counts = counts($0) else { return .text("-", .faint) }
        return .text("\(counts.textAndImage)+\(counts.video)+\(counts.audio)")
      },
      .init("", .flexible(minimum: 8, weight: 1), align: .left, priority: 1) {
        counts($0).map { .bar(bar($0, whole)) } ?? .text("")
      },
    ]
  }

  private static func bar(_ counts: ModalityCounts, _ whole: Int) -> StackedBar {
    StackedBar(
      [
        .init(Double(counts.textAndImage), .text, fill: 0),
        .init(Double(counts.video), .video, fill: 1),
        .init(Double(counts.audio), .audio, fill: 2),
      ], ceiling: Double(max(1, whole)))
  }
}

extension Screen {
  static let compare = Screen(CompareScreen.self)
}
