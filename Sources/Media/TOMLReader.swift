import Basics

/// Reads values of a TOML table; a value of the wrong type throws an error with file and key.
struct TOMLReader {
  let file: String
  private let table: [String: TOMLValue]
  private let prefix: String

  private init(_ table: [String: TOMLValue], file: String, prefix: String) {
    self.table = table
    self.file = file
    self.prefix = prefix
  }

  init(parsing bytes: [UInt8], file: String) throws(MediaError) {
    do {
      self.init(try TOMLDocument(bytes).root, file: file, prefix: "")
    } catch {
      throw .manifestSyntax(
        file: file, line: error.line, column: error.column,
        reason: error.reason.printable(limit: 200))
    }
  }

  func section(_ key: String) throws(MediaError) -> TOMLReader? {
    guard let value = table[key] else { return nil }
    guard let section = value.table else { throw wrongType(key, "a table", value) }
    return TOMLReader(section, file: file, prefix: "\(prefix)\(key).")
  }

  /// Unknown keys of the table, prefixed by the table's name.
  func unknownKeys(besides known: Set<String>) -> [String] {
    table.keys.filter { !known.contains($0) }.sorted().map { prefix + $0.printable(limit: 80) }
  }
}

extension TOMLReader {
  /// Every value of the table as text; nil for a value that is not a text, number or Boolean.
  var scalars: [(key: String, text: String?)] {
    table.sorted { $0.key < $1.key }.map { ($0.key.printable(limit: 80), $0.value.text) }
  }

  func string(_ key: String) throws(MediaError) -> String? {
    guard let value = table[key] else { return nil }
    guard let string = value.string else { throw wrongType(key, "a string", value) }
    return string
  }

  func strings(_ key: String) throws(MediaError) -> [String]? {
    guard let value = table[key] else { return nil }
    guard let array = value.array else { throw wrongType(key, "an array of strings", value) }
    var strings: [String] = []
    for (index, element) in array.enumerated() {
      guard let string = element.string else {
        throw wrongType("\(key)[\(index)]", "a string", element)
      }
      strings.append(string)
    }
    return strings
  }

  /// A floating-point number or an integer; `meaning` describes valid numbers for error messages.
  func number(
    _ key: String, _ meaning: String, in range: ClosedRange<Double>
  ) throws(MediaError) -> Double? {
    guard let value = table[key] else { return nil }
    guard let number = value.number else {
      throw wrongType(key, "a number", value)
    }
    guard range.contains(number) else { throw wrongValue(key, meaning, "\(number)") }
    return number
  }

  /// An integer of at least 1; nil if the key is absent.
  func count(_ key: String) throws(MediaError) -> Int? {
    guard let value = table[key] else { return nil }
    guard let count = value.integer else { throw wrongType(key, "an integer", value) }
    guard count >= 1 else { throw wrongValue(key, "at least 1", "\(count)") }
    return count
  }

  private func wrongType(_ key: String, _ expected: String, _ value: TOMLValue) -> MediaError {
    .manifestType(file: file, key: prefix + key, expected: expected, found: value.type)
  }

  private func wrongValue(_ key: String, _ expected: String, _ found: String) -> MediaError {
    .manifestValue(file: file, key: prefix + key, expected: expected, found: found)
  }
}

extension String {
  /// The text sanitised for a terminal: control and formatting characters become spaces, at most
  /// `limit` characters.
  func printable(limit: Int) -> String {
    let scalars = unicodeScalars.prefix(limit).map { scalar -> Unicode.Scalar in
      switch scalar.properties.generalCategory {
      case .control, .format, .lineSeparator, .paragraphSeparator, .privateUse, .unassigned: " "
      default: scalar
      }
    }
    return String(String.UnicodeScalarView(scalars))
  }
}
