// swift-format-ignore-file: AlwaysUseLowerCamelCase
// Keys are spelled as they stand in the file.

/// `plan`: another plan from now on.
struct TracePlanChange: Codable, Equatable {
  var settings: TraceSettings?
  var plan: TracePlan
  /// Steps done before it that stay as they are.
  var keeps: Int
}

/// What was asked for.
struct TraceSettings: Codable, Equatable {
  var method: String
  var video_ratio, audio_ratio: Double?
  var encoder_scale: Double?
  var drop_layers: [Int]?
  var late_layer: Int?
  var grids_per_window, audio_window_seconds: Int?
  var window_temperature: Float?
  var seed: UInt64?
}

extension TraceSettings {
  /// Keys without a value, of those that a run cannot be made again without. A method without late
  /// removal has no `late_layer`, and τ has a default for each model family.
  static func unstatedKeys(_ settings: TraceSettings?) -> [String] {
    let values: [(key: String, isStated: Bool)] = [
      ("video_ratio", settings?.video_ratio != nil),
      ("audio_ratio", settings?.audio_ratio != nil),
      ("encoder_scale", settings?.encoder_scale != nil),
      ("drop_layers", settings?.drop_layers != nil),
      ("grids_per_window", settings?.grids_per_window != nil),
      ("audio_window_seconds", settings?.audio_window_seconds != nil),
    ]
    return values.filter { !$0.isStated }.map(\.key)
  }
}

/// What is dropped where.
struct TracePlan: Codable, Equatable {
  /// One drop. `rule` says which of the other keys mean something.
  struct Rule: Codable, Equatable {
    /// Nil in `stage1`.
    var after_layer: Int?
    var rule: String
    /// Shares kept; left out where a modality stays whole.
    var video, audio: Double?
    var contextual: Double?
    var grids_per_window, audio_window_seconds: Int?
    var temperature: Float?
    /// A share kept at random, and the seeds.
    var random_audio: Double?
    var video_seed, audio_seed: UInt64?
    /// Modalities that are removed.
    var removes: [String]?
  }

  var method: String
  var stage1: Rule?
  var boundaries: [Rule]?
  var notes: [String]?
}
