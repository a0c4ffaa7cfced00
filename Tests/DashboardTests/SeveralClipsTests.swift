import Foundation
import Runs
import Selection
import Terminal
import Testing

@testable import Dashboard

/// The screens of a conversation about several clips.
@Suite struct `Several clips` {
  /// A video of two grids with sound, a picture, and a silent video of three grids.
  static let subject: RunSubject = {
    let letters = "TVVAVVAATITVVVT"
    let clips: [Int?] = letters.enumerated().map { index, letter in
      letter == "T" ? nil : index < 8 ? 0 : letter == "I" ? 1 : 2
    }
    let kinds: [Character: Modality] = ["T": .text, "V": .video, "A": .audio, "I": .image]
    let modalities = letters.map { kinds[$0] ?? .text }
    let tokens = modalities.indices.map {
      PromptToken(id: $0, modality: modalities[$0], clip: clips[$0])
    }
    func pictures(_ times: Int, _ columns: Int) -> VideoPictures? {
      VideoPictures(
        times: times, rows: 1, columns: columns, secondsPerGrid: 1, side: 1,
        pixels: Data(repeating: 90, count: times * columns * 3))
    }
    func part(_ kind: String, _ title: String, image: Int = 0, video: Int = 0, audio: Int = 0)
      -> ClipPart
    {
      ClipPart(
        place: "messages[0].content[0]", kind: kind, title: title, source: title, seconds: 2,
        frames: 4, image: image, video: video, audio: audio)
    }
    return RunSubject(
      model: ModelSummary(
        name: "tiny", architecture: "Qwen2_5OmniThinkerForConditionalGeneration",
        decoder: DecoderShape(
          layers: 4, hidden: 8, keyValueWidth: 4, intermediate: 16, vocabulary: 100),
        dtype: "float32", parameters: 1000),
      clip: ClipSummary(
        title: "talk.json", source: "talk.json", seconds: 5, frames: 10, question: "Which?",
        choices: [], answer: nil, audit: [],
        parts: [
          part("video", "a.mp4", video: 4, audio: 3), part("image", "b.png", image: 1),
          part("video", "c.mp4", video: 3),
        ]),
      prompt: PromptSummary(
        modalities: modalities, windows: 3, tokensPerGrid: 2, tokens: tokens,
        clips: [
          ClipShape(video: 4, audio: 3, tokensPerGrid: 2),
          ClipShape(video: 0, audio: 0, tokensPerGrid: 0),
          ClipShape(video: 3, audio: 0, tokensPerGrid: 1),
        ]),
      media: PromptMedia(
        clips: [
          ClipMedia(
            video: pictures(2, 2),
            audio: AudioLevels(
              tokens: 3, bands: 1, secondsPerToken: 0.5, levels: Data([1, 2, 3]))),
          ClipMedia(), ClipMedia(video: pictures(3, 1)),
        ], text: ["<", "a", "b", ">"]))
  }()

  private func open(_ key: Character) -> App {
    var app = App()
    let settings = SelectionSettings(dropLayers: [1], lateLayer: 3)
    let plan = settings.plan(for: Self.subject.promptShape)
    _ = app.update(.message(.opened(Self.subject, settings: settings, plan: plan)))
    _ = app.update(.resized(Size(width: 80, height: 24)))
    _ = app.update(.key(.character(key)))
    return app
  }

  private func screen(_ app: App, _ size: Size = Size(width: 80, height: 24)) -> String {
    app.render(size: size, look: Look()).glyphRows.joined(separator: "\n")
  }

  @Test func `the frames shown are those of the clip under the cursor`() {
    var app = open("3")
    #expect(screen(app).contains("clip 1 of 3, a.mp4"))
    #expect(screen(app).contains("video token 1 of 4"))
    _ = app.update(.key(.end))
    #expect(app.tokenCursor == 13)
    #expect(screen(app).contains("clip 3 of 3, c.mp4"))
    #expect(screen(app).contains("video token 3 of 3"))
    _ = app.update(.key(.home))
    for _ in 0..<4 { _ = app.update(.key(.right)) }
    #expect(app.tokenCursor == 11, "beyond the end of a clip lies the next one with a film")
    _ = app.update(.key(.left))
    #expect(app.tokenCursor == 5)
  }

  @Test func `temporal windows name their clip when there are several`() {
    var app = open("2")
    let shown = screen(app)
    #expect(shown.contains("clip"))
    let lines = BoundaryWindows(app.run, row: 0).lines
    #expect(lines.map(\.clip) == [0, 0, 2])
    #expect(lines.map(\.video.before) == [2, 2, 3] && lines.map(\.audio.before) == [1, 2, 0])
    #expect(WindowDetails(BoundaryWindows(app.run, row: 0), index: 2).title.contains("of clip 3"))
    _ = app.update(.key(.end))
    #expect(screen(app, Size(width: 200, height: 60)).contains("window 3 of 3"))
  }

  @Test func `a run of several clips is drawn at every size after any key`() {
    var app = open("3")
    let keys: [Key] = [
      .up, .down, .left, .right, .pageUp, .pageDown, .home, .end, .character("z"), .character("2"),
      .character("3"), .character("r"), .character("8"),
    ]
    var state: UInt64 = 7
    for step in 0..<600 {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      _ = app.update(.key(keys[Int(state >> 33) % keys.count]))
      if step % 20 == 0 {
        let size = Size(width: 20 + Int(state >> 40) % 180, height: 5 + Int(state >> 50) % 55)
        #expect(!screen(app, size).isEmpty)
      }
    }
  }
}
