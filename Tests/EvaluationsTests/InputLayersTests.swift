import Foundation
import OmniModel
import Selection
import TestSupport
import Testing

@testable import Evaluations
@testable import Media
@testable import Runs

/// Who has the last word on how a clip is read, and what comes of it.
@Suite struct `Precedence of input settings` {
  private static let clip = Fixtures.golden.appending(path: "qwen2_5_av/clip").path

  private func settings(_ values: KeyValuePairs<String, String>) throws -> InputSettings {
    try InputSettings(values.map { (key: $0.key, text: $0.value) })
  }

  @Test func `input options override task, clip and configuration`() throws {
    var layers = InputLayers(
      asked: try settings(["fps": "1"]),
      standard: try settings([
        "fps": "4", "max_frames": "16", "suffix": "low", "system": "low", "no_audio": "true",
      ]))
    layers.task = try settings(["fps": "2", "suffix": "task"])
    let clip = try settings(["fps": "3", "suffix": "clip", "system": "clip"])
    #expect(
      try layers.inForce(clip, for: .qwen25).byKey == [
        "fps": "1", "max_frames": "16", "suffix": "task", "system": "clip", "no_audio": "true",
      ])
  }

  @Test func `a preset ranks below its source's settings and above lower sources`() throws {
    let layers = InputLayers(
      asked: try settings(["preset": "daily-omni", "max_frames": "8"]),
      standard: try settings(["fps": "4", "no_audio": "true"]))
    let clip = try settings(["suffix": "clip", "fps": "1"])
    let inForce = try layers.inForce(clip, for: .qwen25)
    #expect(inForce.maxFrames == 8 && inForce.fps == 2 && inForce.noAudio == true)
    #expect(inForce.suffix == InputPreset.choiceInstruction && inForce.preset == "daily-omni")
  }

  // FIELD.md's table: fps 2, frames by benchmark and family, 128…144 tokens a frame.
  @Test(arguments: [
    ("daily-omni", 128, 128), ("worldsense", 128, 128), ("omnivideobench", 256, 196),
    ("video-mme", 768, 196), ("lvomnibench", 768, 196),
  ])
  func `an input preset has the published values of each model family`(
    _ name: String, _ qwen25: Int, _ qwen3: Int
  ) throws {
    let preset = try InputPreset.named(name)
    for (family, frames, side) in [(ModelFamily.qwen25, qwen25, 28), (.qwen3, qwen3, 32)] {
      let settings = preset.settings(for: family)
      #expect(settings.fps == 2 && settings.maxFrames == frames)
      #expect(settings.minPixels == 128 * side * side && settings.maxPixels == 144 * side * side)
      #expect(settings.totalPixels == 24_576 * 784 && settings.secondsPerGrid == .published)
      let asks = settings.system?.hasSuffix("from the given options.") ?? false
      #expect(asks == ["daily-omni", "worldsense"].contains(name))
      try settings.check()
    }
  }

  @Test func `an unknown input preset is an error that lists the known ones`() throws {
    let layers = InputLayers(asked: try settings(["preset": "vibes"]))
    #expect(throws: InputFault.unknownPreset("vibes", known: InputPreset.names)) {
      try layers.inForce(InputSettings(), for: .qwen25)
    }
  }

  @Test func `seconds per grid are measured, published or given`() throws {
    var settings = InputSettings()
    #expect(settings.secondsPerGrid(rate: 4, .qwen3) == 0.5)
    settings.secondsPerGrid = .published
    #expect(settings.secondsPerGrid(rate: 4, .qwen25) == 1)
    #expect(settings.secondsPerGrid(rate: 4, .qwen3) == 2)
    settings.secondsPerGrid = .seconds(0.75)
    #expect(settings.secondsPerGrid(rate: 4, .qwen3) == 0.75)
  }

  private func opened(_ values: KeyValuePairs<String, String>) async throws -> OpenedRun {
    var request = RunRequest(
      model: Fixtures.golden.appending(path: "qwen2_5_av/checkpoint").path, clip: Self.clip)
    request.input.asked = try settings(values)
    return try await OpenedRun(request)
  }

  @Test func `the opened run states the input settings and their effects`()
    async throws
  {
    let run = try await opened([
      "no_audio": "true", "suffix": "Letter.", "seconds_per_grid": "0.7", "max_frames": "4",
    ])
    let clip = run.subject.clip
    #expect(clip.input.noAudio == true && clip.input.maxFrames == 4)
    #expect(clip.question.hasSuffix("\nLetter.") && clip.frames == 4)
    #expect(run.subject.prompt.counts.audio == 0)
    #expect(run.subject.media.clips[0].video?.secondsPerGrid == 0.7)
    let warnings = clip.audit.filter(\.isWarning).map(\.subject)
    #expect(warnings.contains("audio not used") && warnings.contains("positions"))
    #expect(warnings.contains("video frame cap"))
    #expect(clip.audit.contains(AuditEntry("input max_frames", "4")))
  }

  @Test func `input settings of a task apply to its clip`() throws {
    let lines = """
      {"id": "a", "media": "\(Self.clip)", "question": "Q", "input": {"no_video": true}}
      {"id": "b", "media": "\(Self.clip)", "question": "Q", "input": {"max_frames": 2, "suffix": "S"}}
      {"id": "c", "media": "\(Self.clip)", "question": "Q", "choices": ["x", "y"]}
      {"id": "d", "media": "\(Self.clip)", "question": "Q", "input": {"suffix": ""}, "choices": ["x"]}
      """
    let thinker = try Thinker(
      directory: Fixtures.golden.appending(path: "qwen2_5_av/checkpoint").path)
    let set = try EvaluationSet(
      tasks: try TaskFile(lines, path: "/t.jsonl"),
      input: InputLayers(standard: try settings(["suffix": "low"])), for: thinker,
      instruction: "Letter!")
    #expect(set.clips.count == 3 && Set(set.clips.map(\.id)).count == 3)
    #expect(try set.clips[0].load().conversation.clips[0].video == nil)
    #expect(try set.clips[1].load().conversation.clips[0].video?.frames.count == 2)
    #expect(set.clips[1].questions[0].text == "Q\nS")
    #expect(set.clips[2].questions.map(\.text) == ["Q\nA. x\nB. y\nlow", "Q\nA. x"])
    let plain = try EvaluationSet(
      tasks: try TaskFile(lines, path: "/t.jsonl"), for: thinker, instruction: "Letter!")
    #expect(plain.fingerprint != set.fingerprint)
    #expect(plain.clips[2].questions[0].text == "Q\nA. x\nB. y\nLetter!")
  }

  @Test(arguments: [
    (#"{"fps": 0}"#, "fps must be"), (#"{"gamma": 1}"#, "gamma is not an input setting"),
    (#"{"system": ["a"]}"#, "system is not an input setting"),
    (#"{"fps": 1, "frames": 4}"#, "not both"),
  ])
  func `invalid input settings of a task are an error with the line`(
    _ input: String, _ words: String
  ) throws {
    let line = #"{"id": "a", "media": "m", "question": "Q", "input": \#(input)}"#
    let error = #expect(throws: EvaluationError.self) { try TaskFile(line, path: "/t.jsonl") }
    guard case .badTask(_, 1, let reason) = try #require(error) else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(reason.contains(words), "\(reason)")
  }

  // SEATS.md and FIELD.md: the pairs of each family.
  @Test(arguments: [
    (35.0, 0.30, 0.65, 0.32, 0.70), (25, 0.20, 0.55, 0.22, 0.60), (15, 0.10, 0.45, 0.12, 0.50),
    (10, 0.06, 0.35, 0.07, 0.45), (5, 0.03, 0.175, 0.035, 0.225), (100, 1, 1, 1, 1),
    (20, 0.15, 0.5, 0.17, 0.55),
  ])
  func `a nominal retention gives the ratio pair of the model family`(
    _ percent: Double, _ video: Double, _ audio: Double, _ video3: Double, _ audio3: Double
  ) throws {
    for (family, v, a) in [(ModelFamily.qwen25, video, audio), (.qwen3, video3, audio3)] {
      let budget = RetentionBudget(nominalPercent: percent, pairs: family.published.pairs)
      #expect(
        abs(budget.video - v) < 1e-12 && abs(budget.audio - a) < 1e-12, "\(family) \(percent)")
    }
    var options = SelectionOptions()
    options.retention = percent
    let thinker = try Thinker(
      directory: Fixtures.golden.appending(path: "qwen3_av/checkpoint").path)
    #expect(abs(options.settings(for: thinker).budget.video - video3) < 1e-12)
  }
}
