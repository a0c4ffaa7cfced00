import Selection
import Terminal

/// State of the form for a plan: settings as text, validated after every key.
struct PlanForm: Sendable, Equatable {
  enum Field: Sendable, Hashable, CaseIterable {
    case method, retention, video, audio, encoderScale, dropLayers, lateLayer, temperature
    case grids, audioSeconds, seed
    /// A parameter that only some methods have.
    case declared(SelectionParameter)

    /// Fields for every method.
    static let allCases: [Field] = [
      .method, .retention, .video, .audio, .encoderScale, .dropLayers, .lateLayer, .temperature,
      .grids, .audioSeconds, .seed,
    ]

    /// The selection parameter of a field; nil for the field of the method.
    var parameter: SelectionParameter? {
      switch self {
      case .method: nil
      case .retention, .video, .audio: .budget
      case .encoderScale: .encoderScale
      case .dropLayers: .dropLayers
      case .lateLayer: .lateLayer
      case .temperature: .windowTemperature
      case .grids: .gridsPerWindow
      case .audioSeconds: .audioWindowSeconds
      case .seed: .seed
      case .declared(let parameter): parameter
      }
    }
  }

  /// All fields, including those for parameters of the method.
  var fields: [Field] {
    Field.allCases
      + SelectionMethod.declaredParameters.filter(method.parameters.contains).map(Field.declared)
  }

  /// Settings at the time when the form was opened.
  let opened: SelectionSettings
  let shape: PromptShape
  /// Keep ratios for each nominal retention.
  let pairs: RetentionPairs
  private let methods: [SelectionMethod]
  private(set) var method: SelectionMethod
  private(set) var focus = Field.method
  private var lines: [Field: LineEditor] = [:]
  /// Initial text of each field, perhaps rounded; a field that is not edited keeps the exact
  /// setting.
  private var shown: [Field: String] = [:]
  /// Keep ratios at the start, or those of the typed R.
  private var budget: RetentionBudget

  init(
    _ settings: SelectionSettings, methods: [SelectionMethod], shape: PromptShape,
    pairs: RetentionPairs = .paper
  ) {
    opened = settings
    self.pairs = pairs
    self.shape = shape
    self.methods = methods
    method = settings.method
    budget = settings.budget
    show(.retention, budget.nominalPercent(pairs).map(Self.text) ?? "")
    showShares()
    show(.encoderScale, Self.text(settings.encoderScale))
    show(.dropLayers, DropLayerText.text(settings.dropLayers))
    show(.lateLayer, settings.lateLayer.map(String.init) ?? "none")
    show(.temperature, "\(settings.windowTemperature)")
    show(.grids, "\(settings.windows.grids)")
    show(.audioSeconds, "\(settings.windows.audioSeconds)")
    show(.seed, "\(settings.seed)")
    for parameter in SelectionMethod.declaredParameters {
      show(.declared(parameter), Self.text(settings[parameter]))
    }
  }

  private mutating func show(_ field: Field, _ text: String) {
    lines[field] = LineEditor(text)
    shown[field] = text
  }

  private mutating func showShares() {
    show(.video, Self.text(budget.video * 100))
    show(.audio, Self.text(budget.audio * 100))
  }

  /// Whether the user has edited the field.
  private func isEdited(_ field: Field) -> Bool { line(field).text != shown[field] }

  /// Editor with the text of a field; the method is selected, not typed.
  func line(_ field: Field) -> LineEditor { lines[field] ?? LineEditor() }

  /// Whether the selected method uses the field.
  func isUsed(_ field: Field) -> Bool { field.parameter.map(method.parameters.contains) ?? true }

  private var usedFields: [Field] { fields.filter(isUsed) }

  /// A number with as few digits as possible: `35`, `1.4`.
  static func text(_ number: Double) -> String {
    let rounded = (number * 1000).rounded() / 1000
    return rounded == rounded.rounded() && abs(rounded) < 1e9 ? "\(Int(rounded))" : "\(rounded)"
  }
}

// MARK: - Keys

extension PlanForm {
  /// Handles a key.
  /// - Returns: false if the key has no meaning in a form.
  mutating func handle(_ key: Key) -> Bool {
    switch key {
    case .down, .tab: move(by: 1)
    case .up, .backTab: move(by: -1)
    default: return focus == .method ? choose(key) : type(key)
    }
    return true
  }

  mutating func move(to field: Field) { focus = field }

  private mutating func move(by places: Int) {
    let fields = usedFields
    let index = (fields.firstIndex(of: focus) ?? 0) + places
    focus = fields[(index + fields.count) % fields.count]
  }

  private mutating func choose(_ key: Key) -> Bool {
    let places: Int
    switch key {
    case .right, .character(" "), .character("m"): places = 1
    case .left: places = -1
    default: return false
    }
    let index = (methods.firstIndex(of: method) ?? 0) + places
    method = methods[(index + methods.count) % methods.count]
    return true
  }

  private mutating func type(_ key: Key) -> Bool {
    var line = line(focus)
    guard line.handle(key) else { return false }
    replace(line)
    return true
  }

  /// Inserts pasted text into the focused field.
  mutating func paste(_ text: String) {
    var line = line(focus)
    line.paste(text)
    replace(line)
  }

  private mutating func replace(_ line: LineEditor) {
    let isSame = line.text == self.line(focus).text
    lines[focus] = line
    guard !isSame else { return }
    // R and the keep ratios express the same setting, so editing one updates the other.
    switch focus {
    case .retention: takeRetention()
    case .video, .audio:
      if let shares {
        lines[.retention] = LineEditor(shares.nominalPercent(pairs).map(Self.text) ?? "")
      }
    default: break
    }
  }

  private mutating func takeRetention() {
    if !isEdited(.retention) {
      budget = opened.budget
    } else if let percent = percent(.retention) {
      budget = RetentionBudget(nominalPercent: percent, pairs: pairs)
    } else {
      return
    }
    showShares()
  }
}

// MARK: - Settings

extension PlanForm {
  /// The settings of the form; nil if a field is invalid.
  var settings: SelectionSettings? { firstWrong == nil ? reading : nil }

  /// The first invalid field; nil if all are valid.
  var firstWrong: Field? { usedFields.first(where: isWrong) }

  /// The valid values of a field, as text.
  func limits(_ field: Field) -> String {
    switch field {
    case .method: "one of \(methods.count): left and right change it"
    case .retention: "1 to 100, ratios of \(pairs.family)"
    case .video, .audio: "0 to 100 %, averaged over the layers"
    case .encoderScale: "0 to 1000: Stage I keeps λ × the share"
    case .dropLayers: dropLimits
    case .lateLayer: "2 to \(shape.layers + 1), or none: text only from here"
    case .temperature: "above 0: smaller favours fewer windows"
    case .grids: "1 to 10000 grids per video window"
    case .audioSeconds: "1 to 10000 seconds per audio window"
    case .seed: "an integer from 0"
    case .declared(let parameter):
      "\(Self.text(parameter.range.lowerBound)) to \(Self.text(parameter.range.upperBound)): "
        + parameter.help
    }
  }

  private var dropLimits: String {
    guard lastDrop >= 1 else { return "none: no layer before the removal" }
    let example = lastDrop >= 8 ? "4-6-8" : "1-\(lastDrop)"
    let end = removal == nil ? "the last layer" : "the removal"
    return "1 to \(lastDrop), before \(end): \(example), or none"
  }

  /// The layer after which the late removal takes place; nil without late removal or if its field
  /// is invalid.
  private var removal: Int? {
    let late = isEdited(.lateLayer) ? lateLayer ?? nil : opened.lateLayer
    return late.flatMap { 2...shape.layers + 1 ~= $0 ? $0 - 1 : nil }
  }

  private var lastDrop: Int { (removal ?? shape.layers) - 1 }

  func isWrong(_ field: Field) -> Bool {
    switch field {
    case .method: false
    // The field is empty for separate keep ratios.
    case .retention:
      isEdited(field) && !line(.retention).text.trimmed.isEmpty && percent(.retention) == nil
    // Drop layers must be before the late removal.
    case .dropLayers:
      (isEdited(field) || isEdited(.lateLayer))
        && DropLayerText.parse(line(field).text, last: lastDrop) == nil
    default: isEdited(field) && !canBeRead(field)
    }
  }

  private func canBeRead(_ field: Field) -> Bool {
    switch field {
    case .method, .retention, .dropLayers: true
    case .video, .audio: percent(field) != nil
    case .encoderScale: number(field, in: SelectionParameter.encoderScale.range) != nil
    case .lateLayer: lateLayer != nil
    case .temperature: temperature != nil
    case .grids, .audioSeconds: count(field) != nil
    case .seed: UInt64(line(field).text.trimmed) != nil
    case .declared(let parameter):
      number(field, in: parameter.range).map(parameter.accepts) ?? false
    }
  }

  /// Keep ratios as typed; nil if one is invalid.
  private var shares: RetentionBudget? {
    guard let video = share(.video, budget.video), let audio = share(.audio, budget.audio) else {
      return nil
    }
    return RetentionBudget(video: video, audio: audio)
  }

  private func share(_ field: Field, _ before: Double) -> Double? {
    isEdited(field) ? percent(field).map { $0 / 100 } : before
  }

  /// Settings as typed. A field that is invalid, unused or not edited keeps the former setting.
  private var reading: SelectionSettings {
    var settings = opened
    settings.method = method
    if isUsed(.retention), let shares { settings.budget = shares }
    for field in usedFields where isEdited(field) && !isWrong(field) {
      read(field, into: &settings)
    }
    return settings
  }

  private func read(_ field: Field, into settings: inout SelectionSettings) {
    switch field {
    case .method, .retention, .video, .audio: break
    case .encoderScale:
      number(field, in: SelectionParameter.encoderScale.range).map { settings.encoderScale = $0 }
    case .dropLayers:
      DropLayerText.parse(line(field).text, last: lastDrop).map { settings.dropLayers = $0 }
    case .lateLayer: lateLayer.map { settings.lateLayer = $0 }
    case .temperature: temperature.map { settings.windowTemperature = $0 }
    case .grids: count(field).map { settings.windows.grids = $0 }
    case .audioSeconds: count(field).map { settings.windows.audioSeconds = $0 }
    case .seed: UInt64(line(field).text.trimmed).map { settings.seed = $0 }
    case .declared(let parameter):
      number(field, in: parameter.range).map { settings[parameter] = $0 }
    }
  }

  private func number(_ field: Field, in range: ClosedRange<Double>) -> Double? {
    Double(line(field).text.trimmed).flatMap { range.contains($0) ? $0 : nil }
  }

  private func percent(_ field: Field) -> Double? {
    number(field, in: field == .retention ? RetentionBudget.nominalPercents : 0...100)
  }

  private func count(_ field: Field) -> Int? {
    Int(line(field).text.trimmed).flatMap { 1...10_000 ~= $0 ? $0 : nil }
  }

  private var temperature: Float? {
    number(.temperature, in: SelectionParameter.windowTemperature.range).map { Float($0) }
  }

  /// Late layer as typed: `.some(nil)` for no late removal; nil if the text is invalid.
  private var lateLayer: Int?? {
    let text = line(.lateLayer).text.trimmed.lowercased()
    if text == "none" { return .some(nil) }
    guard let layer = Int(text), 2...shape.layers + 1 ~= layer else { return nil }
    return layer
  }
}
