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

  private static let looks = [
    (Glyphs.utf8, ColorDepth.full), (.utf8, .mono), (.ascii, .full), (.ascii, .mono),
  ]

  private static func cases(
    _ scenes: [String], _ sizes: [(Int, Int)], _ looks: [(Glyphs, ColorDepth)]
  ) -> [Case] {
    scenes.flatMap { scene in
      sizes.flatMap { size in
        looks.map {
          Case(
            scene: scene, size: Size(width: size.0, height: size.1), glyphs: $0.0, depth: $0.1)
        }
      }
    }
  }

  /// Every screen at every size in every look; screen 4 is among the times.
  static let screens = cases(
    ["pruned", "windows", "tokens", "compared", "dependency", "worth", "swept", "input", "log"],
    [(40, 12), (80, 24), (120, 40), (200, 60)], looks)

  /// Other states, and what lies above a screen, in the two looks that differ most.
  static let states = cases(
    [
      "opened", "finished", "windows-passing", "tokens-heat", "help", "details", "options",
      "searching", "lens", "lens-most", "lens-timing", "heads", "palette", "asking",
      "compared-unasked",
    ], [(40, 12), (80, 24), (120, 40)], [looks[0], looks[3]])

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
    case "input": return pressing("8", sample.finished)
    case "log": return pressing("9", logged(sample.finished))
    case "help": return pressing("?", sample.app(after: 2))
    case "options": return pressing("ojj", sample.finished)
    case "palette": return pressing(":late", sample.app(after: 2))
    case "asking": return pressing("i", sample.finished)
    case "compared-unasked": return pressing("5", sample.finished)
    case "searching": return pressing("/layer 2", sample.finished)
    case "details":
      var app = sample.app(after: 18)
      _ = app.update(.key(.enter))
      return app
    case "lens": return lens("G", sample)
    case "lens-most": return lens("lG", sample)
    case "lens-timing": return lens("4", sample)
    case "heads": return lens("Hkkkkll", sample)
    case "compared": return sample.studied(.compare)
    case "dependency": return sample.studied(.dependency)
    case "worth": return sample.weighed()
    case "swept": return sample.studied(.sweep, points: 9)
    default: return sample.finished
    }
  }

  /// A finished run with a lens.
  private func lens(_ keys: String, _ sample: SampleRun) -> App {
    var app = sample.finished
    let update = sample.lens(layers: sample.subject.model.decoder.layers)
    _ = app.update(.message(.lens(update)))
    var full = sample.fullRun
    full.lens = update.records
    _ = app.update(.message(.fullRun(full)))
    return pressing(keys, app)
  }

  /// More than fits on the smallest screens, of every kind.
  private func logged(_ app: App) -> App {
    var app = app
    for index in 1...12 {
      _ = app.update(.clock(.seconds(index)))
      _ = app.update(.message(.logged("note \(index)")))
    }
    _ = app.update(.message(.warned("the clip was cut to 20.0 s: 漢字 and \u{1b}[31m stay harmless")))
    _ = app.update(.message(.failed("there is no room left on the disk for the report")))
    _ = app.update(.clock(.seconds(60)))
    return app
  }

  private func pressing(_ keys: String, _ app: App) -> App {
    var app = app
    for key in keys { _ = app.update(.key(.character(key))) }
    return app
  }

  @Test(arguments: screens + states)
  func `every screen equals its snapshot`(_ one: Case) throws {
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
}
