extension SelectionSettings {
  /// All settings that a plan depends on, as text: equal for equivalent settings, and unchanged in
  /// later versions of the program. Examples: `method=full`, or `method=seats video=0.1 audio=0.45
  /// encoder_scale=1.4 drop_layers=16-18-20 late_layer=24 …`
  ///
  /// A setting that is added to the program later is included only if it differs from its default,
  /// so that older results keep their identity.
  public var identity: String {
    guard method != .full else { return (["method=full"] + byHand).joined(separator: " ") }
    let same = method.definition?.equivalent(self) ?? self
    guard same.method == method else { return same.identity }
    var parts = [
      "method=\(method.rawValue)", "video=\(budget.video)", "audio=\(budget.audio)",
      "encoder_scale=\(encoderScale)", "drop_layers=\(LayerListText.text(dropLayers))",
      "late_layer=\(lateLayer.map(String.init) ?? "none")", "grids_per_window=\(windows.grids)",
      "audio_window_seconds=\(windows.audioSeconds)", "window_temperature=\(windowTemperature)",
    ]
    if seed != 0 { parts.append("seed=\(seed)") }
    let used = method.parameters
    let own = values.filter { name, _ in used.contains { $0.name == name } }
    parts += own.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
    parts += byHand
    return parts.joined(separator: " ")
  }

  private var byHand: [String] {
    [("keep", forced.kept), ("drop", forced.dropped)].filter { !$0.1.isEmpty }
      .map { "\($0)=\($1.text)" }
  }
}

extension SelectionSettings {
  /// The settings whose `identity` is this text, with other values as in `base`; nil for text that
  /// is not an identity, and for a method or a parameter that this version does not have.
  public init?(identity text: String, base: SelectionSettings) {
    self = base
    var isMethodKnown = false
    (seed, values) = (0, [:])
    for part in text.split(separator: " ") {
      let sides = part.split(separator: "=", maxSplits: 1).map(String.init)
      guard sides.count == 2 else { return nil }
      if sides[0] == "method" {
        guard let known = SelectionMethod(rawValue: sides[1]) else { return nil }
        (method, isMethodKnown) = (known, true)
        if known == .full { budget = RetentionBudget(video: 1, audio: 1) }
      } else if !take(sides[0], sides[1]) {
        return nil
      }
    }
    guard isMethodKnown else { return nil }
  }

  /// Sets one value of an identity; false if it is unknown or invalid.
  private mutating func take(_ name: String, _ value: String) -> Bool {
    func set<Value>(_ path: WritableKeyPath<SelectionSettings, Value>, _ parsed: Value?) -> Bool {
      guard let parsed else { return false }
      self[keyPath: path] = parsed
      return true
    }
    switch name {
    case "video": return set(\.budget.video, Self.share(value))
    case "audio": return set(\.budget.audio, Self.share(value))
    case "encoder_scale":
      return set(\.encoderScale, Self.number(value, SelectionParameter.encoderScale.range))
    case "drop_layers": return set(\.dropLayers, try? LayerListText.layers(value))
    case "late_layer":
      if value == "none" { return set(\.lateLayer, .some(nil)) }
      return set(
        \.lateLayer, Int(value).flatMap { 1...LayerListText.mostLayers + 1 ~= $0 ? .some($0) : nil }
      )
    case "grids_per_window": return set(\.windows.grids, Self.count(value))
    case "audio_window_seconds": return set(\.windows.audioSeconds, Self.count(value))
    case "window_temperature":
      return set(
        \.windowTemperature,
        Self.number(value, SelectionParameter.windowTemperature.range).flatMap { _ in Float(value) }
      )
    case "seed": return set(\.seed, UInt64(value))
    default:
      guard let parameter = SelectionMethod.declaredParameters.first(where: { $0.name == name }),
        let number = Self.number(value, parameter.range)
      else { return false }
      self[parameter] = number
      return true
    }
  }

  private static func share(_ text: String) -> Double? { number(text, 0...1) }

  private static func number(_ text: String, _ range: ClosedRange<Double>) -> Double? {
    Double(text).flatMap { range.contains($0) ? $0 : nil }
  }

  private static func count(_ text: String) -> Int? {
    Int(text).flatMap { 1...10_000 ~= $0 ? $0 : nil }
  }
}
