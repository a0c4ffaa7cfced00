import Profiling
import Selection
import Terminal

/// Screen 5: the run that was pinned beside the one there is now.
struct CompareScreen: ScreenPage {
  static let title = "Compare"
  static let help = "compare: pinned run and this one"

  private let run: RunState
  private let top: Int

  init(_ app: App) {
    run = app.run
    top = app.view.scroll
  }

  static func act(_ action: AppAction, in app: inout App) -> [Effect]? {
    app.scroll(action, lines: app.run.layers)
  }

  func render(in area: Rect, to frame: inout Frame) {
    guard let pinned = run.study.pinned else {
      Paragraph(
        "Nothing is pinned: \(run.keys[.pin]) pins the run as it stands. Then change anything, and both stand here "
          + "side by side; \(run.keys[.fullRun]) runs full tokens for KL."
      ).render(in: area.inset(horizontal: 2, vertical: 1), to: &frame)
      return
    }
    guard let now = run.compared, let subject = run.subject else { return }
    var rest = area
    let facts = facts(pinned, now, subject)
    let table = rest.cutTop(min(facts.count + 1, rest.height))
    Self.facts(facts).render(in: table, to: &frame)
    guard rest.height >= 4 else { return }
    frame.rule(rest.cutTop(1), title: "tokens per layer: text + video + audio")
    layers(pinned.run, now, subject.prompt.counts.total).render(in: rest, to: &frame)
  }

  private static func facts(_ rows: [[String]]) -> Table {
    Table(
      columns: [
        .init("", .fixed(12), align: .left, priority: 3),
        .init("pinned", .flexible(minimum: 12, weight: 1), align: .left, priority: 2),
        .init("now", .flexible(minimum: 12, weight: 1), align: .left, priority: 2),
      ], rowCount: rows.count
    ) { index in
      [.text(rows[index][0], .title), .text(rows[index][1]), .text(rows[index][2])]
    }
  }

  private func facts(
    _ pinned: PinnedRun, _ now: ComparedRun, _ subject: RunSubject
  ) -> [[String]] {
    let old = pinned.run
    let modalities = subject.prompt.modalities
    let entering = SurvivorOverlap(now.entered, old.entered, modalities)
    let chosen = SurvivorOverlap(now.chosen, old.chosen, modalities)
    func both(_ label: String, _ value: (ComparedRun) -> String) -> [String] {
      [label, value(old), value(now)]
    }
    return [
      ["plan", pinned.name, run.planName],
      both("answer") { $0.answer.map { "\($0.text)" } ?? "not run to its end" },
      ["KL to full", nats(pinned.drift), nats(run.isComplete ? run.study.drift : nil)],
      both("likeliest") { run in
        run.answer.map { answer in
          answer.topLogits.prefix(5).map {
            "\($0.text.trimmed) \(Measure.number(Double($0.logit)))"
          }
          .joined(separator: ", ")
        } ?? "-"
      },
      both("prefill") {
        "\(Measure.time($0.prefillMilliseconds)), selection \(Measure.time($0.selectionMilliseconds))"
      },
      both("KV at most") { Measure.bytes($0.keyValueBytes) },
      both("FLOPs") {
        "\(Measure.flops($0.referenceFlops)) reference, \(Measure.flops($0.executedFlops)) executed"
      },
      both("kept") {
        $0.tokensPerLayer.isEmpty
          ? "-" : "\(Measure.percent($0.retentionReached)) over \($0.tokensPerLayer.count) layers"
      },
      ["overlap in", Self.overlap(entering), "of those that entered layer 1"],
      ["overlap left", Self.overlap(chosen), "of those the last choice left"],
    ]
  }

  private func nats(_ value: Double?) -> String {
    value.map { "\(Measure.number($0)) nats" } ?? "\(run.keys[.fullRun]) runs full tokens"
  }

  private static func overlap(_ overlap: SurvivorOverlap) -> String {
    let video = overlap.video.map { Measure.percent($0) } ?? "none"
    let audio = overlap.audio.map { Measure.percent($0) } ?? "none"
    return "video \(video), audio \(audio)"
  }

  /// Layers as rows: counts and bars of both runs.
  private func layers(_ old: ComparedRun, _ now: ComparedRun, _ whole: Int) -> Table {
    let count = run.layers
    let first = min(top, max(0, count - 1))
    return Table(
      columns: [
        .init("layer", .fixed(5), priority: 4),
        .init("pinned", .fixed(14), priority: 3),
        .init("", .flexible(minimum: 8, weight: 1), align: .left, priority: 1),
        .init("now", .fixed(14), priority: 3),
        .init("", .flexible(minimum: 8, weight: 1), align: .left, priority: 1),
      ], rowCount: count - first
    ) { row in
      let layer = first + row
      return [.text("\(layer + 1)")] + Self.cells(old, layer, whole)
        + Self.cells(now, layer, whole)
    }
  }

  private static func cells(_ run: ComparedRun, _ layer: Int, _ whole: Int) -> [Table.Content] {
    guard layer < run.tokensPerLayer.count else { return [.text("-", .faint), .text("")] }
    let counts = run.tokensPerLayer[layer]
    let bar = StackedBar(
      [
        .init(Double(counts.text), .text, fill: 0), .init(Double(counts.video), .video, fill: 1),
        .init(Double(counts.audio), .audio, fill: 2),
      ], ceiling: Double(max(1, whole)))
    return [.text("\(counts.text)+\(counts.video)+\(counts.audio)"), .bar(bar)]
  }
}
