import Selection

extension SelectionSettings {
  /// Settings of a trace. Missing ones are those of the previous settings or of the plan.
  init(
    _ trace: TraceSettings?, plan: TracePlan?, before: SelectionSettings? = nil
  ) throws(TraceProblem) {
    var settings = before ?? SelectionSettings(method: .full, dropLayers: [], lateLayer: nil)
    guard let trace else {
      settings.method = plan.map { SelectionMethod(named: $0.method) } ?? settings.method
      self = settings
      return
    }
    settings.method = SelectionMethod(named: trace.method)
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
    settings.values = try Self.values(trace.parameters ?? [:])
    settings.forced = ForcedTokens(
      kept: try Self.tokens(trace.keep, "keep"), dropped: try Self.tokens(trace.drop, "drop"))
    self = settings
  }

  private static func share(_ value: Double?, _ key: String) throws(TraceProblem) -> Double {
    try TraceCheck.number(value, "settings.\(key)", in: 0...1, default: 1)
  }

  /// Validates method parameters; unknown ones are kept.
  private static func values(_ stated: [String: Double]) throws(TraceProblem) -> [String: Double] {
    guard stated.count <= 100 else {
      throw TraceCheck.bad("settings.parameters", "\(stated.count)", "at most 100")
    }
    for (name, value) in stated {
      let range = SelectionMethod.declaredParameters.first { $0.name == name }?.range
      _ = try TraceCheck.number(
        value, "settings.parameters.\(name.prefix(40))", in: range ?? -1e24...1e24)
    }
    return stated
  }

  private static func tokens(_ entries: [String]?, _ key: String) throws(TraceProblem) -> TokenList
  {
    do {
      return try TokenList(entries: entries ?? [])
    } catch {
      let found = if case .unknownEntry(let text) = error { text } else { "" }
      throw TraceCheck.bad("settings.\(key)", found, "ranges of tokens such as video:1-8")
    }
  }

  private static func layers(_ drops: [Int]) throws(TraceProblem) -> [Int] {
    if let odd = drops.first(where: { !(1...100_000 ~= $0) }) {
      throw TraceCheck.bad("settings.drop_layers", "\(odd)", "layers from 1")
    }
    return drops
  }
}

extension SelectionPlan {
  /// Validates the plan of a trace. Without a plan, nothing is dropped.
  init(_ trace: TracePlan?, layers: Int) throws(TraceProblem) {
    guard let trace else {
      self = .full
      return
    }
    let key = "plan.boundaries.after_layer"
    var boundaries: [LayerBoundary] = []
    for entry in trace.boundaries ?? [] {
      let layer = try TraceCheck.count(entry.after_layer, key, in: 1...layers)
      guard layer > boundaries.last?.afterLayer ?? 0 else {
        throw TraceCheck.bad(key, "\(layer)", "ascending layers")
      }
      boundaries.append(LayerBoundary(afterLayer: layer, rule: entry.rule))
    }
    self.init(
      method: SelectionMethod(named: trace.method),
      encoderRule: trace.stage1?.rule, boundaries: boundaries, notes: trace.notes ?? [])
  }
}

extension TraceProblem {
  init(_ fault: RuleFault) {
    let (low, high) = (fault.bounds.lowerBound, fault.bounds.upperBound)
    self =
      fault.isCount
      ? TraceCheck.bad(fault.key, fault.found, "\(Int(low)) to \(Int(high))")
      : TraceCheck.bad(fault.key, fault.found, "from \(TraceCheck.text(fault.bounds))")
  }
}
