import ArgumentParser
import Foundation
import Runs
import Selection

/// Options for plan settings other than method and budget, for every command that makes plans.
struct PlanOptions: ParsableArguments {
  @Option(
    help: """
      Lambda: Stage I ratio as a multiple of the target retention \
      (\(SelectionParameter.encoderScale.limits)).
      """)
  var encoderScale: Double?

  @Option(
    help: "Layers after which tokens are dropped: 16-18-20, or none (default: of the model).",
    transform: LayerList.init)
  var dropLayers: LayerList?

  @Option(help: "First layer that processes text only, or none (default: of the model).")
  var lateLayer: LateLayer?

  @Option(help: "Temporal grids per video window (\(SelectionParameter.gridsPerWindow.limits)).")
  var gridsPerWindow: Int?

  @Option(help: "Seconds per audio window (\(SelectionParameter.audioWindowSeconds.limits)).")
  var audioWindowSeconds: Int?

  @Option(
    help: "Tau of the softmax over windows (default: \(FamilyHelp.windowTemperatures)).")
  var windowTemperature: Float?

  @Option(
    help: """
      Seed of random methods, combined with a hash of the prompt \
      (default: \(SelectionOptions().seed)).
      """)
  var seed: UInt64?

  @Option(
    name: .customLong("set"),
    help: ArgumentHelp(
      "A parameter of the method, as NAME=VALUE: "
        + SelectionMethod.declaredParameters.map(\.described).joined(separator: "; ") + ".",
      valueName: "name=value"), transform: ParameterValue.init)
  var parameters: [ParameterValue] = []

  @Option(
    help: ArgumentHelp(
      "Tokens that no drop takes before the late removal, by modality and number: "
        + "video:1-8,audio:3.", valueName: "tokens"),
    transform: { try TokenListOption.tokens($0) })
  var keep: TokenList?

  @Option(
    help: ArgumentHelp(
      "Tokens that do not enter layer 1, whatever the method selects: video:1-8,audio:3.",
      valueName: "tokens"),
    transform: { try TokenListOption.tokens($0) })
  var drop: TokenList?

  func validate() throws {
    let both = (keep ?? TokenList()).intersection(drop ?? TokenList())
    guard both.isEmpty else {
      throw ValidationError("--keep and --drop both name \(both.text): leave it out of one.")
    }
    try OptionBounds.check(encoderScale, .encoderScale, "a factor")
    try OptionBounds.check(gridsPerWindow.map(Double.init), .gridsPerWindow, "a count")
    try OptionBounds.check(audioWindowSeconds.map(Double.init), .audioWindowSeconds, "a length")
    try OptionBounds.check(windowTemperature.map(Double.init), .windowTemperature, "a temperature")
  }

  /// Changes the settings for which an option is given. Parameters of `--set` apply to the methods
  /// that have them.
  func apply(to options: inout SelectionOptions) {
    options.encoderScale = encoderScale ?? options.encoderScale
    options.dropLayers = dropLayers?.layers ?? options.dropLayers
    // `none` is a value of the option, which `??` would replace.
    if let lateLayer { options.lateLayer = .some(lateLayer.layer) }
    options.gridsPerWindow = gridsPerWindow ?? options.gridsPerWindow
    options.audioWindowSeconds = audioWindowSeconds ?? options.audioWindowSeconds
    options.windowTemperature = windowTemperature ?? options.windowTemperature
    options.seed = seed ?? options.seed
    options.forced = ForcedTokens(kept: keep ?? TokenList(), dropped: drop ?? TokenList())
    for setting in parameters where options.method.parameters.contains(setting.parameter) {
      options.values[setting.parameter.name] = setting.value
    }
  }

  /// Checks that at least one method has each parameter of `--set`.
  /// - Throws: `ValidationError`.
  func check(for methods: [SelectionMethod]) throws {
    for setting in parameters where !methods.contains(where: setting.belongs) {
      let names = methods.map(\.rawValue).joined(separator: ", ")
      throw ValidationError(
        "--set \(setting.parameter.name): \(names) has no such parameter; it belongs to "
          + setting.owners.joined(separator: ", ") + ".")
    }
  }
}

/// Value of `--set`: a method parameter with its value, such as `anchors=0.1`.
struct ParameterValue {
  let parameter: SelectionParameter
  let value: Double

  /// Parses a method parameter with its value.
  /// - Throws: `ValidationError`.
  init(_ argument: String) throws {
    let parts = argument.split(separator: "=", maxSplits: 1).map(String.init)
    guard parts.count == 2 else { throw ValidationError("write NAME=VALUE, as in anchors=0.1.") }
    let declared = SelectionMethod.declaredParameters
    guard let parameter = declared.first(where: { $0.name == parts[0] }) else {
      let names = declared.map(\.name).joined(separator: ", ")
      throw ValidationError("unknown parameter \(parts[0]): use one of \(names).")
    }
    guard let value = Double(parts[1]), parameter.accepts(value) else {
      let kind = parameter.isCount ? "an integer" : "a number"
      throw ValidationError(
        "\(parameter.name) takes \(kind) (\(parameter.limits)), not \(parts[1]).")
    }
    (self.parameter, self.value) = (parameter, value)
  }

  func belongs(to method: SelectionMethod) -> Bool { method.parameters.contains(parameter) }

  fileprivate var owners: [String] {
    SelectionMethod.allCases.filter(belongs).map(\.rawValue)
  }
}

extension SelectionParameter {
  /// The parameter for the help text:
  /// `anchors, share of tokens that become anchors (0 to 1, default 0.05)`.
  fileprivate var described: String { "\(name), \(help) (\(limits))" }
}
