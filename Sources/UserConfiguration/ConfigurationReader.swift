import Basics
import Dashboard
import Media
import Runs
import Terminal

/// Reads the tables of a configuration file and collects warnings.
struct ConfigurationReader {
  private(set) var warnings: [ConfigurationWarning] = []
  private let document: TOMLDocument
  private let file: String
  private var known: Set<String> = ["keys"]
  private var table: [String: TOMLValue] { document.root }

  init(_ document: TOMLDocument, file: String) {
    self.document = document
    self.file = file
  }

  mutating func string(_ key: String) -> String? {
    known.insert(key)
    guard let value = table[key] else { return nil }
    guard let string = value.string else {
      warn(.badValue(key: key, expected: "a string"), at: key)
      return nil
    }
    return string
  }

  mutating func flag(_ key: String) -> Bool? {
    known.insert(key)
    guard let value = table[key] else { return nil }
    guard let flag = value.flag else {
      warn(.badValue(key: key, expected: "true or false"), at: key)
      return nil
    }
    return flag
  }

  /// A number of bytes, written as text such as `12G`.
  mutating func bytes(_ key: String) -> Int? {
    guard let text = string(key) else { return nil }
    guard let bytes = ByteCountText.bytes(text) else {
      warn(.badValue(key: key, expected: "bytes such as 512M or 12G"), at: key)
      return nil
    }
    return bytes
  }

  mutating func choice<Choice: RawRepresentable & CaseIterable>(_ key: String) -> Choice?
  where Choice.RawValue == String {
    guard let name = string(key) else { return nil }
    guard let choice = Choice(rawValue: name) else {
      let names = Choice.allCases.map(\.rawValue).joined(separator: ", ")
      warn(.badValue(key: key, expected: "one of \(names)"), at: key)
      return nil
    }
    return choice
  }

  mutating func number(_ key: String, in range: ClosedRange<Double>) -> Double? {
    known.insert(key)
    guard let value = table[key] else { return nil }
    guard let number = value.number, range.contains(number) else {
      let bounds = "\(range.lowerBound.formatted()) to \(range.upperBound.formatted())"
      warn(.badValue(key: key, expected: "a number from \(bounds)"), at: key)
      return nil
    }
    return number
  }

  /// Reads the table `[input]`; invalid settings are left out.
  mutating func input() -> InputSettings {
    known.insert("input")
    var settings = InputSettings()
    guard let value = table["input"] else { return settings }
    guard let section = value.table else {
      warn(.badValue(key: "input", expected: "a table"), at: "input")
      return settings
    }
    for key in section.keys.sorted() {
      guard let field = InputSettings.Field(rawValue: key) else {
        warn(.unknownKey("input.\(key)"), at: key)
        continue
      }
      let before = settings
      do throws(InputFault) {
        try settings.set(field, to: section[key]?.text ?? "?")
        if field == .preset { _ = try InputPreset.named(settings.preset ?? "") }
        try settings.check()
      } catch {
        settings = before
        warn(.badValue(key: "input.\(key)", expected: Self.expected(field, error)), at: key)
      }
    }
    return settings
  }

  private static func expected(_ field: InputSettings.Field, _ fault: InputFault) -> String {
    switch fault {
    case .both(let one, let other):
      "not given together with \(one == field ? other.rawValue : one.rawValue)"
    case .pixelBounds: "such that min_pixels is at most max_pixels"
    case .unknownPreset(_, let known): "one of \(known.joined(separator: ", "))"
    case .value, .key: field.expected
    }
  }

  /// Adds a warning for each key that no setting has read.
  mutating func warnAboutRest() {
    for key in table.keys.sorted() where !known.contains(key) { warn(.unknownKey(key), at: key) }
  }

  private mutating func warn(_ problem: ConfigurationWarning.Problem, at key: String) {
    warnings.append(.init(file: file, line: document.line(of: key), problem: problem))
  }
}

// MARK: - Keys

extension ConfigurationReader {
  /// The key table with the changes of the table `[keys]`: `action = "key"` or a list of keys;
  /// nested tables are contexts.
  mutating func keys(_ standard: AppKeyTable) -> AppKeyTable {
    guard let value = table["keys"] else { return standard }
    guard let section = value.table else {
      warn(.badValue(key: "keys", expected: "a table"), at: "keys")
      return standard
    }
    var keys = standard
    for name in section.keys.sorted() where section[name]?.table == nil {
      rebind(&keys, name, section[name], in: nil)
    }
    for name in section.keys.sorted() {
      guard let part = section[name]?.table else { continue }
      guard let context = standard.context(named: name) else {
        warn(.unknownContext(name), at: "keys.\(name)")
        continue
      }
      for action in part.keys.sorted() { rebind(&keys, action, part[action], in: context) }
    }
    return keys
  }

  private mutating func rebind(
    _ table: inout AppKeyTable, _ name: String, _ value: TOMLValue?,
    in context: KeyContext?
  ) {
    guard let action = table.action(named: name) else {
      warn(.unknownAction(name), at: name)
      return
    }
    guard let names = value?.strings else {
      warn(.badValue(key: name, expected: "a key or a list of keys"), at: name)
      return
    }
    var keys: [Key] = []
    for text in names {
      if let key = Key(text) {
        keys.append(key)
      } else {
        warn(.badKeyName(text, action: name), at: name)
      }
    }
    guard keys.count == names.count else { return }
    for conflict in table.rebind(action, to: keys, in: context) {
      let loser = conflict.actions.first?.name ?? ""
      warn(
        .taken(key: conflict.key.name, from: loser, context: conflict.context.name), at: name)
    }
  }
}
