import Selection

extension SelectionSettings {
  /// What a trace says of the settings; what it leaves out is as it was, or as the plan has it.
  init(
    _ trace: TraceSettings?, plan: TracePlan?, before: SelectionSettings? = nil
  ) throws(TraceProblem) {
    var settings = before ?? SelectionSettings(method: .full, dropLayers: [], lateLayer: nil)
    guard let trace else {
      settings.method = plan.flatMap { SelectionMethod(rawValue: $0.method) } ?? settings.method
      self = settings
      return
    }
    settings.method = SelectionMethod(rawValue: trace.method) ?? .full
    settings.budget = RetentionBudget(
      video: try Self.share(trace.video_ratio, "video_ratio"),
      audio: try Self.share(trace.audio_ratio, "audio_ratio"))
    settings.encoderScale = try TraceCheck.number(
      trace.encoder_scale, "settings.encoder_scale", in: 0...1000, default: 1.4)
    settings.dropLayers = try Self.layers(trace.drop_layers ?? [])
    settings.lateLayer = try trace.late_layer.map { late throws(TraceProblem) in
      try TraceCheck.count(late, "settings.late_layer", in: 1...100_000)
    }
    settings.windows = SelectionWindows(
      grids: try TraceCheck.count(
        trace.grids_per_window, "settings.grids_per_window", in: 1...10_000, default: 2),
      audioSeconds: try TraceCheck.count(
        trace.audio_window_seconds, "settings.audio_window_seconds", in: 1...10_000, default: 2))
    settings.windowTemperature = Float(
      try TraceCheck.number(
        trace.window_temperature.map(Double.init), "settings.window_temperature", in: 0...1e8,
        default: Double(Float(0.1))))
    settings.seed = trace.seed ?? 0
    self = settings
  }

  private static func share(_ value: Double?, _ key: String) throws(TraceProblem) -> Double {
    try TraceCheck.number(value, "settings.\(key)", in: 0...1, default: 1)
  }

  private static func layers(_ drops: [Int]) throws(TraceProblem) -> [Int] {
    if let odd = drops.first(where: { !(1...100_000 ~= $0) }) {
      throw TraceCheck.bad("settings.drop_layers", "\(odd)", "layers from 1")
    }
    return drops
  }
}

extension SelectionPlan {
  /// A plan left out drops nothing, as far as is known beforehand.
  init(_ trace: TracePlan?, layers: Int) throws(TraceProblem) {
    guard let trace else {
      self = .full
      return
    }
    var boundaries: [LayerBoundary] = []
    for rule in trace.boundaries ?? [] {
      let boundary = try LayerBoundary(rule, layers: layers)
      guard boundary.afterLayer > boundaries.last?.afterLayer ?? 0 else {
        let key = "plan.boundaries.after_layer"
        throw TraceCheck.bad(key, "\(boundary.afterLayer)", "ascending layers")
      }
      boundaries.append(boundary)
    }
    self.init(
      method: SelectionMethod(rawValue: trace.method) ?? .full,
      encoderRule: try trace.stage1.map { rule throws(TraceProblem) in try EncoderRule(rule) },
      boundaries: boundaries, notes: trace.notes ?? [])
  }
}

extension EncoderRule {
  init(_ trace: TracePlan.Rule) throws(TraceProblem) {
    let rule = RuleReader(trace, "plan.stage1")
    switch trace.rule {
    case "diversity":
      self = .diversity(
        video: try rule.video ?? 1, audio: try rule.audio ?? 1, windows: try rule.windows)
    case "dominant":
      self = .dominant(
        video: try rule.video, audio: try rule.audio, contextual: try rule.contextual,
        windows: try rule.windows, randomAudio: try rule.randomAudio)
    case "spread":
      self = .spread(
        video: try rule.video ?? 1, audio: try rule.audio, randomAudio: try rule.randomAudio)
    case "novelty":
      self = .novelty(video: try rule.video ?? 1, randomAudio: try rule.randomAudio)
    case "audio-guided":
      self = .audioGuided(
        video: try rule.video ?? 1, audio: try rule.audio ?? 1, contextual: try rule.contextual,
        windows: try rule.windows)
    case "random":
      self = .random(
        video: RandomShare(ratio: try rule.video ?? 1, seed: trace.video_seed ?? 0),
        audio: RandomShare(ratio: try rule.audio ?? 1, seed: trace.audio_seed ?? 0))
    case "remove": self = .remove(video: rule.removes("video"), audio: rule.removes("audio"))
    default:
      throw rule.unknown(
        "diversity, dominant, spread, novelty, audio-guided, random, remove")
    }
  }
}

extension LayerBoundary {
  init(_ trace: TracePlan.Rule, layers: Int) throws(TraceProblem) {
    let rule = RuleReader(trace, "plan.boundaries")
    guard let after = trace.after_layer else {
      throw TraceProblem(.missingKey("plan.boundaries.after_layer"))
    }
    self.init(
      afterLayer: try TraceCheck.count(after, "plan.boundaries.after_layer", in: 1...layers),
      rule: try BoundaryRule(trace, rule))
  }
}

extension BoundaryRule {
  fileprivate init(_ trace: TracePlan.Rule, _ rule: RuleReader) throws(TraceProblem) {
    switch trace.rule {
    case "windows":
      self = .windows(
        video: try rule.video ?? 1, audio: try rule.audio ?? 1, temperature: try rule.temperature)
    case "global":
      self = .global(
        video: try rule.video, audio: try rule.audio, randomAudio: try rule.randomAudio)
    case "remove": self = .remove(video: rule.removes("video"), audio: rule.removes("audio"))
    default: throw rule.unknown("windows, global, remove")
    }
  }
}

/// The keys of a rule, each checked as it is asked for.
private struct RuleReader {
  let rule: TracePlan.Rule
  let key: String

  init(_ rule: TracePlan.Rule, _ key: String) {
    (self.rule, self.key) = (rule, key)
  }

  var video: Double? { get throws(TraceProblem) { try share(rule.video, "video") } }
  var audio: Double? { get throws(TraceProblem) { try share(rule.audio, "audio") } }

  var contextual: Double {
    get throws(TraceProblem) { try share(rule.contextual, "contextual") ?? 0 }
  }

  var randomAudio: RandomShare? {
    get throws(TraceProblem) {
      try share(rule.random_audio, "random_audio").map {
        RandomShare(ratio: $0, seed: rule.audio_seed ?? 0)
      }
    }
  }

  var temperature: Float {
    get throws(TraceProblem) {
      let value = rule.temperature.map(Double.init)
      return Float(try TraceCheck.number(value, "\(key).temperature", in: 0...1e8, default: 0.1))
    }
  }

  var windows: SelectionWindows {
    get throws(TraceProblem) {
      SelectionWindows(
        grids: try TraceCheck.count(
          rule.grids_per_window, "\(key).grids_per_window", in: 1...10_000, default: 2),
        audioSeconds: try TraceCheck.count(
          rule.audio_window_seconds, "\(key).audio_window_seconds", in: 1...10_000, default: 2))
    }
  }

  func removes(_ modality: String) -> Bool {
    rule.removes?.contains(modality) ?? true
  }

  func unknown(_ known: String) -> TraceProblem {
    TraceCheck.bad("\(key).rule", rule.rule, known)
  }

  /// A schedule may ask for less than nothing, which keeps one token.
  private func share(_ value: Double?, _ name: String) throws(TraceProblem) -> Double? {
    guard let value else { return nil }
    return try TraceCheck.number(value, "\(key).\(name)", in: -1e6...1e6)
  }
}
