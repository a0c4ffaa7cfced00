import Foundation
import TestSupport
import Testing

@testable import Media

/// Whether ffmpeg is here and built with soxr.
private let hasSoxr: Bool = {
  guard hasFFmpeg else { return false }
  let process = Process()
  let pipe = Pipe()
  process.executableURL = URL(filePath: "/usr/bin/env")
  process.arguments = ["ffmpeg", "-hide_banner", "-buildconf"]
  process.standardOutput = pipe
  process.standardError = Pipe()
  guard (try? process.run()) != nil else { return false }
  let said = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
  process.waitUntilExit()
  return said.contains("--enable-libsoxr")
}()

/// Sound of other rates against librosa, which the published code loads it with.
struct ResampledSoundTests {
  private struct Case: Decodable {
    let rate: Int
    /// 16 bits, channel by channel.
    let samples: [[Int]]
    let resampled: [Float]

    /// A WAV file of these samples, or the samples alone.
    var wave: WAV {
      let frames = samples[0].indices.flatMap { frame in samples.map { $0[frame] } }
      return WAV(
        tag: 1, channels: samples.count, rate: rate, bits: 16,
        payload: frames.flatMap { WAV.little($0, 2) })
    }
  }

  let directory: TemporaryDirectory
  private let cases: [Case]

  init() throws {
    directory = try TemporaryDirectory()
    cases = try Fixtures.decode([Case].self, "../sound/resampled.json")
  }

  @Test(.enabled(if: hasSoxr, "ffmpeg is not built with soxr"))
  func `audio of any rate is resampled as in the published code`() async throws {
    #expect(cases.count == 6)
    for sound in cases {
      let file = try directory.write("\(sound.rate).wav", sound.wave.bytes)
      let clip = try await Clip.load(file)
      let found = try #require(clip.audio?.samples)
      let miss = worstMiss(found, sound.resampled, absolute: 1e-6)
      #expect(miss <= 0, "\(sound.rate) Hz, \(found.count) of \(sound.resampled.count)")
    }
  }

  @Test(.enabled(if: hasFFmpeg, "ffmpeg is not installed"), arguments: [true, false])
  func `audio formats unknown to libsndfile are rounded to 16 bits`(isPlain: Bool) async throws {
    let samples: [Float] = (0..<1600).map { sin(Float($0) * 0.1) / 3 }
    let wave = try directory.write("a.wav", WAV(payload: WAV.floats(samples)).bytes)
    let file = isPlain ? wave : directory.path + "/a.mov"
    if !isPlain { try await makeMedia(file, ["-i", wave, "-c:a", "pcm_f32le"]) }
    let found = try #require(try await Clip.load(file).audio?.samples)
    #expect(worstMiss(found, samples, absolute: isPlain ? 0 : 1 / 32_768) <= 0)
    let isWhole = found.allSatisfy { ($0 * 32_768).rounded() == $0 * 32_768 }
    #expect(isWhole == !isPlain)
  }

  @Test func `an ffmpeg without soxr resamples itself, with a notice`() async throws {
    let sound = try #require(cases.first { $0.rate == 48_000 })
    try directory.write("given.wav", WAV(payload: WAV.floats(sound.resampled)).bytes)
    try directory.script(
      "ffprobe",
      """
      case "$*" in
      *-show_entries\\ packet*) printf 'K__\\nK__\\n' ;;
      *nb_samples*) exit 0 ;;
      *) echo '{"streams":[{"index":0,"codec_type":"audio","sample_rate":"48000","channels":1}],\
      "format":{"format_name":"wav"}}' ;;
      esac
      """)
    try directory.script(
      "ffmpeg",
      """
      case "$*" in
      *soxr*)
        echo '[SWR @ 0x55] [error] Requested resampling engine is unavailable' >&2
        echo '[Parsed_aresample_1 @ 0x56] [error] Failed to configure output pad on x' >&2
        exit 1 ;;
      esac
      exec /bin/cat '\(directory.path)/given.wav'
      """)
    let file = try directory.write("a.wav", sound.wave.bytes)
    let clip = try await Clip.load(file, tools: FFmpeg(searchPath: directory.path))
    #expect(clip.audio?.samples == sound.resampled)
    let notice = clip.audit.first { $0.isNotice && $0.name == "resampled" }
    #expect(notice?.value.contains("soxr") == true)
  }

  @Test(arguments: [
    ("mov,mp4", false, true), ("wav", false, false), ("wav", true, true), ("matroska", false, true),
    ("ogg", false, false), ("flac", false, false), ("mp3", false, false), ("", false, true),
  ])
  func `audio channels are rounded to 16 bits before their mean`(
    format: String, hasVideo: Bool, isRounded: Bool
  ) throws {
    let video = hasVideo ? #"{"index":1,"codec_type":"video"},"# : ""
    let probe = try MediaProbe(
      parsing: Array(
        """
        {"streams":[\(video){"index":0,"codec_type":"audio","channels":2,"sample_rate":"44100"}],
        "format":{"format_name":"\(format)"}}
        """.utf8), file: "f")
    let filter = AudioMix(try #require(probe.audio), probe).filter(.soxr)
    #expect(filter.hasPrefix("aformat=sample_fmts=s16,") == isRounded)
    #expect(
      filter.hasSuffix("pan=mono|c0=0.5*c0+0.5*c1,aresample=16000:resampler=soxr:precision=20"))
  }
}
