import Foundation
import TestSupport
import Testing

@testable import Media

/// Files that are read, with what is odd about them said in the audit.
@Suite(.enabled(if: hasFFmpeg, "ffmpeg is not installed"))
struct OddMediaTests {
  let directory: TemporaryDirectory

  init() throws { directory = try TemporaryDirectory() }

  private func make(_ name: String, _ arguments: [String]) async throws -> String {
    try await makeMedia("\(directory.path)/\(name)", arguments)
  }

  private static func picture(_ seconds: Double, rate: Int = 10, size: String = "64x48") -> [String]
  {
    ["-f", "lavfi", "-i", "testsrc2=size=\(size):rate=\(rate):duration=\(seconds)"]
  }

  private static func tone(_ frequency: Int, _ seconds: Double) -> [String] {
    ["-f", "lavfi", "-i", "sine=frequency=\(frequency):sample_rate=16000:duration=\(seconds)"]
  }

  private func notices(_ clip: Clip) -> [String] {
    clip.audit.filter(\.isNotice).map { "\($0.subject) \($0.name)" }
  }

  @Test func `video above 8 bits per channel is converted like the published reader`() async throws
  {
    let folder = Fixtures.directory.appending(path: "video")
    let expected = try Data(contentsOf: folder.appending(path: "ten-bit.rgb"))
    let clip = try await Clip.load(folder.appending(path: "ten-bit.mp4").path)
    let frames = try #require(clip.video?.frames)
    #expect(frames.count == 4 && expected.count == 4 * 64 * 32 * 3)
    #expect(frames.flatMap(\.pixels) == Array(expected))
  }

  @Test func `the time stamps replace a frame rate that contradicts them`() async throws {
    // Ten frames in 1.85 s, most of them a tenth of a second apart.
    let times = "settb=1/100,setpts='if(lt(N,2),5*N,105+(N-2)*10)'"
    let file = try await make(
      "a.gif",
      Self.picture(1) + ["-vf", times, "-fps_mode", "passthrough", "-enc_time_base", "1/100"])
    let clip = try await Clip.load(file)
    #expect(abs(clip.seconds - 1.85) < 0.011)
    #expect(notices(clip) == ["video rate"])
  }

  @Test func `a given frame rate that contradicts the time stamps gives a notice`()
    async throws
  {
    let clip = try await Clip.load(
      make(
        "a.webm",
        Self.picture(1, rate: 30) + Self.picture(4, rate: 5)
          + ["-filter_complex", "[0:v][1:v]concat=n=2:v=1", "-fps_mode", "vfr", "-c:v", "libvpx"]))
    // qwen_omni_utils with decord takes 30 frames a second of such a file.
    #expect(notices(clip) == ["video rate"])
    let rate = try #require(clip.audit.first { $0.name == "stream" && $0.subject == .video })
    #expect(rate.value.contains("30.000 fps"))
  }

  @Test(arguments: ["mp4", "mkv", "ts", "avi", "mov"])
  func `a constant frame rate gives no notice`(ending: String) async throws {
    let clip = try await Clip.load(
      make("a.\(ending)", Self.picture(3, rate: 25) + ["-c:v", "mpeg4", "-bf", "0"]))
    #expect(clip.video?.framesPerSecond == 2 && clip.video?.frames.count == 6)
    #expect(!notices(clip).contains("video rate"))
  }

  @Test func `a video with an empty audio stream is read without audio`() async throws {
    let file = try await make(
      "a.mkv",
      Self.picture(2) + Self.tone(440, 2)
        + ["-c:v", "mpeg4", "-c:a", "aac", "-bsf:a", "noise=drop=1"])
    let clip = try await Clip.load(file)
    #expect(clip.video?.frames.count == 4 && clip.audio == nil)
    #expect(notices(clip).contains("audio ignored"))
  }

  @Test func `an empty audio file is an error`() async throws {
    let file = try directory.write("a.wav", WAV(payload: []).bytes)
    await #expect(throws: MediaError.noSamples(file: file)) { try await Clip.load(file) }
  }

  @Test(arguments: [0, 1])
  func `the default audio track of a file is used`(track: Int) async throws {
    let file = try await make(
      "a.mkv",
      Self.tone(500, 1) + Self.tone(2000, 1)
        + ["-map", "0:a", "-map", "1:a", "-c:a", "pcm_s16le", "-disposition:a:0", "0"]
        + ["-disposition:a:1", "0", "-disposition:a:\(track)", "default"])
    let audio = try #require(try await Clip.load(file).audio)
    let crossings = zip(audio.samples, audio.samples.dropFirst()).count { $0 < 0 && $1 >= 0 }
    #expect(abs(crossings - [500, 2000][track]) < 5)
  }

  @Test func `the audio track with most channels is used if none is the default`() async throws {
    let file = try await make(
      "a.mkv",
      Self.tone(500, 1) + Self.tone(2000, 1)
        + ["-map", "0:a", "-map", "1:a", "-c:a", "pcm_s16le", "-ac:a:1", "2"]
        + ["-disposition:a:0", "0", "-disposition:a:1", "0"])
    let audio = try #require(try await Clip.load(file).audio)
    let crossings = zip(audio.samples, audio.samples.dropFirst()).count { $0 < 0 && $1 >= 0 }
    #expect(abs(crossings - 2000) < 5)
  }

  @Test func `the first of several equal audio tracks is used`() async throws {
    let file = try await make(
      "a.mkv",
      Self.picture(1) + Self.picture(1, size: "32x32") + Self.tone(500, 1) + Self.tone(2000, 1)
        + ["-map", "0:v", "-map", "1:v", "-map", "2:a", "-map", "3:a", "-c:a", "pcm_s16le"]
        + ["-disposition:a:0", "0", "-disposition:v:0", "0", "-disposition:v:1", "default"])
    let clip = try await Clip.load(file)
    let audio = try #require(clip.audio)
    let crossings = zip(audio.samples, audio.samples.dropFirst()).count { $0 < 0 && $1 >= 0 }
    #expect(abs(crossings - 500) < 5)
    // qwen_omni_utils with decord 0.6.0 does not look at the default mark of a video.
    #expect(clip.video?.width == 64)
  }

  @Test func `frames are counted across a change of frame size`() async throws {
    let first = try await make("a.ts", Self.picture(5) + ["-c:v", "mpeg2video"])
    let second = try await make("b.ts", Self.picture(5, size: "32x32") + ["-c:v", "mpeg2video"])
    let parts = try [first, second].map { try Data(contentsOf: URL(filePath: $0)) }
    let clip = try await Clip.load(directory.write("c.ts", [UInt8](parts[0] + parts[1])))
    let video = try #require(clip.video)
    #expect(video.width == 64 && video.height == 48)
    #expect(video.frames.count >= 18)
    #expect(notices(clip).contains("video size"))
  }

  @Test func `unused streams and rotation give notices`() async throws {
    let silent = try await Clip.load(make("a.mp4", Self.picture(2) + ["-c:v", "mpeg4"]))
    #expect(silent.audit.contains(AuditLine(.audio, "none", "no audio in this file")))
    let short = try await Clip.load(
      make("b.mkv", Self.picture(6) + Self.tone(440, 2) + ["-c:v", "mpeg4"]))
    #expect(notices(short) == ["audio length"])
    let bright = try await Clip.load(
      make(
        "c.mkv",
        Self.picture(2) + [
          "-c:v", "libx264", "-x264-params", "transfer=smpte2084:colorprim=bt2020",
        ]
      ))
    #expect(notices(bright) == ["video brightness"])
  }

  @Test func `only RGB pictures with transparency are blended with white`() async throws {
    let colour = "color=black@0:size=8x8,format=rgba"
    let full = try await make("a.png", ["-f", "lavfi", "-i", colour, "-frames:v", "1"])
    #expect(try await Clip.load(full).image?.pixels.allSatisfy { $0 == 255 } == true)
    let grey = try await make(
      "b.png", ["-f", "lavfi", "-i", colour + ",format=ya8", "-frames:v", "1"])
    #expect(try await Clip.load(grey).image?.pixels.allSatisfy { $0 < 32 } == true)
  }
}

/// Files that are refused, each for what it is.
@Suite(.enabled(if: hasFFmpeg, "ffmpeg is not installed"))
struct RefusedMediaTests {
  let directory: TemporaryDirectory

  init() throws { directory = try TemporaryDirectory() }

  @Test func `a video with a truncated index is refused`() async throws {
    let file = try await makeMedia(
      "\(directory.path)/a.mp4",
      ["-f", "lavfi", "-i", "testsrc2=size=64x48:rate=10:duration=2", "-c:v", "mpeg4"]
        + ["-movflags", "+faststart"])
    let bytes = [UInt8](try #require(FileManager.default.contents(atPath: file)))
    for count in [100, 400, 700] {
      let cut = try directory.write("cut.mp4", Array(bytes.prefix(count)))
      let error = await #expect(throws: MediaError.self) { try await Clip.load(cut) }
      guard case .truncated(cut, let claimed, count) = error else {
        Issue.record("\(String(describing: error))")
        continue
      }
      #expect(claimed > count && claimed < bytes.count)
    }
  }

  @Test func `an oversized picture is refused before decoding`() async throws {
    let file = try await makeMedia(
      "\(directory.path)/a.png",
      ["-f", "lavfi", "-i", "color=red:size=300x200", "-frames:v", "1"])
    var limits = MediaLimits()
    limits.pixelsPerFrame = 59_999
    await #expect(
      throws: MediaError.pictureTooLarge(file: file, width: 300, height: 200, pixelLimit: 59_999)
    ) { try await Clip.load(file, limits: limits) }
  }

  @Test func `an empty media file is refused`() async throws {
    let file = try directory.write("a.mp4", "")
    await #expect(throws: MediaError.emptyFile(file: file)) { try await Clip.load(file) }
  }

  @Test func `ffmpeg's error line is quoted without memory addresses`() {
    func line(_ text: String) -> String {
      var stderrTail = StderrTail()
      stderrTail.append(Array(text.utf8).span.bytes)
      return stderrTail.causeLine
    }
    let animated = """
      [webp @ 0x5561757bc080] image data not found
      Error while decoding stream #0:0: Invalid data found when processing input
      Cannot determine format of input stream 0:0 after EOF
      Error marking filters as finished

      """
    #expect(line(animated) == "webp: image data not found")
    #expect(line("[vist#0:0 @ 0x1] [error] broken\n[warning] nothing\n") == "vist#0:0: broken")
    #expect(line("Conversion failed!\n") == "Conversion failed!")
    #expect(line("file:/proc/self/fd/3: Invalid data") == "Invalid data")
  }
}
