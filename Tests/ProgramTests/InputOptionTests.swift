import Foundation
import TestSupport
import Testing

/// Options that say how a clip is read, from outside.
@Suite struct `Input options` {
  private static let golden = Fixtures.golden.appending(path: "qwen2_5_av")
  private static let clip = golden.appending(path: "clip").path
  private static let model = ["--model", golden.appending(path: "checkpoint").path]

  private func report(_ options: [String], clip: String = Self.clip) async throws -> Report {
    let outcome = try await Program.run(
      ["report", clip, "--format", "json", "--max-new-tokens", "1"] + Self.model + options)
    #expect(outcome.code == 0, "\(outcome.errorOutput)")
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    return try decoder.decode(Report.self, from: Data(outcome.output.utf8))
  }

  private struct Report: Decodable {
    struct Clip: Decodable {
      let frames: Int
      let question: String
      let input: [String: Value]
      let secondsPerGrid: Double?
    }

    struct Tokens: Decodable { let text, video, audio: Int }

    /// Whatever a setting is written as.
    struct Value: Decodable {
      let text: String

      init(from decoder: any Decoder) throws {
        let value = try decoder.singleValueContainer()
        text =
          try (try? value.decode(String.self)) ?? (try? value.decode(Bool.self)).map { "\($0)" }
          ?? "\(value.decode(Double.self))"
      }
    }

    let clip: Clip
    let tokens: Tokens
    let promptIds: [Int]
    let notes: [String]
  }

  @Test(arguments: [
    (["--fps", "0"], "--fps takes a rate above 0"), (["--fps", "nan"], "not nan"),
    (["--fps", "1e9"], "not 1e9"), (["--fps", "-1"], "not -1"),
    (["--frames", "-4"], "--frames takes a count from 2"), (["--frames", "1"], "not 1"),
    (["--max-frames", "0"], "--max-frames takes a count"),
    (["--max-frames", "many"], "not many"), (["--min-pixels", "0"], "--min-pixels takes an area"),
    (["--total-pixels", "-3"], "--total-pixels takes an area"),
    (["--min-pixels", "9", "--max-pixels", "8"], "--min-pixels, 9, must be at most --max-pixels"),
    (["--fps", "1", "--frames", "4"], "Give one of --fps and --frames"),
    (["--seconds-per-grid", "false"], "--seconds-per-grid takes true, published"),
    (["--seconds-per-grid", "0"], "not 0"), (["--preset", "vibes"], "daily-omni, worldsense"),
  ])
  func `an invalid input option exits with 2 in every command`(
    _ options: [String], _ words: String
  ) async throws {
    for command in [
      "screen", "report", "bench", "compare", "capture", "sweep", "analyze", "worth", "agreement",
    ] {
      let outcome = try await Program.run([command] + options)
      #expect(outcome.code == 2, "\(command) \(options)")
      #expect(outcome.output.isEmpty)
      let first = outcome.errorOutput.split(separator: "\n").first ?? ""
      #expect(first.contains(words), "\(command): \(outcome.errorOutput)")
    }
  }

  @Test func `--system takes text or the name of a file`() async throws {
    let scratch = try Scratch()
    try scratch.write("system.txt", Data("Be brief.\n".utf8))
    let given = try await report(["--system", "Be brief."])
    #expect(given.clip.input["system"]?.text == "Be brief.")
    let plain = try await report([])
    #expect(given.promptIds != plain.promptIds)
    let read = try await report(["--system", scratch.path("system.txt")])
    #expect(read.promptIds == given.promptIds)
    let marked = try await report(["--system", "@" + scratch.path("system.txt")])
    #expect(marked.promptIds == given.promptIds)
    // The fixture's own text.
    let standard = try await report(["--system", "You are Qwen, a helpful assistant."])
    #expect(standard.promptIds == plain.promptIds)
    let empty = try await report(["--system", ""])
    #expect(empty.tokens.text < plain.tokens.text)
  }

  @Test func `an unreadable --system file is named`() async throws {
    let scratch = try Scratch()
    try scratch.write("bytes.txt", Data([0xFF, 0xFE, 0x41]))
    try scratch.write("large.txt", Data(repeating: 0x41, count: (1 << 20) + 1))
    let cases = [
      (scratch.path("missing.txt"), "No such file"), ("@nowhere", "No such file"),
      (scratch.path("bytes.txt"), "not UTF-8"), (scratch.path("large.txt"), "too large"),
      ("@" + scratch.url.path, "not a regular file"), ("/dev/zero", "not a regular file"),
    ]
    for (name, words) in cases {
      let outcome = try await Program.run(["report", Self.clip, "--system", name] + Self.model)
      #expect(outcome.code == 1 && outcome.output.isEmpty, "\(name)")
      #expect(outcome.errorOutput.split(separator: "\n").count == 1, "\(outcome.errorOutput)")
      #expect(outcome.errorOutput.contains(words), "\(outcome.errorOutput)")
    }
  }

  @Test func `--no-audio and --no-video give a notice`() async throws {
    let silent = try await report(["--no-audio"])
    #expect(silent.tokens.audio == 0 && silent.tokens.video > 0)
    #expect(silent.notes.contains { $0.contains("audio not used") })
    #expect(silent.clip.input["no_audio"]?.text == "true")
    let blind = try await report(["--no-video"])
    #expect(blind.tokens.video == 0 && blind.tokens.audio > 0 && blind.clip.frames == 0)
    #expect(blind.notes.contains { $0.contains("video not used") })
    let neither = try await report(["--no-video", "--no-audio", "--fps", "1"])
    #expect(neither.tokens.video + neither.tokens.audio == 0)
    #expect(neither.notes.contains { $0.contains("fps: no video is used") })
  }

  @Test func `input options for positions, frames and suffix are recorded`() async throws {
    let run = try await report([
      "--seconds-per-grid", "0.4", "--frames", "4", "--suffix", "Letter only.",
    ])
    #expect(run.clip.secondsPerGrid == 0.4 && run.clip.frames == 4)
    #expect(run.clip.question.hasSuffix("\nLetter only."))
    #expect(run.notes.contains { $0.contains("a grid counts as 0.400 s") })
    #expect(run.clip.input["frames"]?.text == "4.0")
    let preset = try await report(["--preset", "worldsense", "--max-frames", "2"])
    #expect(preset.clip.input["preset"]?.text == "worldsense" && preset.clip.frames == 2)
    #expect(preset.clip.secondsPerGrid == 1)
  }

  @Test func `more frames than the clip has is an error`() async throws {
    let outcome = try await Program.run(["report", Self.clip, "--frames", "100"] + Self.model)
    #expect(outcome.code == 1 && outcome.errorOutput.contains("the 100 requested"))
    #expect(outcome.errorOutput.split(separator: "\n").count == 1)
  }

  @Test func `clip.toml and options override the configuration`() async throws {
    let scratch = try Scratch()
    try scratch.write(
      "config.toml",
      Data("[input]\nno_audio = true\nmax_frames = 4\nfps = 0\ngamma = 1\npreset = 'x'\n".utf8))
    func capture(_ options: [String]) async throws -> String {
      let outcome = try await Program.run(
        ["capture", Self.clip, "--keys", "8", "--format", "text", "--size", "120x60"]
          + ["--config", scratch.path("config.toml")] + Self.model + options)
      #expect(outcome.code == 0, "\(outcome.errorOutput)")
      return outcome.output
    }
    let standard = try await capture([])
    #expect(standard.contains("0 audio") && standard.contains("input max_frames"))
    let asked = try await capture(["--max-frames", "2"])
    let line = asked.split(separator: "\n").first { $0.contains("input max_frames") } ?? ""
    #expect(line.contains("2"), "\(asked)")
  }

  @Test func `the input form of the screen reloads the clip`() async throws {
    let outcome = try await Program.run(
      ["capture", Self.clip, "--format", "text", "--size", "120x60"] + Self.model + [
        "--keys", "8 i down down 4 down down down down down down down t r u e enter",
      ])
    #expect(outcome.code == 0, "\(outcome.errorOutput)")
    #expect(outcome.output.contains("input no_audio"), "\(outcome.output)")
    #expect(outcome.output.contains("0 audio"), "\(outcome.output)")
  }

  @Test func `input presets are listed with their values`() async throws {
    let text = try await Program.run(["presets"])
    #expect(text.code == 0)
    for word in [
      "daily-omni: Daily-Omni", "max_frames", "768 (Qwen2.5-Omni), 196 (Qwen3-Omni)",
      "max_frames 196 for Qwen3-Omni is assumed",
    ] {
      #expect(text.output.contains(word), "\(text.output)")
    }
    let json = try await Program.run(["presets", "--format", "json"])
    let list = try #require(
      JSONSerialization.jsonObject(with: Data(json.output.utf8)) as? [[String: Any]])
    #expect(list.count == 5)
    #expect((list[0]["sources"] as? [String])?.count == 3)
    let families = try #require(list[0]["families"] as? [String: [String: Any]])
    #expect(families["Qwen2.5-Omni"]?["max_frames"] as? Int == 128)
    #expect(families["Qwen3-Omni"]?["min_pixels"] as? Int == 131_072)
    #expect(families["Qwen3-Omni"]?["seconds_per_grid"] as? String == "published")
  }
}
