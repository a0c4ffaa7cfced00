import Reports
import Runs
import Selection
import Terminal

/// The header line: program, screen, clip and model on the left; activity, progress and prefill
/// time on the right.
struct HeaderLine: Widget, Equatable {
  let place: String
  let names: String
  /// Budget, mode, layer and time; where space is short, the first ones are left out.
  let position: [String]

  /// The header line of a run.
  /// - Parameter screen: the open screen; nil if tabs name it.
  init(_ run: RunState, screen: Screen?, now: Duration) {
    names = run.subject.map { Self.names($0) } ?? ""
    place =
      (run.isReplay ? "replay" : "seats-top")
      + (screen.map { $0 == .home ? "" : " · \($0.title)" } ?? "")
    position = Self.position(run, now)
  }

  /// Model, the device of an engine elsewhere, and clip.
  private static func names(_ subject: RunSubject) -> String {
    let device = subject.model.engine.map { $0.prefix { $0 != "," } }
    return "\(subject.model.name)\(device.map { " @ \($0)" } ?? "") · \(subject.clip.title)"
  }

  private static func position(_ run: RunState, _ now: Duration) -> [String] {
    guard run.subject != nil else { return [run.loading ?? ""] }
    let layer = min(run.layers, max(0, run.ledger.current.count - 2))
    return [
      budget(run) + (run.settings.forced.isEmpty ? "" : ", by hand"), mode(run),
      "layer \(layer)/\(run.layers)", Measure.clock(clock(run, now)),
    ]
  }

  static func budget(_ run: RunState) -> String {
    if let foreign = run.subject?.origin?.method { return foreign }
    guard run.settings.method != .full else { return "full" }
    let method = run.settings.method.rawValue
    if let nominal = run.nominalPercent {
      return "\(method) R \(Measure.nominal(nominal))"
    }
    // Separate ratios are written video-audio, as in the paper.
    let budget = run.settings.budget
    guard run.subject?.model.family.takesAudio ?? true else {
      return "\(method) \(Measure.share(budget.video))"
    }
    return "\(method) \(Measure.share(budget.video))-\(Measure.share(budget.audio))"
  }

  private static func mode(_ run: RunState) -> String {
    switch run.activity {
    case .idle: run.isAnswered ? "done" : "paused"
    case .running: "running"
    case .decoding: "decoding"
    case .runningFull: "full run"
    case .studying: "measuring"
    case .repeating: "repeating"
    }
  }

  /// Prefill time so far in milliseconds, including the running step; during the full-token run,
  /// the time of that run.
  static func clock(_ run: RunState, _ now: Duration) -> Double {
    if run.activity == .runningFull { return (now - run.activeSince) / .milliseconds(1) }
    let live = run.running.map { (now - $0.since) / .milliseconds(1) } ?? 0
    return RunTotals(run).prefillMilliseconds + (run.running?.step == .encoders ? 0 : live)
  }

  func render(in area: Rect, to frame: inout Frame) {
    frame.overlay(.header, on: area)
    var row = area
    let ascii = frame.glyphs.isASCII
    var parts = position[...]
    func joined() -> String { parts.joined(separator: " · ") + " " }
    func width() -> Int { StyledLine(joined()).width(ascii: ascii) }
    while parts.count > 1, width() > area.width - 12 { parts.removeFirst() }
    frame.write(joined(), in: row.cutRight(width()), as: .header)
    _ = row.cutRight(1)
    _ = row.cutLeft(1)
    frame.write(subject(in: row.width, ascii: ascii), in: row, as: .header)
  }

  /// Program, model and clip; where space is short, the program's name is left out.
  private func subject(in width: Int, ascii: Bool) -> String {
    guard !names.isEmpty else { return place }
    let whole = "\(place) · \(names)"
    return StyledLine(whole).width(ascii: ascii) <= width ? whole : names
  }
}

extension Measure {
  /// A number with `digits` decimals, or without decimals if it is an integer.
  static func number(_ value: Double, digits: Int) -> String {
    value == value.rounded() && abs(value) < 1e9 ? String(Int(value)) : number(value)
  }
}
