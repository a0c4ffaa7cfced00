import Reports
import Runs
import Selection
import Terminal

/// The form to edit a plan, with a preview of the plan.
struct PlanFormPanel: Widget {
  let form: PlanForm
  let preview: PlanPreview

  init(_ form: PlanForm, _ subject: RunSubject, now: SelectionPlan) {
    self.form = form
    preview = PlanPreview(form, subject, now: now)
  }

  func render(in area: Rect, to frame: inout Frame) {
    let wanted = form.fields.count + 2 + preview.lines.count + 1
    let place = area.centered(
      Size(width: min(80, area.width - 2), height: min(area.height, wanted)))
    frame.clear(place, as: .dialog)
    var rest = frame.box(place, title: "Edit the plan", as: .dialog).inset(horizontal: 1)
    let rows = form.fields.count
    // If form and preview do not both fit, the fields scroll and the preview keeps its first lines.
    let below = min(preview.lines.count + 1, max(1, rest.height / 2))
    let fields = rest.cutTop(min(rows, max(1, rest.height - below)))
    render(fields: fields, to: &frame)
    if rest.height > preview.lines.count { frame.rule(rest.cutTop(1)) }
    for (index, line) in preview.lines.prefix(rest.height).enumerated() {
      frame.write(line, in: rest.row(index))
    }
    frame.reground(place, as: .dialog)
  }

  private func render(fields area: Rect, to frame: inout Frame) {
    let fields = form.fields
    let focus = fields.firstIndex(of: form.focus) ?? 0
    let top = TableScroll().top(selected: focus, count: fields.count, height: area.height)
    for (index, field) in fields.dropFirst(top).prefix(area.height).enumerated() {
      render(field, in: area.row(index), to: &frame)
    }
  }

  private static let labelWidth = 13
  /// Width of a field's value, in cells; larger for the method's name.
  private static func valueWidth(_ field: PlanForm.Field) -> Int { field == .method ? 17 : 12 }

  private func render(_ field: PlanForm.Field, in row: Rect, to frame: inout Frame) {
    var rest = row
    let isFocused = field == form.focus
    let isUsed = form.isUsed(field)
    let cursor = isFocused ? String(frame.glyphs.cursor) : " "
    frame.write(cursor, in: rest.cutLeft(2), as: .current)
    frame.write(
      Self.label(field), in: rest.cutLeft(min(Self.labelWidth, rest.width / 2)),
      as: isUsed ? (isFocused ? .strong : .normal) : .planned)
    let value = rest.cutLeft(min(Self.valueWidth(field), rest.width))
    _ = rest.cutLeft(1)
    if field == .method {
      frame.write("< \(form.method.rawValue) >", in: value, as: isFocused ? .strong : .normal)
    } else {
      LineField(form.line(field), isFocused: isFocused, role: isUsed ? .normal : .planned)
        .render(in: value, to: &frame)
    }
    frame.write(remark(field, isUsed: isUsed), in: rest)
  }

  private func remark(_ field: PlanForm.Field, isUsed: Bool) -> StyledLine {
    guard isUsed else { return StyledLine("not used by \(form.method.rawValue)", .faint) }
    guard form.isWrong(field) else {
      return StyledLine(field == form.focus ? form.limits(field) : Self.unit(field), .faint)
    }
    return StyledLine("✗ \(form.limits(field))", .error)
  }

  private static func label(_ field: PlanForm.Field) -> String {
    switch field {
    case .method: "method"
    case .retention: "R"
    case .video: "video share"
    case .audio: "audio share"
    case .encoderScale: "λ"
    case .dropLayers: "drop layers"
    case .lateLayer: "late layer"
    case .temperature: "τ"
    case .grids: "video window"
    case .audioSeconds: "audio window"
    case .seed: "seed"
    case .declared(let parameter): parameter.label
    }
  }

  private static func unit(_ field: PlanForm.Field) -> String {
    switch field {
    case .retention, .video, .audio: "%"
    case .grids: "grids"
    case .audioSeconds: "s"
    case .declared(let parameter): parameter.unit
    default: ""
    }
  }
}

/// Preview of an edited plan: tokens, keep ratios, FLOPs, and the steps that would run again.
struct PlanPreview: Equatable {
  let lines: [StyledLine]

  init(_ form: PlanForm, _ subject: RunSubject, now: SelectionPlan) {
    guard let settings = form.settings else {
      lines = [StyledLine("correct the marked field to see the effect of the plan", .warning)]
      return
    }
    let shape = subject.promptShape
    let plan = settings.plan(for: shape)
    let forecast = PlanCostEstimate(plan, prompt: shape, decoder: subject.model.decoder)
    lines =
      [
        Self.labelled("keep", PlanSummary(plan, shape.counts).line),
        Self.labelled("enter", Self.entering(forecast)), Self.labelled("cost", Self.cost(forecast)),
        Self.labelled("rerun", StyledLine(Self.again(plan, now))),
      ] + plan.notes.map { Self.labelled("note", StyledLine($0, .warning)) }
  }

  private static func labelled(_ label: String, _ line: StyledLine) -> StyledLine {
    StyledLine(label.padding(to: 6), .title) + line
  }

  private static func entering(_ forecast: PlanCostEstimate) -> StyledLine {
    let counts = forecast.entering
    var line = StyledLine("\(counts.textAndImage) text", .text)
    if counts.video > 0 { line.append("  ~\(counts.video) video", .video) }
    if counts.audio > 0 { line.append("  ~\(counts.audio) audio", .audio) }
    line.append("  ~\(Measure.percent(forecast.retention)) kept, averaged over layers")
    return line
  }

  private static func cost(_ forecast: PlanCostEstimate) -> StyledLine {
    guard let own = forecast.referenceFlops, let full = forecast.referenceFullFlops else {
      return StyledLine("not known: model sizes not recorded", .faint)
    }
    var line = StyledLine("~\(Measure.factor(full / max(own, 1))) fewer", .strong)
    line.append(" reference FLOPs, \(Measure.flops(own)) of \(Measure.flops(full))")
    return line
  }

  private static func again(_ plan: SelectionPlan, _ now: SelectionPlan) -> String {
    switch plan.firstDifference(from: now) {
    case nil: "no change for this clip"
    case 0?: "from Stage I"
    case let layer?: "from the drop after layer \(layer)"
    }
  }
}

extension String {
  /// The text padded with spaces to a width; each character must be one cell wide.
  func padding(to width: Int) -> String {
    self + String(repeating: " ", count: max(0, width - count))
  }
}
