import Media
import Profiling
import Terminal

/// The settings of the input being edited: what is asked for here, each as text; an empty field leaves
/// the setting to the clip, the configuration and the published default.
struct InputForm: Sendable, Equatable {
  typealias Field = InputSettings.Field

  private(set) var focus = Field.preset
  private var lines: [Field: LineEditor] = [:]

  init(_ asked: InputSettings) {
    for field in Field.allCases {
      lines[field] = LineEditor(asked.text(field).map { $0.isEmpty ? Self.empty : $0 } ?? "")
    }
  }

  /// How an empty text is typed: nothing at all leaves the setting alone.
  static let empty = "\"\""

  func line(_ field: Field) -> LineEditor { lines[field] ?? LineEditor() }

  /// Takes a key; false where it means nothing to a form.
  mutating func handle(_ key: Key) -> Bool {
    switch key {
    case .down, .tab: move(by: 1)
    case .up, .backTab: move(by: -1)
    default: return lines[focus, default: LineEditor()].handle(key)
    }
    return true
  }

  /// Takes a text at once, where something is typed.
  mutating func paste(_ text: String) { lines[focus, default: LineEditor()].paste(text) }

  mutating func move(to field: Field) { focus = field }

  private mutating func move(by places: Int) {
    let fields = Field.allCases
    let index = (fields.firstIndex(of: focus) ?? 0) + places
    focus = fields[(index + fields.count) % fields.count]
  }
}

extension InputForm {
  /// The settings typed; nil while a field is wrong.
  var settings: InputSettings? {
    guard firstWrong == nil else { return nil }
    var settings = InputSettings()
    for field in Field.allCases { try? read(field, into: &settings) }
    return settings
  }

  /// The first field that cannot be used as it stands.
  var firstWrong: Field? { Field.allCases.first { problem($0) != nil } }

  /// Why a field cannot be used; nil where it can.
  func problem(_ field: Field) -> String? {
    var settings = InputSettings()
    do throws(InputFault) {
      try read(field, into: &settings)
    } catch {
      return switch error {
      case .unknownPreset(_, let known): "one of \(known.joined(separator: ", "))"
      default: field.expected
      }
    }
    switch field {
    case .frames where isSet(.fps) && isSet(.frames): return "fps is given: leave one of them empty"
    case .maxPixels: return boundsProblem
    default: return nil
    }
  }

  private var boundsProblem: String? {
    guard let least = Int(typed(.minPixels) ?? ""), let most = Int(typed(.maxPixels) ?? ""),
      least > most
    else { return nil }
    return "at least min_pixels, \(least)"
  }

  private func isSet(_ field: Field) -> Bool { typed(field) != nil }

  /// What stands in a field; nil where nothing does.
  private func typed(_ field: Field) -> String? {
    let text = line(field).text
    if field == .system || field == .suffix {
      return text.isEmpty ? nil : text == Self.empty ? "" : text
    }
    return text.trimmed.isEmpty ? nil : text.trimmed
  }

  private func read(_ field: Field, into settings: inout InputSettings) throws(InputFault) {
    guard let text = typed(field) else { return }
    if field == .preset { _ = try InputPreset.named(text) }
    try settings.set(field, to: text)
  }
}

extension App {
  mutating func openInputForm() -> [Effect] {
    view.overlay = .input(InputForm(options.input))
    return []
  }

  /// Puts the settings of a form in force; a wrong field takes the cursor instead.
  mutating func enter(_ form: InputForm) -> [Effect] {
    guard let settings = form.settings else {
      var corrected = form
      form.firstWrong.map { corrected.move(to: $0) }
      view.overlay = .input(corrected)
      return []
    }
    view.overlay = nil
    guard settings != options.input else {
      say("nothing changes: the input is as it was")
      return []
    }
    options.input = settings
    return [.send(.prepare(settings))]
  }
}
