import Foundation
import Media
import Selection
import TestSupport
import Testing

@testable import OmniModel
@testable import Runs

/// What the screen shows of a clip is what the encoders were fed.
@Suite struct `Thumbnails of a prompt` {
  private func open() async throws -> OpenedRun {
    let golden = Fixtures.golden.appending(path: "qwen2_5_av")
    return try await OpenedRun(
      RunRequest(
        model: golden.appending(path: "checkpoint").path, clip: golden.appending(path: "clip").path)
    )
  }

  @Test func `prompt media have the seconds per grid of their frames`() {
    let black = RGBImage(width: 1, height: 1, pixels: [0, 0, 0])
    let video = VideoFrames(frames: [black, black, black, black], framesPerSecond: 4)
    let clip = Clip(title: "", source: "", video: video)
    // temporal_patch_size / fps, as the processors have it.
    let seconds = [1, 2, 4].map { ClipInput(clip, framesPerGrid: $0).secondsPerGrid }
    #expect(seconds == [0.25, 0.5, 1])
    var settings = InputSettings()
    settings.secondsPerGrid = .seconds(0.7)
    let stated = Clip(title: "", source: "", video: video, settings: settings)
    #expect(ClipInput(stated, framesPerGrid: 4).secondsPerGrid == 0.7)
  }

  @Test func `prompt media have one cell for each token`() async throws {
    let subject = try await open().subject
    let video = try #require(subject.media.clips[0].video)
    let audio = try #require(subject.media.clips[0].audio)
    #expect(video.times * video.rows * video.columns == subject.prompt.counts.video)
    #expect(video.rows * video.columns == subject.prompt.tokensPerGrid)
    #expect(audio.tokens == subject.prompt.counts.audio)
    #expect(subject.media.text.count == subject.prompt.counts.text)
    #expect(subject.media.text.joined().contains(subject.clip.question))
  }

  @Test func `thumbnails at full size equal the frames`() async throws {
    let opened = try await open()
    let clip = try await Clip.load(Fixtures.golden.appending(path: "qwen2_5_av/clip").path)
    let frames = try #require(clip.video?.frames)
    let grid = try #require(opened.prompt.clips[0].videoGrid)
    let config = opened.thinker.configuration.vision
    let edge = config.patchSize * config.mergeSize
    let size = (height: grid.rows * edge, width: grid.columns * edge)
    let resize = BicubicResize(from: (frames[0].height, frames[0].width), to: size)
    // Every pixel is the mean of four samples that here fall on one and the same.
    let pixels = opened.prompt.clips[0].videoPixels(side: edge, for: opened.thinker)
    #expect(pixels.count == grid.times * size.height * size.width * 3)
    for time in 0..<grid.times {
      let fed = resize(frames[time * config.temporalPatchSize].pixels)
      #expect(Array(pixels[time * fed.count..<(time + 1) * fed.count]) == fed, "grid \(time)")
    }
  }

  @Test func `audio levels follow the loudness`() async throws {
    let opened = try await open()
    let levels = opened.prompt.clips[0].melLevels(bands: 16, for: opened.thinker)
    let mel = try #require(opened.prompt.clips[0].mel)
    #expect(levels.count == opened.prompt.clips[0].audioTokens * 16)
    // Whole-scale means, taken the obvious way: token 0 is the first four frames.
    let one = opened.prompt.clips[0].melLevels(bands: 1, for: opened.thinker)
    let mean =
      (0..<mel.rows).reduce(Float(0)) { sum, row in
        sum + (0..<4).reduce(Float(0)) { $0 + mel.elements[row * mel.columns + $1] }
      } / Float(mel.rows * 4)
    let peak = mel.elements.max() ?? 0
    #expect(abs(Float(one[0]) - (mean - peak + 2) / 2 * 255) <= 1)
  }

  @Test func `thumbnails stay within the size limit`() {
    for tokens in [1, 5461, 5462, 21_845, 21_846, 80_000, 10_000_000] {
      let side = VideoPictures.side(tokens: tokens)
      #expect(side == 1 || tokens * side * side * 3 <= VideoPictures.mostBytes, "\(tokens)")
    }
  }

  @Test func `thumbnails are restored from a trace, and refused with a wrong size`() throws {
    let pictures = try #require(
      VideoPictures(
        times: 1, rows: 1, columns: 2, secondsPerGrid: 1, side: 1, pixels: Data([1, 2, 3, 4, 5, 6]))
    )
    let media = PromptMedia(
      video: pictures,
      audio: AudioLevels(tokens: 2, bands: 1, secondsPerToken: 0.04, levels: Data([9, 8])),
      text: ["<|im_start|>", "漢"])
    let json = try JSONEncoder().encode(media)
    #expect(try JSONDecoder().decode(PromptMedia.self, from: json) == media)
    let broken = String(decoding: json, as: UTF8.self)
      .replacingOccurrences(of: "\"columns\":2", with: "\"columns\":4611686018427387904")
    #expect(throws: DecodingError.self) {
      _ = try JSONDecoder().decode(PromptMedia.self, from: Data(broken.utf8))
    }
  }
}
