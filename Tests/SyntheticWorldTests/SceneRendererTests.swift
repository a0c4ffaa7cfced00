import Testing

@testable import SyntheticWorld

@Suite struct SceneRendererTests {
  @Test(arguments: try SharedScene.all())
  func `rendered frames equal those of the training renderer bit for bit`(shared: SharedScene)
    throws
  {
    let frames = try SceneRenderer(shared.scene).frames()
    #expect(frames.map(checksum) == shared.frames)
  }

  @Test(arguments: try SharedScene.all())
  func `rendered audio equals the training renderer's within 1e-6`(shared: SharedScene) throws {
    let samples = try SceneRenderer(shared.scene).waveform()
    #expect(samples.count == shared.scene.sampleCount)
    for point in shared.points {
      #expect(abs(Double(samples[Int(point[0])]) - point[1]) <= 1e-6)
    }
    let energy = samples.reduce(0.0) { $0 + Double($1) * Double($1) }
    #expect(abs(energy - shared.energy) <= 1e-6 * max(1, shared.energy))
  }

  @Test func `scene frames without motion and with fixed grain are equal`() throws {
    let figure = Figure(
      colour: .red, shape: .ring, place: .centre, motion: .still, offset: [0, 0], radius: 12,
      shade: 0, frames: [0, 4])
    let frames = try SceneRenderer(.quiet(figures: [figure])).frames()
    #expect(Set(frames).count == 1)
  }

  @Test func `a brief figure appears only in its own frames`() throws {
    let figure = Figure(
      colour: .white, shape: .square, place: .left, motion: .still, offset: [0, 0], radius: 12,
      shade: 0, frames: [2, 2])
    let frames = try SceneRenderer(.quiet(figures: [figure])).frames()
    #expect(frames[0] == frames[1])
    #expect(frames[1] != frames[2])
    #expect(frames[2] == frames[3])
  }

  @Test func `a scene without noise and events is silent`() throws {
    let samples = try SceneRenderer(.quiet(figures: [])).waveform()
    #expect(samples.allSatisfy { $0 == 0 })
  }
}

extension Scene {
  /// One window with some figures, without noise of any kind.
  static func quiet(figures: [Figure]) -> Scene {
    let window = Window(shapes: figures, sound: Sound(kind: .silence, event: nil))
    return Scene(seed: 3, clutter: 5, grain: 0, flicker: false, hiss: 0, windows: [window])
  }
}
