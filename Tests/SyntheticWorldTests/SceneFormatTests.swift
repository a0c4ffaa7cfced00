import Foundation
import Testing

@testable import SyntheticWorld

@Suite struct SceneFormatTests {
  @Test func `a scene written to a file and read back is equal`() throws {
    for shared in try SharedScene.all() {
      let text = String(decoding: try JSONEncoder().encode(shared.scene), as: UTF8.self)
      #expect(try Scene(parsing: text) == shared.scene)
    }
  }

  @Test func `a scene value that cannot be rendered is an error with its key`() {
    let event = Sound.Event(onset: 1_500, length: 900, level: 300, pitch: [300, 300])
    let window = Window(shapes: [], sound: Sound(kind: .low, event: event))
    let scene = Scene(
      seed: 1, clutter: 0, grain: 0, flicker: false, hiss: 0, windows: [window])
    #expect(
      throws: SyntheticWorldError.outOfRange(
        path: "windows[0].sound.length", value: 900, allowed: 0...500)
    ) { try SceneRenderer(scene) }
  }

  @Test func `a scene without windows is refused`() {
    let scene = Scene(seed: 1, clutter: 0, grain: 0, flicker: false, hiss: 0, windows: [])
    #expect(throws: SyntheticWorldError.emptyScene) { try SceneRenderer(scene) }
  }

  @Test func `a tone without a pitch is refused`() {
    let event = Sound.Event(onset: 0, length: 900, level: 300, pitch: nil)
    let window = Window(shapes: [], sound: Sound(kind: .high, event: event))
    let scene = Scene(
      seed: 1, clutter: 0, grain: 0, flicker: false, hiss: 0, windows: [window])
    #expect(
      throws: SyntheticWorldError.wrongCount(
        path: "windows[0].sound.pitch", expected: 2, found: 0)
    ) { try SceneRenderer(scene) }
  }

  @Test func `an invalid scene file is an error with the reason`() {
    #expect(throws: SyntheticWorldError.self) { try Scene(parsing: "{\"seed\": 1}") }
  }
}
