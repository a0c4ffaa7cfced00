import Foundation
import Subprocess
import Testing

@testable import Media

/// Whether the real tools are here.
let hasFFmpeg: Bool = ["ffmpeg", "ffprobe"].allSatisfy { tool in
  (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":").contains {
    FileManager.default.isExecutableFile(atPath: "\($0)/\(tool)")
  }
}

/// What ffmpeg says when it does not make a fixture.
struct Refused: Error {
  let words: String
}

/// Makes a media file with ffmpeg.
/// - Returns: `file`
@discardableResult
func makeMedia(_ file: String, _ arguments: [String]) async throws -> String {
  let result = try await Subprocess.run(
    .name("ffmpeg"),
    arguments: Arguments(["-nostdin", "-y", "-v", "error"] + arguments + ["file:\(file)"]),
    output: .discarded, error: .string(limit: 65_536))
  guard result.terminationStatus.isSuccess else { throw Refused(words: result.standardError) }
  return file
}

@Suite(.enabled(if: hasFFmpeg, "ffmpeg is not installed"))
struct FFmpegTests {
  let directory: TemporaryDirectory

  init() throws { directory = try TemporaryDirectory() }

  private static let video = ["-f", "lavfi", "-i", "testsrc2=size=160x90:rate=25:duration=3"]
  private static let sound = ["-f", "lavfi", "-i", "sine=frequency=440:duration=3"]
  private static let h264 = ["-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p"]

  private func make(_ name: String, _ arguments: [String]) async throws -> String {
    try await makeMedia("\(directory.path)/\(name)", arguments)
  }

  @Test func `a video with sound gives the published frames and samples`() async throws {
    let file = try await make(
      "clip.mp4", Self.video + Self.sound + Self.h264 + ["-c:a", "aac", "-ar", "44100"])
    let clip = try await Clip.load(file, question: "What moves?")
    let video = try #require(clip.video)
    #expect(video.frames.count == 6)
    #expect(video.framesPerSecond == 2)
    #expect(video.width == 160 && video.height == 90)
    #expect(Set(video.frames.map(\.pixels)).count == 6)
    let audio = try #require(clip.audio)
    #expect(abs(audio.seconds - 3) < 0.05)
    #expect(audio.samples.contains { abs($0) > 0.05 })
    #expect(clip.audioInVideo && clip.title == "clip.mp4" && clip.question == "What moves?")
    #expect(clip.audit.contains(AuditLine(.video, "sampled", "6 frames at 2.000 fps")))
    #expect(clip.audit.filter(\.isNotice) == [])
  }

  @Test func `ffmpeg returns exactly the planned frames`() async throws {
    // Frame n is grey, 3n bright; nothing is lost in this codec.
    let file = try await make(
      "grey.mkv",
      ["-f", "lavfi", "-i", "color=black:size=32x16:rate=10:duration=6"]
        + ["-vf", "format=gbrp,geq=r='3*N':g='3*N':b='3*N'", "-c:v", "ffv1"])
    let video = try #require(try await Clip.load(file).video)
    let plan = FrameSampling().plan(totalFrames: 60, sourceRate: 10)
    #expect(video.frames.map { Int($0.pixels[0]) } == plan.indices.map { $0 * 3 })
  }

  @Test func `each frame is resized as soon as ffmpeg has decoded it`() async throws {
    let file = try await make("clip.mp4", Self.video + Self.h264)
    let clip = try await Clip.load(
      file,
      prepare: PicturePreparation(frame: { _, count in
        RGBImage(width: 1, height: 1, pixels: [UInt8(count), 0, 0])
      }))
    #expect(clip.video?.frames.map { $0.pixels[0] } == [6, 6, 6, 6, 6, 6])
    #expect(clip.audio == nil && !clip.audioInVideo)
  }

  @Test func `frames of a rotated video are rotated`() async throws {
    let plain = try await make("plain.mp4", Self.video + Self.h264)
    let turned: String
    do {
      turned = try await make(
        "turned.mp4", ["-display_rotation", "90", "-i", plain, "-c", "copy"])
    } catch {
      // Older versions have another way to say it.
      turned = try await make(
        "turned.mp4", ["-i", plain, "-c", "copy", "-metadata:s:v:0", "rotate=90"])
    }
    let video = try #require(try await Clip.load(turned).video)
    #expect(video.width == 90 && video.height == 160)
  }

  @Test func `an audio file is read as the mean of its channels`() async throws {
    let file = try await make(
      "sound.wav",
      ["-f", "lavfi", "-i", "aevalsrc=0.5|0.25:s=16000:d=1", "-c:a", "pcm_f32le"])
    let clip = try await Clip.load(file)
    #expect(clip.video == nil && clip.image == nil)
    let audio = try #require(clip.audio)
    #expect(audio.samples.count == 16_000)
    #expect(audio.samples.allSatisfy { abs($0 - 0.375) < 1e-6 })
  }

  @Test func `endless audio is truncated with a notice`() async throws {
    var limits = MediaLimits()
    limits.audioSeconds = 2
    let file = try await make("sound.flac", Self.sound)
    let clip = try await Clip.load(file, limits: limits)
    #expect(clip.audio?.samples.count == 32_000)
    #expect(clip.audit.contains(.notice(.audio, "truncated", "after 2 s")))
  }

  @Test func `a picture is read as an image with transparent parts white`() async throws {
    let source = "color=red@0.5:size=20x10,format=rgba"
    let file = try await make("-odd name.png", ["-f", "lavfi", "-i", source, "-frames:v", "1"])
    let clip = try await Clip.load(file)
    #expect(clip.video == nil && clip.audio == nil)
    #expect(clip.image?.width == 20 && clip.image?.height == 10)
    // Half transparent red; versions of ffmpeg differ in the last bit.
    let pixel = clip.image?.pixels.prefix(3) ?? []
    #expect(zip(pixel, [255, 128, 128]).allSatisfy { abs(Int($0) - $1) <= 1 }, "\(pixel)")
  }

  @Test func `frames are counted again when the container claims too many`() async throws {
    let file = try await make(
      "clip.mp4", Self.video + Self.h264 + ["-movflags", "+faststart", "-g", "10"])
    var bytes = try Data(contentsOf: URL(fileURLWithPath: file))
    bytes.removeLast(bytes.count / 2)
    let clip = try await Clip.load(directory.write("cut.mp4", [UInt8](bytes)))
    let video = try #require(clip.video)
    #expect(video.frames.count >= 1 && video.framesPerSecond > 0)
    #expect(clip.audit.filter(\.isNotice) != [])
  }

  @Test func `a file that is no media is an error that quotes ffprobe`() async throws {
    let file = try directory.write("noise.mp4", (0..<2_000).map { UInt8($0 * 37 % 256) })
    let error = await #expect(throws: MediaError.self) { try await Clip.load(file) }
    guard case .notMedia(file, let message) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(message.contains("Invalid data"))
  }

  @Test func `a cancelled task stops reading media`() async throws {
    let file = try await make("clip.mp4", Self.video + Self.h264)
    let task = Task { try await Clip.load(file) }
    task.cancel()
    await #expect(throws: MediaError.cancelled(file: file)) { try await task.value }
  }
}
