import Media
import OmniModel

/// Input settings of a published evaluation, named after the benchmark.
public struct InputPreset: Sendable, Equatable {
  public let name: String
  /// Name of the benchmark.
  public let benchmark: String
  /// Maximum number of frames per clip.
  private let frames: Int
  /// Whether the system text of the evaluation asks the model to choose an option.
  private let asksToChoose: Bool

  /// All presets, with frames and pixels of the SEATS evaluation scripts, which most other
  /// evaluations share. For Qwen3-Omni the scripts use 128 and 196 frames; 196 for every larger
  /// benchmark is an assumption.
  public static let all = [
    InputPreset(
      name: "daily-omni", benchmark: "Daily-Omni", frames: 128,
      asksToChoose: true),
    InputPreset(
      name: "worldsense", benchmark: "WorldSense", frames: 128,
      asksToChoose: true),
    InputPreset(
      name: "omnivideobench", benchmark: "OmniVideoBench", frames: 256,
      asksToChoose: false),
    InputPreset(
      name: "video-mme", benchmark: "Video-MME", frames: 768,
      asksToChoose: false),
    InputPreset(
      name: "lvomnibench", benchmark: "LVOmniBench", frames: 768,
      asksToChoose: false),
  ]

  /// Sources of the values, and assumptions made.
  public var sources: [String] {
    let others = ModelFamily.allCases.filter { !$0.published.isInScripts }.map(\.rawValue)
    var sources = ["frames, pixels and system text are those of SEATS's evaluation scripts"]
    if !others.isEmpty {
      sources[0] +=
        "; they do not cover \(others.joined(separator: " and ")), for which the same frames and pixels "
        + "are assumed, and no system text"
    }
    for family in ModelFamily.allCases {
      guard let limit = family.published.frameLimit, limit < frames else { continue }
      sources.append(
        "max_frames \(limit) for \(family.rawValue) is assumed: the scripts use it without the "
          + "benchmark")
    }
    if asksToChoose {
      sources.append(
        "the last sentence of the system text is OmniEval's for Qwen2.5-Omni, not lmms-eval's")
    }
    return sources + ["VLMEvalKit's suffix; lmms-eval's tasks use other wordings"]
  }

  /// Default instruction after the choices, as in lmms-eval's tasks.
  public static let choiceInstruction =
    "Answer with the option's letter from the given choices directly."

  public static var names: [String] { all.map(\.name) }

  /// The preset of this name.
  /// - Throws: `InputFault.unknownPreset`.
  public static func named(_ name: String) throws(InputFault) -> InputPreset {
    guard let preset = all.first(where: { $0.name == name }) else {
      throw .unknownPreset(name, known: names)
    }
    return preset
  }

  static let system =
    "You are Qwen, a virtual human developed by the Qwen Team, Alibaba Group, capable of perceiving "
    + "auditory and visual inputs, as well as generating text and speech."
  static let choosing =
    " Please analyze the video carefully and select the most appropriate answer from the given "
    + "options."

  /// The settings of the preset for a model family.
  public func settings(for family: ModelFamily) -> InputSettings {
    let published = family.published
    let token = published.tokenSide * published.tokenSide
    var settings = InputSettings()
    settings.preset = name
    settings.fps = 2
    settings.maxFrames = min(frames, published.frameLimit ?? frames)
    settings.minPixels = 128 * token
    settings.maxPixels = 144 * token
    settings.totalPixels = 24_576 * 28 * 28
    if published.isInScripts {
      settings.system = Self.system + (asksToChoose ? Self.choosing : "")
    }
    settings.suffix = Self.choiceInstruction
    settings.secondsPerGrid = .published
    return settings
  }
}
