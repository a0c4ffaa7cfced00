import Selection
import Terminal
import Testing

@testable import Dashboard

struct WindowsScreenTests {
  private let sample = SampleRun()

  private func screen(_ app: App) -> String {
    app.render(size: Size(width: 80, height: 24), look: Look()).glyphRows.joined(separator: "\n")
  }

  private func open(after steps: Int, at row: Int) -> App {
    var app = sample.app(after: steps)
    _ = app.update(.key(.character("2")))
    app.view.inspected = row
    return app
  }

  @Test func `arrow keys on the windows screen move the shared step cursor`() {
    var app = open(after: 20, at: 17)
    _ = app.update(.key(.left))
    #expect(app.selectedRow == 16)
    _ = app.update(.key(.right))
    _ = app.update(.key(.character(".")))
    #expect(app.selectedRow == 18)
    _ = app.update(.key(.character("1")))
    #expect(app.selectedRow == 18)
  }

  @Test func `the windows shown for a drop are those of its budgets`() throws {
    let app = open(after: 20, at: 17)
    let drop = try #require(app.run.ledger.records[17].drop)
    let windows = BoundaryWindows(app.run, row: 17)
    #expect(windows.areFoundAgain)
    #expect(windows.lines.map(\.record) == drop.windows)
    #expect(windows.lines.reduce(0) { $0 + $1.video.after } == app.run.row(17)?.leaving.video)
    #expect(windows.lines.reduce(0) { $0 + $1.audio.before } == app.run.row(17)?.entering.audio)
    #expect(windows.lines[3].video.seconds == 6..<8)
    #expect(screen(app).contains("after layer 16 of 28"))
  }

  @Test func `the windows screen shows token counts when there are no weights`() {
    for row in [0, 1, 5, 24] {
      let app = open(after: 28, at: row)
      let windows = BoundaryWindows(app.run, row: row)
      let (before, after) = (app.run.row(row)?.entering, app.run.row(row)?.leaving)
      #expect(windows.lines.count == 10)
      #expect(!windows.areFoundAgain)
      #expect(windows.lines.reduce(0) { $0 + $1.video.before } == before?.video, "row \(row)")
      #expect(windows.lines.reduce(0) { $0 + $1.audio.after } == after?.audio, "row \(row)")
    }
    #expect(screen(open(after: 28, at: 1)).contains("diversity × attention"))
    #expect(screen(open(after: 28, at: 24)).contains("late removal"))
    #expect(screen(open(after: 28, at: 5)).contains("next after layer 16"))
  }

  @Test func `the windows screen shows current tokens before a boundary has run`() {
    let app = open(after: 5, at: 18)
    #expect(screen(app).contains("not run yet"))
    let windows = BoundaryWindows(app.run, row: 18)
    #expect(windows.lines.allSatisfy { $0.before == $0.after })
    #expect(
      windows.lines.reduce(0) { $0 + $1.before }
        == app.run.row(4).map {
          $0.leaving.video + $0.leaving.audio
        })
  }

  @Test func `the evenness of window weights is shown as a number and a word`() throws {
    let uniform = try #require(WeightSpread([0.25, 0.25, 0.25, 0.25]))
    #expect(uniform.entropy == 2)
    #expect(uniform.mostEntropy == 2)
    #expect(uniform.ratio == 1)
    #expect(uniform.word == "uniform")
    let one = try #require(WeightSpread([1, 0, 0, 0]))
    #expect(one.entropy == 0)
    #expect(one.ratio == .infinity)
    #expect(WeightSpread([1]) == nil)
    #expect(screen(open(after: 20, at: 17)).contains("entropy 3.3"))
  }

  @Test func `pairs of video and audio that share no time are marked`() {
    let apart = WindowLine(
      video: .init(before: 3, after: 1, seconds: 0..<2),
      audio: .init(before: 2, after: 1, seconds: 4..<6), clip: nil, record: nil)
    #expect(apart.isApart)
    #expect(apart.seconds == 0..<6)
    let alone = WindowLine(
      video: .init(before: 3, after: 1, seconds: 0..<2),
      audio: .init(before: 0, after: 0, seconds: nil), clip: nil, record: nil)
    #expect(!alone.isApart)
    #expect(alone.seconds == 0..<2)
  }

  @Test func `the parts of the windows screen never overlap`() {
    for width in [40, 80, 200] {
      for height in 7..<60 {
        for windows in [0, 1, 6, 10, 400] {
          let area = Rect(x: 0, y: 2, width: width, height: height)
          let layout = WindowsLayout(area, summary: 4, windows: windows)
          let parts = [layout.summary, layout.table, layout.lanes, layout.details]
          for (index, part) in parts.enumerated() {
            #expect(area.contains(part))
            for other in parts.dropFirst(index + 1) {
              #expect(part.intersection(other).isEmpty)
            }
          }
          #expect(layout.table.height >= min(windows + 1, 3))
        }
      }
    }
  }
}
