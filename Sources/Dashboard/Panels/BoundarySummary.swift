import Reports
import Runs
import Selection
import Terminal

/// Summary of one boundary: its position, dropped tokens, how they were selected, and how even the
/// window weights are.
struct BoundarySummary: Equatable {
  let lines: [StyledLine]

  init(_ app: App, _ row: LedgerRow, _ windows: BoundaryWindows) {
    lines =
      [Self.title(app.run, row, app.keys), Self.path(app.run, row, windows)]
      + Self.weights(windows)
  }

  /// Title line of a boundary: `after layer 7 of 12 · video 8 → 5 · audio 64 → 60 · ▼7 dropped`.
  static func title(_ run: RunState, _ row: LedgerRow, _ keys: KeyLabels) -> StyledLine {
    var line = StyledLine(place(run, row), .title)
    guard row.record != nil else {
      line.append(
        "  not run yet: \(keys[.next]) steps, \(keys[.runOrPause]) runs", .planned)
      return line
    }
    for (name, role, before, after) in [
      ("video", Role.video, row.entering.video, row.leaving.video),
      ("audio", .audio, row.entering.audio, row.leaving.audio),
    ] {
      guard role != .audio || run.subject?.model.family.takesAudio ?? true else {
        line.append("  no audio", .faint)
        continue
      }
      line.append("  \(name) ", role)
      line.append(Self.change(before, after), .strong)
    }
    if row.entering.image > 0 {
      line.append("  image \(Self.change(row.entering.image, row.leaving.image))", .text)
    }
    line.append("  text \(Self.change(row.entering.text, row.leaving.text))")
    return line
  }

  private static func change(_ before: Int, _ after: Int) -> String {
    before == after ? "\(after)" : "\(before) → \(after)"
  }

  static func place(_ run: RunState, _ row: LedgerRow) -> String {
    switch row.step {
    case .encoders: "the whole prompt"
    case .stage1: "Stage I, before layer 1"
    case .layer(let layer): "after layer \(layer) of \(run.layers)"
    case .head: "at the head"
    }
  }

  private static func path(
    _ run: RunState, _ row: LedgerRow, _ windows: BoundaryWindows
  ) -> StyledLine {
    var line = StyledLine("path    ", .title)
    line.append(pathText(run, row, windows))
    let apart = windows.lines.count { $0.isApart }
    if windows.areFoundAgain, apart > 0 {
      line.append("  ! \(apart) pairs do not overlap in time", .warning)
    }
    return line
  }

  private static func pathText(
    _ run: RunState, _ row: LedgerRow, _ windows: BoundaryWindows
  ) -> String {
    switch (row.mark, row.record?.drop?.path) {
    case (.stage1?, _):
      return run.isPlanKnown
        ? "before the decoder: \(run.stage1Summary)"
        : "before the decoder: rule not recorded"
    case (.prune?, nil) where row.record != nil: return "rule not recorded"
    case (.remove?, _): return "late removal: all video and audio tokens dropped"
    case (.prune?, .windows?):
      let tau = run.temperature(after: row.step).map { ", softmax τ \($0)" } ?? ""
      return "\(windows.lines.count) windows\(tau): each of video and audio"
    case (.prune?, .global?): return "global: highest relevance overall, no windows"
    case (.prune?, .noChoice?): return "none: no tokens left to drop"
    case (.prune?, nil): return "a drop by relevance is planned here"
    case (nil, _): break
    }
    let next = run.plan.boundaries.first { $0.afterLayer > run.layer(of: row.step) }
    if let record = row.record, record.drop == nil, row.dropped > 0 {
      return "\(Measure.plural(row.dropped, "token")) dropped; positions not recorded"
    }
    guard run.isPlanKnown else { return "no drop here; later drops not known yet" }
    guard let next else { return "no drop here or later" }
    return "no drop here; next after layer \(next.afterLayer)"
  }

  private static func weights(_ windows: BoundaryWindows) -> [StyledLine] {
    guard windows.areFoundAgain else { return [] }
    let records = windows.lines.compactMap(\.record)
    return [
      spread("video weights", .video, records.map(\.videoWeight)),
      spread("audio weights", .audio, records.map(\.audioWeight)),
    ].compactMap { $0 }
  }

  private static func spread(_ name: String, _ role: Role, _ weights: [Float]) -> StyledLine? {
    guard let spread = WeightSpread(weights) else { return nil }
    var line = StyledLine(name, role)
    line.append("  \(spread.word)", .strong)
    line.append(
      ": entropy \(Measure.decimal(spread.entropy, 3))/"
        + "\(Measure.decimal(spread.mostEntropy, 3)) bits, max/min "
        + Measure.decimal(spread.ratio, 2))
    return line
  }
}

extension RunState {
  /// Layer number of a step; 0 before layer 1, the last layer for the head.
  func layer(of step: PrefillStep) -> Int {
    switch step {
    case .encoders, .stage1: 0
    case .layer(let layer): layer
    case .head: layers
    }
  }

  /// A short description of the selection in Stage I.
  var stage1Summary: String { plan.encoderRule?.summary ?? "all tokens enter" }

  /// Window temperature τ of the drop after a step; nil if the plan has none there.
  func temperature(after step: PrefillStep?) -> Float? {
    step.flatMap { plan.boundary(afterLayer: layer(of: $0))?.rule.temperature }
  }
}
