import Foundation
import Terminal
import Testing

@testable import Dashboard

/// Whole screens against recorded pictures: glyphs and styles. `SEATS_TOP_RECORD=1` records anew.
struct PictureTests {
  struct Case: Sendable, CustomTestStringConvertible {
    let scene: String
    let size: Size
    let glyphs: Glyphs
    let depth: ColorDepth

    var name: String {
      let characters = glyphs.isASCII ? "ascii" : "utf8"
      return "\(scene)-\(size.width)x\(size.height)-\(characters)-\(depth)"
    }
    var testDescription: String { name }
  }

  static let cases: [Case] = ["opened", "pruned", "finished"].flatMap { scene in
    [(80, 24), (120, 40), (40, 12)].flatMap { size in
      [Glyphs.utf8, .ascii].flatMap { glyphs in
        [ColorDepth.full, .mono].map { depth in
          Case(
            scene: scene, size: Size(width: size.0, height: size.1), glyphs: glyphs, depth: depth)
        }
      }
    }
  }

  /// The screens of measurements, at fewer sizes.
  static let studies: [Case] = ["compared", "dependency", "swept"].flatMap { scene in
    [(80, 24), (120, 40)].flatMap { size in
      [(Glyphs.utf8, ColorDepth.full), (.ascii, .mono)].map { glyphs, depth in
        Case(
          scene: scene, size: Size(width: size.0, height: size.1), glyphs: glyphs, depth: depth)
      }
    }
  }

  static let large: [Case] = [
    Case(
      scene: "finished", size: Size(width: 200, height: 60), glyphs: .utf8, depth: .full),
    Case(
      scene: "pruned", size: Size(width: 200, height: 60), glyphs: .ascii, depth: .mono),
  ]

  /// Screens 2 and 3 at every size once, and in every other look at the smallest complete one.
  static let pages: [Case] = ["windows", "windows-passing", "tokens", "tokens-heat"].flatMap {
    scene in
    [(80, 24), (120, 40), (200, 60), (40, 12)].map { size in
      Case(
        scene: scene, size: Size(width: size.0, height: size.1), glyphs: .utf8, depth: .full)
    }
      + [(Glyphs.utf8, ColorDepth.mono), (.ascii, .full), (.ascii, .mono)].map { look in
        Case(scene: scene, size: Size(width: 80, height: 24), glyphs: look.0, depth: look.1)
      }
  }

  private static let folder = URL(filePath: #filePath).deletingLastPathComponent()
    .appending(path: "Snapshots")

  private func scene(_ name: String) -> App {
    let sample = SampleRun()
    switch name {
    case "opened": return sample.app(after: 2)
    case "pruned": return sample.app(after: 18)
    case "windows": return pressing("2", sample.app(after: 18))
    case "windows-passing": return pressing("2jj", sample.app(after: 10))
    case "tokens": return pressing("3jjlll", sample.app(after: 18))
    case "tokens-heat": return pressing("3rjjjjjjjjlll", sample.app(after: 22))
    case "compared": return sample.studied(.compare)
    case "dependency": return sample.studied(.dependency)
    case "swept": return sample.studied(.sweep, points: 9)
    default: return sample.finished
    }
  }

  private func pressing(_ keys: String, _ app: App) -> App {
    var app = app
    for key in keys { _ = app.update(.key(.character(key))) }
    return app
  }

  @Test(arguments: cases + studies + large + pages)
  func `the screen looks as recorded`(_ one: Case) throws {
    let app = scene(one.scene)
    let look = Look(theme: .ansi, glyphs: one.glyphs, depth: one.depth)
    let picture = app.render(size: one.size, look: look).picture
    let file = Self.folder.appending(path: one.name + ".txt")
    if ProcessInfo.processInfo.environment["SEATS_TOP_RECORD"] == "1" {
      try picture.write(to: file, atomically: true, encoding: .utf8)
    }
    let recorded = try String(contentsOf: file, encoding: .utf8)
    #expect(
      picture == recorded, "\(one.name) differs; SEATS_TOP_RECORD=1 records anew:\n\(picture)")
  }

  @Test func `the help looks as recorded`() throws {
    var app = SampleRun().app(after: 2)
    _ = app.update(.key(.character("?")))
    let picture = app.render(size: Size(width: 80, height: 24), look: Look()).picture
    let file = Self.folder.appending(path: "help-80x24-utf8-full.txt")
    if ProcessInfo.processInfo.environment["SEATS_TOP_RECORD"] == "1" {
      try picture.write(to: file, atomically: true, encoding: .utf8)
    }
    #expect(try picture == String(contentsOf: file, encoding: .utf8))
  }
}
