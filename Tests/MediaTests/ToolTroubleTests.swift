import Foundation
import Testing

@testable import Media

/// Scripts stand in for ffmpeg and ffprobe and misbehave.
struct ToolTroubleTests {
  let directory: TemporaryDirectory
  let file: String

  init() throws {
    directory = try TemporaryDirectory()
    file = try directory.write("clip.mp4", "whatever")
    try directory.script(
      "ffprobe",
      """
      case "$*" in
      *-show_entries\\ packet*) printf 'K__\\n___\\n_D_\\n___\\n___\\n' ;;
      *) echo '{"streams":[{"index":0,"codec_type":"video","avg_frame_rate":"4/1"}]}' ;;
      esac
      """)
  }

  private func tools(patience: Duration = .seconds(60)) -> FFmpeg {
    FFmpeg(searchPath: directory.path, patience: patience)
  }

  private func error(patience: Duration = .seconds(60), _ script: String) async throws
    -> MediaError?
  {
    try directory.script("ffmpeg", script)
    return await #expect(throws: MediaError.self) {
      try await Clip.load(file, tools: tools(patience: patience))
    }
  }

  /// Four frames of one pixel each.
  private let frames = "for i in 1 2 3 4; do printf 'P6\\n1 1\\n255\\nabc'; done"

  @Test func `a missing ffmpeg is an error with its name`() async throws {
    await #expect(throws: MediaError.ffmpegMissing(tool: "ffmpeg")) {
      try await Clip.load(file, tools: tools())
    }
  }

  @Test func `the output of a working ffmpeg is read`() async throws {
    try directory.script("ffmpeg", frames)
    let clip = try await Clip.load(file, tools: tools())
    #expect(clip.video?.frames.count == 4)
    #expect(clip.video?.framesPerSecond == 4)
  }

  @Test func `a failed ffmpeg is an error with its exit status and last error line`() async throws {
    #expect(
      try await error(
        "\(frames); printf 'one\\n\\033[31mtwo\\007 \\nConversion failed!\\n' >&2; exit 3")
        == .ffmpegFailed(
          tool: "ffmpeg", file: file, ending: .exit(3), message: "[31mtwo"))
    #expect(
      try await error("printf 'P6\\n1 1'; kill -9 $$")
        == .ffmpegFailed(tool: "ffmpeg", file: file, ending: .signal(9), message: ""))
  }

  @Test func `a stream that ends early is an error with its frame`() async throws {
    #expect(
      try await error("printf 'P6\\n1 1\\n255\\nab'")
        == .picture(
          file: file, frame: 0, offset: 13, .pixelsTruncated(expected: 3, present: 2)))
  }

  @Test func `an ffmpeg that hangs is stopped`() async throws {
    let started = ContinuousClock.now
    let error = try await error(
      patience: .seconds(3), "echo $$ > \(pidFile); exec /bin/sleep 600")
    guard case .ffmpegStalled("ffmpeg", file, _) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(ContinuousClock.now - started < .seconds(30))
    #expect(try isGone())
  }

  @Test func `endless error output of ffmpeg is read and its end kept`() async throws {
    let flood = "i=0; while [ $i -lt 20000 ]; do echo \"message number $i\"; i=$((i+1)); done >&2"
    try directory.script("ffmpeg", "\(flood); \(frames)")
    let clip = try await Clip.load(file, tools: tools())
    #expect(clip.video?.frames.count == 4)
    let said = clip.audit.first { $0.name == "ffmpeg output" }
    #expect(said?.value == "message number 19999 (20000 lines)")
  }

  @Test func `an ffmpeg with invalid output is stopped`() async throws {
    let error = try await error("echo $$ > \(pidFile); while :; do echo nonsense; done")
    #expect(error == .picture(file: file, frame: 0, offset: 0, .notP6(found: 0x6E)))
    #expect(try isGone())
  }

  @Test func `cancelling the task kills ffmpeg`() async throws {
    // Cancelled from within, at the first frame: no guessing when the tool runs.
    try directory.script(
      "ffmpeg", "echo $$ > \(pidFile); printf 'P6\\n1 1\\n255\\nabc'; exec /bin/sleep 600")
    let (signal, frame) = AsyncStream.makeStream(of: Void.self)
    let task = Task { [file, tools = tools()] in
      try await Clip.load(
        file, tools: tools,
        prepare: PicturePreparation(frame: { image, _ in
          frame.yield()
          return image
        }))
    }
    for await _ in signal { break }
    task.cancel()
    await #expect(throws: MediaError.cancelled(file: file)) { try await task.value }
    #expect(try isGone())
  }

  @Test func `ffprobe output that is not JSON is refused`() async throws {
    try directory.script("ffprobe", "echo hello")
    #expect(try await error("exit 0") == .unexpectedProbe(file: file, found: "hello "))
  }

  @Test func `a media file without video and audio is refused`() async throws {
    try directory.script("ffprobe", "echo '{}'")
    #expect(try await error("exit 0") == .noStreams(file: file))
  }

  private var pidFile: String { "\(directory.path)/pid" }

  /// Neither running nor a zombie.
  private func isGone() throws -> Bool {
    let text = try String(contentsOfFile: pidFile, encoding: .utf8)
    let process = try #require(pid_t(text.trimmed))
    return kill(process, 0) == -1 && errno == ESRCH
  }
}
