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
