import Media
import Runs
import Terminal

/// State of the form for input settings, each as text. An empty field means that clip,
/// configuration or published default set the value.
struct InputForm: Sendable, Equatable {
  typealias Field = InputSettings.Field

  private(set) var focus = Field.preset
  private var lines: [Field: LineEditor] = [:]

  init(_ asked: InputSettings) {
    for field in Field.allCases {
      lines[field] = LineEditor(asked.text(field).map { $0.isEmpty ? Self.empty : $0 } ?? "")
    }
  }

  /// Text that sets an empty text, because an empty field sets nothing.
  static let empty = "\"\""

  func line(_ field: Field) -> LineEditor { lines[field] ?? LineEditor() }

  /// Handles a key.
  /// - Returns: false if the key has no meaning in a form.
  mutating func handle(_ key: Key) -> Bool {
    switch key {
    case .down, .tab: move(by: 1)
    case .up, .backTab: move(by: -1)
    default: return lines[focus, default: LineEditor()].handle(key)
    }
    return true
  }

  /// Inserts pasted text into the focused field.
  mutating func paste(_ text: String) { lines[focus, default: LineEditor()].paste(text) }

  mutating func move(to field: Field) { focus = field }

  private mutating func move(by places: Int) {
    let fields = Field.allCases
    let index = (fields.firstIndex(of: focus) ?? 0) + places
    focus = fields[(index + fields.count) % fields.count]
  }
}

extension InputForm {
  /// The input settings of the form; nil if a field is invalid.
  var settings: InputSettings? {
    guard firstWrong == nil else { return nil }
    var settings = InputSettings()
    for field in Field.allCases { try? read(field, into: &settings) }
    return settings
  }

  /// The first invalid field; nil if all are valid.
  var firstWrong: Field? { Field.allCases.first { problem($0) != nil } }

  /// The error of a field; nil if it is valid.
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
    case .frames where isSet(.fps) && isSet(.frames): return "fps is set: clear one of them"
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

  /// Text of a field; nil if it is empty.
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
