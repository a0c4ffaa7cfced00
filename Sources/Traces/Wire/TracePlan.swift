// swift-format-ignore-file: AlwaysUseLowerCamelCase
// Keys as in the file.

import Selection

/// Event `plan` of a trace: settings and plan were changed.
struct TracePlanChange: Codable {
  var settings: TraceSettings?
  var plan: TracePlan
  /// Number of finished steps that are kept.
  var keeps: Int
}

/// Selection settings in a trace.
struct TraceSettings: Codable, Equatable {
  var method: String
  var video_ratio, audio_ratio: Double?
  var encoder_scale: Double?
  var drop_layers: [Int]?
  var late_layer: Int?
  var grids_per_window, audio_window_seconds: Int?
  var window_temperature: Float?
  var seed: UInt64?
  /// Method parameters that differ from their defaults.
  var parameters: [String: Double]?
  /// Tokens that are kept or dropped by hand, as ranges of ordinals: `video:1-8`.
  var keep, drop: [String]?
}

extension TraceSettings {
  /// Missing keys that are needed to repeat a run. `late_layer` is not needed for a method without
  /// late removal, and τ has a default for each model family.
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

/// A selection plan in a trace: its rules and boundaries.
struct TracePlan: Codable {
  var method: String
  var stage1: EncoderRuleEntry?
  var boundaries: [BoundaryEntry]?
  var notes: [String]?
}

/// The rule of Stage I in a trace: its name and its own keys.
struct EncoderRuleEntry: Codable {
  let rule: any EncoderRule

  private enum CodingKeys: CodingKey { case rule }

  init(_ rule: any EncoderRule) { self.rule = rule }

  init(from decoder: any Decoder) throws {
    let keys = try decoder.container(keyedBy: CodingKeys.self)
    let name = try keys.decode(String.self, forKey: .rule)
    rule = try RuleList.encoderRule(named: name, from: decoder)
  }

  func encode(to encoder: any Encoder) throws {
    var keys = encoder.container(keyedBy: CodingKeys.self)
    try keys.encode(rule.name, forKey: .rule)
    try rule.encode(to: encoder)
  }
}

/// The rule of a boundary in a trace, and its layer.
struct BoundaryEntry: Codable {
  let after_layer: Int
  let rule: any BoundaryRule

  private enum CodingKeys: CodingKey { case after_layer, rule }

  init(_ boundary: LayerBoundary) {
    (after_layer, rule) = (boundary.afterLayer, boundary.rule)
  }

  init(from decoder: any Decoder) throws {
    let keys = try decoder.container(keyedBy: CodingKeys.self)
    after_layer = try keys.decode(Int.self, forKey: .after_layer)
    let name = try keys.decode(String.self, forKey: .rule)
    rule = try RuleList.boundaryRule(named: name, from: decoder)
  }

  func encode(to encoder: any Encoder) throws {
    var keys = encoder.container(keyedBy: CodingKeys.self)
    try keys.encode(after_layer, forKey: .after_layer)
    try keys.encode(rule.name, forKey: .rule)
    try rule.encode(to: encoder)
  }
}
