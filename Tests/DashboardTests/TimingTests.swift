import Basics
import Foundation
import Reports
import Runs
import Selection
import Terminal
import Testing

@testable import Dashboard

/// Screen 4, and what repeated runs say of times.
struct TimingTests {
  private let sample = SampleRun()

  static let peak = MachinePeak(flopsPerSecond: 1e12, threads: 2, precision: "bf16")

  /// The finished run, looked at, measured against a peak and repeated.
  static func repeated(_ sample: SampleRun = SampleRun()) -> App {
    var app = sample.finished
    _ = app.update(.key(.character("4")))
    _ = app.update(.message(.peak(peak)))
    let own = sample.records(31).dropFirst().map(\.totalMilliseconds)
    let full = [0] + sample.fullRun.layerMilliseconds + [2]
    for factor in [1.1, 0.9, 1.0] {
      for (isFull, steps) in [(false, own), (true, full)] {
        _ = app.update(
          .message(
            .repeated(RepeatRecord(isFull: isFull, stepMilliseconds: steps.map { $0 * factor }))))
      }
    }
    return app
  }

  private func rows(_ app: App, _ width: Int = 80, _ height: Int = 24) -> [String] {
    app.render(size: Size(width: width, height: height), look: Look()).glyphRows
  }

  private func row(_ name: String, _ app: App) -> String {
    rows(app, 160, 50).first { $0.contains(" \(name) ") } ?? ""
  }

  @Test func `the stage times of a prefill add up to its total`() {
    let timing = Timing(sample.finished.run)
    let parts = timing.stages.filter { !$0.isSum && $0.name != "encoders" }
    let prefill = timing.stages.first { $0.name == "prefill" }
    let sum = parts.reduce(0) { $0 + $1.milliseconds }
    #expect(abs(sum - (prefill?.milliseconds ?? 0)) < 1e-6)
    let full = parts.reduce(0) { $0 + ($1.fullMilliseconds ?? 0) }
    #expect(abs(full - sample.fullRun.prefillMilliseconds) < 1e-6)
    #expect(abs(timing.total - sum - sample.records(1)[0].milliseconds) < 1e-6)
  }

  @Test func `the timing screen shows FLOP/s and the share of the peak`() throws {
    let app = Self.repeated(sample)
    let layer = try #require(app.run.ledger.current.last { $0.step == .layer(1) })
    let rate = try #require(layer.executedFlops) / layer.totalMilliseconds / 1e6
    let text = row("layer 1", app)
    #expect(text.contains(" \(Measure.number(rate)) "))
    #expect(text.contains(" \(Measure.percent(rate / 1000)) "))
    var unmeasured = sample.finished
    _ = unmeasured.update(.key(.character("4")))
    #expect(!row("layer 1", unmeasured).contains(" \(Measure.percent(rate / 1000)) "))
  }

  @Test func `the timing screen measures the peak once, when idle`() {
    var app = sample.app(after: 4)
    _ = app.update(.message(.activity(.running)))
    #expect(app.update(.key(.character("4"))) == [])
    #expect(app.update(.message(.activity(.idle))) == [.send(.measurePeak)])
    #expect(app.update(.key(.character("1"))) == [])
    #expect(app.update(.key(.character("4"))) == [])
    #expect(rows(app).contains { $0.contains("measured when idle") })
    _ = app.update(.message(.peak(Self.peak)))
    #expect(rows(app).contains { $0.contains("1000 GFLOP/s on 2 threads") })
  }

  @Test func `repeated runs give medians, ranges and the speed-up`() throws {
    var app = sample.finished
    #expect(rows(app, 160, 50).contains { $0.contains("faster, 1 run") })
    app = Self.repeated(sample)
    let own = sample.records(31).dropFirst().reduce(0) { $0 + $1.totalMilliseconds }
    let full = sample.fullRun.prefillMilliseconds
    #expect(
      rows(app).contains {
        $0.contains("×  4.62 s (4.16-5.08)") && $0.contains("medians of 3")
      })
    let speedup = try #require(RunTotals(app.run).speedup)
    #expect(abs(speedup - full / own) < 1e-9)
    let layer = rows(app, 200, 60).first { $0.contains(" layer 3 ") }
    #expect(layer?.contains("199-243") == true)
  }

  @Test func `a new plan discards repetitions of the plan, not of full tokens`() {
    var app = Self.repeated(sample)
    _ = app.update(.key(.character("+")))
    #expect(app.run.repeats.count == 3)
    #expect(app.run.repeats.map(\.isFull) == [true, true, true])
    #expect(app.run.evidence == "1 run")
  }

  @Test func `the last 100 repetitions of the plan and of full tokens are kept`() {
    var app = sample.finished
    for milliseconds in 1...102 {
      for isFull in [true, false] where isFull || milliseconds < 50 {
        let record = RepeatRecord(isFull: isFull, stepMilliseconds: [Double(milliseconds)])
        _ = app.update(.message(.repeated(record)))
      }
    }
    #expect(app.run.spread(full: true) == Spread((3...102).map(Double.init)))
    #expect(app.run.spread(full: false) == Spread((1..<50).map(Double.init)))
  }

  @Test func `key R repeats a complete run`() {
    var app = sample.app(after: 4)
    #expect(app.update(.key(.character("R"))) == [])
    #expect(app.view.toast?.text.contains("complete run") == true)
    app = sample.finished
    #expect(app.update(.key(.character("R"))) == [.send(.repeatRuns(5))])
    _ = app.update(.message(.activity(.repeating)))
    #expect(app.update(.key(.character(" "))) == [.cancel])
  }

  @Test func `the parts of the timing screen never overlap`() {
    for width in 40..<210 {
      for height in 5..<60 {
        let area = Rect(x: 0, y: 1, width: width, height: height)
        let layout = TimingLayout(area, stages: 9, facts: 4)
        let parts = [layout.stages, layout.layers, layout.facts]
        for (index, part) in parts.enumerated() {
          #expect(area.contains(part))
          for other in parts.dropFirst(index + 1) { #expect(part.intersection(other).isEmpty) }
        }
      }
    }
  }

  @Test func `the timing screen fits on a terminal of 80 by 24`() {
    let text = rows(Self.repeated(sample)).joined(separator: "\n")
    for needed in [
      "encoders", "Stage I", "attention", "MLP", "selection", "head", "prefill", "of peak",
      "full ms", "decode", "KV", "1000 GFLOP/s", "medians of 3", "layer 28",
    ] { #expect(text.contains(needed), "\(needed)\n\(text)") }
  }
}

/// The form and screen 4 against recorded pictures.
struct FormAndTimingPictureTests {
  private func scene(_ name: String) -> App {
    switch name {
    case "timing": return TimingTests.repeated()
    case "breakpoints":
      var app = SampleRun().app(after: 5)
      for key in "jjbBvideo < 150" { _ = app.update(.key(.character(key))) }
      _ = app.update(.key(.enter))
      return app
    default:
      var app = SampleRun().app(after: 18)
      _ = app.update(.key(.character("e")))
      for key in [Key.down, .down, .down, .control("u"), .character("4"), .character("0")] {
        _ = app.update(.key(key))
      }
      return app
    }
  }

  @Test(
    arguments: ["timing", "editing", "breakpoints"],
    [(40, 12), (80, 24), (120, 40), (200, 60)])
  func `form and timing screens equal their snapshots`(_ name: String, _ size: (Int, Int)) throws {
    for (glyphs, depth) in [
      (Glyphs.utf8, ColorDepth.full), (.utf8, .mono), (.ascii, .full), (.ascii, .mono),
    ] {
      let look = Look(theme: .ansi, glyphs: glyphs, depth: depth)
      let picture = scene(name).render(size: Size(width: size.0, height: size.1), look: look)
        .picture
      let file = URL(filePath: #filePath).deletingLastPathComponent().appending(
        path:
          "Snapshots/\(name)-\(size.0)x\(size.1)-\(glyphs.isASCII ? "ascii" : "utf8")-\(depth).txt")
      if ProcessInfo.processInfo.environment["SEATS_TOP_RECORD"] == "1" {
        try picture.write(to: file, atomically: true, encoding: .utf8)
      }
      let recorded = try String(contentsOf: file, encoding: .utf8)
      #expect(picture == recorded, "\(file.lastPathComponent) differs:\n\(picture)")
    }
  }
}
