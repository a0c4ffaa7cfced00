/// A parameter of a selection method.
public struct SelectionParameter: Sendable, Hashable {
  /// Name of the parameter in `--set NAME=VALUE`, in traces and in reports.
  public let name: String
  /// Label of the parameter in the plan form, such as `λ`.
  public let label: String
  public let unit: String
  public let range: ClosedRange<Double>
  /// Default value; nil if it depends on the model.
  public let standard: Double?
  /// Short description of the parameter, for help.
  public let help: String
  /// Whether only integers are valid.
  public let isCount: Bool

  public init(
    _ name: String, label: String? = nil, unit: String = "", in range: ClosedRange<Double>,
    standard: Double?, isCount: Bool = false, help: String
  ) {
    self.name = name
    self.label = label ?? name
    self.unit = unit
    self.range = range
    self.standard = standard
    self.isCount = isCount
    self.help = help
  }

  /// Whether a value is in range, and an integer if required.
  public func accepts(_ value: Double) -> Bool {
    range.contains(value) && (!isCount || value == value.rounded())
  }

  public static func == (left: Self, right: Self) -> Bool { left.name == right.name }
  public func hash(into hasher: inout Hasher) { hasher.combine(name) }
}

/// Parameters that are properties of `SelectionSettings`. Methods may declare others, which are
/// read by `settings[parameter]`.
extension SelectionParameter {
  public static let shared: [SelectionParameter] = [
    .budget, .encoderScale, .dropLayers, .lateLayer, .windowTemperature, .gridsPerWindow,
    .audioWindowSeconds, .seed,
  ]

  public static let budget = SelectionParameter(
    "retention", label: "R", unit: "%", in: RetentionBudget.nominalPercents, standard: 15,
    help: "share of video and audio tokens, averaged over the layers")
  public static let encoderScale = SelectionParameter(
    "encoder-scale", label: "λ", in: 0...1000, standard: 1.4,
    help: "Stage I keeps λ × the share")
  public static let dropLayers = SelectionParameter(
    "drop-layers", label: "drop layers", in: 1...1e5, standard: nil, isCount: true,
    help: "layers after which tokens are dropped")
  public static let lateLayer = SelectionParameter(
    "late-layer", label: "late layer", in: 1...1e5, standard: nil, isCount: true,
    help: "first layer with text tokens only")
  public static let windowTemperature = SelectionParameter(
    "window-temperature", label: "τ", in: 1e-7...1e7, standard: nil,
    help: "softmax over windows: smaller values favour fewer windows")
  public static let gridsPerWindow = SelectionParameter(
    "grids-per-window", label: "video window", unit: "grids", in: 1...10_000, standard: 2,
    isCount: true, help: "temporal grids per video window")
  public static let audioWindowSeconds = SelectionParameter(
    "audio-window-seconds", label: "audio window", unit: "s", in: 1...10_000, standard: 2,
    isCount: true, help: "seconds per audio window")
  public static let seed = SelectionParameter(
    "seed", in: 0...Double(UInt64.max), standard: 0, isCount: true,
    help: "for random selection, combined with the prompt")
}
