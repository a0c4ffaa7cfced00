import Runs
import Selection
import Terminal
import Testing

@testable import Dashboard

struct TokensScreenTests {
  private let sample = SampleRun()

  private func open(after steps: Int, at row: Int? = nil) -> App {
    var app = sample.app(after: steps)
    _ = app.update(.key(.character("3")))
    app.view.inspected = row
    return app
  }

  private func screen(_ app: App, _ size: Size = Size(width: 80, height: 24)) -> String {
    app.render(size: size, look: Look()).glyphRows.joined(separator: "\n")
  }

  @Test func `dropped tokens are dimmed as the cursor moves to later layers`() throws {
    let app = open(after: 31)
    for row in 0..<31 {
      let drops = DropMap(app.run, upTo: row)
      let there = drops.droppedAfter.indices.filter { drops.isThere($0) }
      let leaving = try #require(app.run.row(row)).leaving
      #expect(ModalityCounts(there.map { sample.subject.prompt.modalities[$0] }) == leaving)
    }
  }

  @Test func `every dropped token has a layer and a reason`() throws {
    let app = open(after: 31)
    let drops = DropMap(app.run, upTo: 30)
    for position in stride(from: 40, to: 1900, by: 7) {
      let details = TokenDetails(app.run, position, at: 30)
      let text = details.outcome.spans.map(\.text).joined()
      let decisions = app.run.decisions(on: position)
      #expect(decisions.last?.row == drops.droppedAfter[position])
      #expect(decisions.dropLast().allSatisfy { $0.isKept })
      switch drops.droppedAfter[position] {
      case 1: #expect(text.contains("at Stage I"))
      case 24: #expect(text.contains("late removal"))
      case let row?:
        #expect(text.contains("after layer \(row - 1)"))
        let score = try #require(decisions.last?.score)
        if let cut = decisions.last?.cut {
          #expect(score < cut.score)
          #expect(text.contains("the lowest of the \(cut.kept) kept of \(cut.of)"))
        } else {
          #expect(text.contains("no token of its modality kept"))
        }
      case nil: Issue.record("\(position) survives the removal")
      }
    }
    #expect(TokenDetails(app.run, 3, at: 30).outcome.spans.first?.text == "text, never dropped")
  }

  @Test func `merged tokens and their survivors name each other`()
    throws
  {
    let stage1 = try #require(sample.records(2).last)
    let plain = try #require(stage1.drop)
    let video = { (position: Int) in sample.subject.prompt.modalities[position] == .video }
    let survivor = try #require(plain.kept.first(where: video))
    let kept = Set(plain.kept)
    let gone = plain.before.filter { video($0) && !kept.contains($0) }.prefix(7)
    let merged = DropRecord(
      kind: plain.kind, path: plain.path, before: plain.before, kept: plain.kept, scores: [],
      windows: [],
      merges: gone.map { TokenMerge(token: $0, survivor: survivor, weight: 0.75) })
    let record = StepRecord(
      step: stage1.step, entering: stage1.entering, leaving: stage1.leaving, milliseconds: 1,
      selectionMilliseconds: 1, keyValueBytes: 0, referenceFlops: 0, executedFlops: 0, drop: merged)
    var app = sample.app(after: 1)
    _ = app.update(.message(.advanced(record)))
    func text(_ position: Int) -> String {
      let details = TokenDetails(app.run, position, at: 1)
      return (details.outcome.spans + details.history.flatMap(\.spans)).map(\.text).joined()
    }
    #expect(text(survivor).contains("absorbed 7 tokens"))
    #expect(text(survivor).contains("✓ kept, absorbed 7"))
    let first = try #require(gone.first)
    let rank = (0...survivor).count(where: video)
    #expect(
      text(first).contains(
        "merged into video token \(rank) (position \(survivor + 1)), weight 0.75"))
    let other = try #require(plain.before.last { video($0) && !kept.contains($0) })
    #expect(!text(other).contains("merged"))
  }

  @Test func `arrow keys move the token cursor through frames, audio and text`() throws {
    var app = open(after: 2)
    let places = try #require(app.run.places)
    #expect(app.tokenCursor == places.clips[0].video.first)
    _ = app.update(.key(.right))
    #expect(app.tokenCursor == places.clips[0].video[1])
    for _ in 0..<8 { _ = app.update(.key(.right)) }
    #expect(app.tokenCursor == places.clips[0].video[72], "on to the next frame, same row")
    _ = app.update(.key(.left))
    #expect(app.tokenCursor == places.clips[0].video[8])
    for _ in 0..<7 { _ = app.update(.key(.down)) }
    #expect(app.tokenCursor == places.clips[0].video[71])
    _ = app.update(.key(.down))
    #expect(app.tokenCursor.map { places.modalities[$0] } == .audio)
    #expect(app.tokenCursor.map { places.ordinal($0) } == 23, "the sound of that moment")
    _ = app.update(.key(.up))
    #expect(app.tokenCursor == places.clips[0].video[71])
    _ = app.update(.key(.end))
    #expect(app.tokenCursor == places.clips[0].video.last)
    for _ in 0..<20 { _ = app.update(.key(.down)) }
    #expect(app.tokenCursor == places.text.last)
    _ = app.update(.key(.up))
    #expect(app.tokenCursor == places.clips[0].audio.last)
  }

  @Test func `every key leaves the token cursor on an existing token`() throws {
    for (video, audio) in [(1440, 500), (0, 500), (1440, 0), (0, 0), (20, 3)] {
      var app = SampleRun(video: video, audio: audio).app(after: 2)
      _ = app.update(.key(.character("3")))
      let count = try #require(app.run.places).modalities.count
      var state: UInt64 = 1
      let keys: [Key] = [
        .up, .down, .left, .right, .pageUp, .pageDown, .home, .end, .character("z"),
      ]
      for _ in 0..<400 {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        _ = app.update(.key(keys[Int(state >> 33) % keys.count]))
        let cursor = try #require(app.tokenCursor)
        #expect((0..<count).contains(cursor))
      }
    }
  }

  @Test func `a click on the tokens screen selects the token drawn there`() throws {
    let app = open(after: 2)
    let places = try #require(app.run.places)
    for size in [(40, 12), (80, 24), (120, 40), (200, 60)] {
      let body = AppLayout(Size(width: size.0, height: size.1)).body
      let layout = app.filmLayout(in: TokensLayout(body).film)
      let walk = TokenCursor(places, places.clips[0], layout)
      for frame in layout.page {
        for row in layout.rows {
          for column in layout.columns {
            let cells = layout.token(frame, row: row, column: column)
            let expected = places.clips[0].video[frame * 72 + row * 9 + column]
            for y in cells.y..<cells.bottom {
              for x in cells.x..<cells.right {
                #expect(walk.position(x: x, y: y) == expected)
              }
            }
          }
        }
        let sound = layout.sound(frame)
        for x in sound.x..<sound.right {
          let position = try #require(walk.position(x: x, y: sound.y))
          #expect(places.frame(of: position) == frame)
        }
      }
      #expect(walk.position(x: 0, y: 0) == nil)
    }
  }

  @Test func `frames on the tokens screen never overlap and stay in their area`() {
    for width in [10, 38, 78, 130, 198] {
      for height in [1, 3, 6, 9, 14, 33, 52] {
        for (rows, columns) in [(0, 1), (1, 1), (4, 4), (18, 36), (1, 200)] {
          for zoom in [nil] + FrameLayout.scales.map(Optional.init) {
            let area = Rect(x: 1, y: 4, width: width, height: height)
            let layout = FrameLayout(
              area, .init(frames: 30, rows: rows, columns: columns, hasSound: true),
              cursor: (29, max(0, rows - 1), columns - 1), zoom: zoom)
            #expect(layout.page.contains(29))
            #expect(rows == 0 || layout.rows.contains(rows - 1))
            #expect(layout.columns.contains(columns - 1))
            for frame in layout.page {
              #expect(area.contains(layout.place(frame)))
              #expect(layout.picture(frame).intersection(layout.sound(frame)).isEmpty)
              for other in layout.page where other != frame {
                #expect(layout.place(frame).intersection(layout.place(other)).isEmpty)
              }
            }
          }
        }
      }
    }
  }

  @Test(arguments: [(120, 40), (160, 48), (200, 60)])
  func `frames and sound cover most of the room on large screens`(
    width: Int, height: Int
  ) throws {
    let app = open(after: 2)
    let body = AppLayout(Size(width: width, height: height)).body
    let area = TokensLayout(body).film
    let layout = app.filmLayout(in: area)
    let covered = layout.page.reduce(0) { sum, frame in
      let place = layout.place(frame)
      return sum + place.width * place.height
    }
    #expect(
      Double(covered) > 0.75 * Double(area.width * area.height),
      "\(layout.page.count) frames cover \(covered) of \(area.width * area.height) cells")
    #expect(Double(area.width * area.height) > 0.55 * Double(body.width * body.height))
  }

  @Test func `all audio tokens of a frame are drawn below it at any width`() throws {
    let places = try #require(open(after: 2).run.places)
    for cells in [1, 7, 16, 25, 33, 80] {
      for frame in 0..<20 {
        let span = SoundSpan(frame, places.clips[0], cells: cells)
        #expect(span.tokens == frame * 25..<(frame + 1) * 25)
        let seen = Set((0..<cells).flatMap { Array(span.tokens(under: $0)) })
        #expect(seen == Set(span.tokens))
      }
    }
  }

  @Test func `relevance is coloured by rank, and refused before it is computed`() throws {
    var early = open(after: 2)
    _ = early.update(.key(.character("r")))
    #expect(early.view.toast?.text.contains("no relevance") == true)
    let app = open(after: 20)
    let heat = try #require(RelevanceHeat(app.run, upTo: 17))
    let drop = try #require(app.run.ledger.records[17].drop)
    let media = zip(drop.before, drop.scores).filter {
      sample.subject.prompt.modalities[$0.0] != .text
    }
    let best = try #require(media.max { $0.1 < $1.1 }).0
    let share = try #require(heat[best])
    #expect(share > 0.99)
    #expect(heat[0] == nil, "text is not coloured")
  }

  @Test func `the zoom key cycles through fixed sizes and automatic`() {
    var app = open(after: 2)
    for expected in FrameLayout.scales.map(Optional.init) + [nil] {
      _ = app.update(.key(.character("z")))
      #expect(app.view[TokensScreen.self].zoom == expected)
    }
  }

  @Test func `dropped tokens are visible without colour`() {
    let app = open(after: 18, at: 17)
    for look in [Look(depth: .mono), Look(glyphs: .ascii, depth: .mono)] {
      let frame = app.render(size: Size(width: 120, height: 40), look: look)
      let text = frame.glyphRows.joined(separator: "\n")
      #expect(text.contains("dropped at"))
      let shades = Set(look.glyphs.shades)
      #expect(text.contains { shades.contains($0) }, "survivors are drawn in shades")
      #expect(text.contains("11"), "those that go now are filled with their mark")
    }
  }

  @Test
  func `the tokens screen shows a clip without frames or without audio`() {
    for (video, audio) in [(0, 500), (1440, 0), (0, 0)] {
      var app = SampleRun(video: video, audio: audio).app(after: 20)
      for key in "32" {
        _ = app.update(.key(.character(key)))
        #expect(screen(app).contains("after layer 18"))
      }
    }
  }
}
