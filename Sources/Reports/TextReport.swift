import Basics
import Foundation
import Runs
import Selection

/// A run as plain text without box-drawing characters and colours.
public struct TextReport {
  private let run: ProfiledRun
  private let full: FullRunRecord?

  public init(_ run: ProfiledRun, _ full: FullRunRecord?) {
    self.run = run
    self.full = full
  }

  public var rendered: String {
    let sections = [subject, plan, ledger, costs, answer, checkpoint, notes]
    return sections.filter { !$0.isEmpty }.map { $0.joined(separator: "\n") }
      .joined(separator: "\n\n") + "\n"
  }

  private var takesAudio: Bool { run.opened.subject.model.family.takesAudio }

  private var subject: [String] {
    let (model, clip, prompt) = (
      run.opened.subject.model, run.opened.subject.clip, run.opened.subject.prompt
    )
    let seconds = clip.seconds.map { String(format: "%.1f s, ", $0) } ?? ""
    let counts = prompt.counts
    return [
      "model     \(model.name): \(model.architecture), \(model.decoder.layers) layers, "
        + "hidden \(model.decoder.hidden), \(model.dtype), computed in "
        + run.opened.thinker.computeName + (model.engine.map { " by \($0.printable)" } ?? ""),
      "clip      \(clip.title.printable): \(seconds)\(count(clip.frames, "frame")), "
        + count(prompt.windows, "window"),
    ] + parts(clip) + [
      "question  \(clip.question.isEmpty ? "none: use --question" : clip.question.printable)",
      "tokens    \(counts.total) = \(counts.textAndImage) text + \(counts.video) video"
        + (takesAudio ? " + \(counts.audio) audio" : ", no audio"),
    ]
  }

  /// The clips of a conversation, one per line.
  private func parts(_ clip: ClipSummary) -> [String] {
    guard clip.parts.count > 1 else { return [] }
    return clip.parts.enumerated().map {
      "clip \($0 + 1)".padding(toLength: 10, withPad: " ", startingAt: 0) + $1.fact.printable
    }
  }

  private var plan: [String] {
    let (plan, settings) = (run.plan, run.settings)
    let asked =
      "settings  λ \(settings.encoderScale), τ \(settings.windowTemperature), "
      + "windows of \(count(settings.windows.grids, "grid"))"
      + (takesAudio ? " and \(settings.windows.audioSeconds) s, " : ", ")
      + "seed \(settings.seed)"
      + settings.values.sorted { $0.key < $1.key }.map { ", \($0.key) \($0.value)" }.joined()
    let counts = run.opened.subject.prompt.counts
    let byHand = settings.forced.summary(in: counts).map { ", \($0)" } ?? ""
    let forced = [("keep", settings.forced.kept), ("drop", settings.forced.dropped)]
      .filter { !$0.1.isEmpty }.map { "\($0)      \($1.text)" }
    guard plan.method != .full else {
      return ["plan      full tokens\(byHand)", asked] + forced + (byHand.isEmpty ? [] : [reached])
    }
    let drops = plan.dropLayers.map(String.init)
    let late = plan.removalLayer.map { "\($0 + 1)" } ?? "none"
    return [
      "plan      \(plan.method.rawValue): video \(percent(settings.budget.video)), "
        + (takesAudio ? "audio \(percent(settings.budget.audio)), " : "no audio, ")
        + "drops after \(drops.isEmpty ? "none" : drops.joined(separator: "-")), late layer \(late)\(byHand)",
      asked,
    ] + forced + [reached]
  }

  private var reached: String {
    "reached   \(percent(run.retentionReached)) of video\(takesAudio ? " and audio" : ""), "
      + "averaged over layers"
  }

  private var ledger: [String] {
    let table = LedgerColumn.table(
      run.records, \.text, takesAudio: takesAudio, lens: run.lens.records
    ).rendered(.text)
    return table.split(separator: "\n").map(String.init)
  }

  private var costs: [String] {
    let flops = RunReport.Flops(run)
    let timing = RunReport.Timing(run)
    var lines = [
      String(
        format: "reference FLOPs  %.4g of %.4g, %.2f× fewer", flops.referenceSelected,
        flops.referenceFull, flops.reduction),
      String(format: "executed FLOPs   %.4g", flops.executed),
      "media            \(milliseconds(timing.mediaMs)) ms to read and prepare",
      "encoders         vision "
        + encoder(timing.visionEncoderMs, run.records.first?.visionSource) + ", "
        + (takesAudio
          ? "audio " + encoder(timing.audioEncoderMs.value ?? 0, run.records.first?.audioSource)
          : "no audio"),
      "prefill          \(milliseconds(timing.prefillMs)) ms, selection "
        + "\(milliseconds(timing.selectionMs)) ms, head \(milliseconds(timing.headMs)) ms",
    ]
    if !run.lens.isEmpty {
      let (cost, layers) = (run.lens.cost, run.opened.subject.model.decoder.layers)
      lines.append(
        "lens             \(milliseconds(cost.milliseconds)) ms, "
          + String(format: "%.4g FLOPs", cost.flops) + " beside the prefill"
          + (run.lens.summary(layers: layers).map { ": \($0)" } ?? ""))
    }
    if let decode = run.answer?.millisecondsPerToken {
      lines.append("decode           \(milliseconds(decode)) ms per token")
    }
    if let full {
      lines.append(
        "full tokens      \(milliseconds(full.prefillMilliseconds)) ms prefill, "
          + String(
            format: "%.2f× as long", full.prefillMilliseconds / max(run.prefillMilliseconds, 1e-9)))
    }
    return lines
  }

  private var answer: [String] {
    guard let answer = run.answer else { return [] }
    var lines = ["answer    \(answer.text.printable)"]
    if let expected = run.opened.subject.clip.answer {
      lines.append("expected  \(expected.printable)")
    }
    if let full {
      let isSame = full.answer.tokenIDs == answer.tokenIDs
      lines.append("full      \(full.answer.text.printable)")
      lines.append(isSame ? "same      yes, token for token" : "same      no")
    }
    return lines
  }

  /// Files and keys that determine the model, without warnings.
  private var checkpoint: [String] {
    run.opened.thinker.facts.filter { !$0.isWarning }.map {
      "read      \($0.subject): \($0.fact)".printable
    }
  }

  private var notes: [String] {
    RunReport(run, full: full).notes.map { "note      \($0.printable)" }
  }

  private func encoder(_ time: Double, _ source: EncoderSource?) -> String {
    "\(milliseconds(time)) ms" + (source?.words.map { " (\($0))" } ?? "")
  }

  private func percent(_ share: Double) -> String { String(format: "%.1f %%", share * 100) }

  private func count(_ count: Int, _ noun: String) -> String {
    "\(count) \(noun)\(count == 1 ? "" : "s")"
  }

  private func milliseconds(_ value: Double) -> String { String(format: "%.2f", value) }
}

/// The steps of a run as comma-separated values, one row per step.
public struct LedgerCSV {
  private let records: [StepRecord]
  private let takesAudio: Bool
  private let lens: [LensRecord]

  /// Steps as CSV.
  /// - Parameters:
  ///   - takesAudio: if false, cells of audio tokens are empty.
  ///   - lens: what the lens shows of the layers; empty if it is off.
  public init(_ records: [StepRecord], takesAudio: Bool = true, lens: [LensRecord] = []) {
    self.records = records
    self.takesAudio = takesAudio
    self.lens = lens
  }

  public var rendered: String {
    LedgerColumn.table(records, \.csv, takesAudio: takesAudio, lens: lens).rendered(.csv)
  }
}

extension PrefillStep {
  /// Name of the step in text: `encoders`, `Stage I`, `layer 7`, `head`.
  public var label: String {
    switch self {
    case .encoders: "encoders"
    case .stage1: "Stage I"
    case .layer(let layer): "layer \(layer)"
    case .head: "head"
    }
  }
}
