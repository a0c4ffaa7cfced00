import ArgumentParser
import Evaluations
import Foundation
import Runs

/// `seats-top bench`: measures median times of repeated runs.
struct BenchCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "bench",
    abstract: "Time repeated runs by stage, and compare with full tokens.")

  @OptionGroup var options: RunOptions

  @Option(help: "Measured runs, 1 to 1000.")
  var repeats = 3

  @Option(help: "Warm-up runs before the measured ones, 0 to 1000.")
  var warmups = 1

  @Option(help: "Output format: text or json.")
  var format = BenchFormat.text

  func validate() throws {
    guard (1...1000).contains(repeats) else {
      throw ValidationError("--repeats takes a count from 1 to 1,000, not \(repeats).")
    }
    guard (0...1000).contains(warmups) else {
      throw ValidationError("--warmups takes a count from 0 to 1,000, not \(warmups).")
    }
  }

  func run() async throws {
    var request = try options.request()
    // The encoder cache is turned off, because the encoders are measured too.
    request.cache?.mostEncodingBytes = 0
    let start = ContinuousClock.now
    let opened = try await OpenedRun(request, onEvent: Console.report)
    let loading = start.duration(to: .now) / .milliseconds(1)
    let bench = try PrefillBench.run(opened, request, warmups: warmups, repeats: repeats)
    switch format {
    case .json: try Console.emit(JSONEncoder.pretty(bench))
    case .text:
      let table = BenchTable(bench, opened, openMilliseconds: loading)
      try Console.emit(Data(table.rendered.utf8))
    }
  }
}

/// The result of `bench` as text.
struct BenchTable {
  private let bench: PrefillBench
  private let opened: OpenedRun
  private let openMilliseconds: Double

  init(_ bench: PrefillBench, _ opened: OpenedRun, openMilliseconds: Double) {
    self.bench = bench
    self.opened = opened
    self.openMilliseconds = openMilliseconds
  }

  var rendered: String {
    let model = opened.subject.model
    var lines = [
      "model   \(model.name): \(model.decoder.layers) layers, hidden \(model.decoder.hidden), "
        + "computed in \(bench.compute) by \(bench.threads) threads",
      String(
        format: "ready   %.0f ms after the start; at most %.2f GiB resident", openMilliseconds,
        Double(bench.peakResidentBytes) / Double(1 << 30)),
      "peak    "
        + (bench.peakGflopsPerCore.map { String(format: "%.0f GFLOP/s per core, measured", $0) }
          ?? "unknown: no vector instructions for \(bench.compute) here"),
    ]
    for result in bench.courses { lines += [""] + rows(result) }
    if let plan = bench.courses.first, bench.courses.count == 2 { lines += ["", ratio(plan)] }
    if !bench.notices.isEmpty { lines += [""] + Footnotes(bench.notices).lines }
    return lines.joined(separator: "\n") + "\n"
  }

  private func rows(_ result: PrefillBench.PlanResult) -> [String] {
    let columns = columns
    let title = columns.map { $0.aligned($0.title) }.joined()
    let stages = (result.stages + [result.prefill]).map { stage in
      columns.map { $0.aligned($0.cell(stage)) }.joined()
    }
    return [
      "\(result.method): \(result.enteringTokens) of \(result.promptTokens) tokens enter layer 1",
      title,
    ] + stages + [
      String(
        format: "in layers, wall ms: attention %.1f, feed-forward %.1f, selection %.2f",
        result.attentionMs, result.feedForwardMs, result.selectionMs)
    ]
  }

  /// A column of the table of stages.
  private struct Column {
    let title: String
    /// Width of the column, in characters. Text is aligned to the left, numbers to the right.
    let width: Int
    var isWord = false
    let cell: (PrefillBench.Stage) -> String

    func aligned(_ text: String) -> String {
      let space = String(repeating: " ", count: max(0, width - text.count))
      return isWord ? text + space : space + text
    }
  }

  private var columns: [Column] {
    func number(
      _ title: String, _ width: Int = 10, _ value: @escaping (PrefillBench.Stage) -> Double
    ) -> Column {
      Column(title: title, width: width) { String(format: "%.1f", value($0)) }
    }
    return [
      Column(title: "stage", width: 9, isWord: true) { $0.name },
      number("wall ms") { $0.wallMs.median }, number("least") { $0.wallMs.least },
      number("most") { $0.wallMs.most }, number("CPU ms") { $0.cpuMs.median },
      number("GFLOP/CPU-s", 13) { $0.gflopsPerCpuSecond },
      Column(title: "of peak", width: 9) { [peak = bench.peakGflopsPerCore] stage in
        peak.map { String(format: "%.0f%%", 100 * stage.gflopsPerCpuSecond / $0) } ?? ""
      },
    ]
  }

  /// The ratio of the prefill times with and without the plan, as text.
  private func ratio(_ plan: PrefillBench.PlanResult) -> String {
    let full = bench.courses[1]
    return String(
      format: "prefill %.2f× faster by wall time, %.2f× by CPU time, for %.2f× fewer FLOPs",
      full.prefill.wallMs.median / max(plan.prefill.wallMs.median, 1e-9),
      full.prefill.cpuMs.median / max(plan.prefill.cpuMs.median, 1e-9),
      full.prefill.executedFlops / max(plan.prefill.executedFlops, 1))
  }
}

enum BenchFormat: String, ExpressibleByArgument, CaseIterable {
  case text, json
}
