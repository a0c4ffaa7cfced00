import Basics
import Foundation

/// An entry of a benchmark file, with its line or number, counted from 1.
struct TaskRecord {
  let place: Int
  let fields: [String: JSONValue]
  /// The entry as it is in the file.
  let document: OrderedJSON

  /// An entry of the file; nil if the value is not an object.
  /// - Parameter name: key of the entry, in a file that is an object of entries.
  init?(place: Int, _ document: OrderedJSON, name: String = "") {
    guard case .object(var fields) = document.unordered else { return nil }
    if !name.isEmpty { fields[TaskRecords.nameKey] = .string(name) }
    (self.place, self.fields, self.document) = (place, fields, document)
  }

  /// The text under the first of these keys that is present; nil if there is none.
  func text(_ keys: String...) -> String? {
    keys.lazy.compactMap { fields[$0]?.text }.first
  }

  func has(_ keys: String...) -> Bool {
    keys.allSatisfy { fields[$0] != nil && fields[$0] != .null }
  }

  /// The list of objects under a key; nil for other types.
  func records(_ key: String) -> [TaskRecord]? {
    guard case .array(let items)? = document[key] else { return nil }
    return items.compactMap { TaskRecord(place: place, $0) }
  }

  /// The object under a key; nil for other types.
  func record(_ key: String) -> TaskRecord? {
    document[key].flatMap { TaskRecord(place: place, $0) }
  }

  /// A list of texts under the first of these keys that is present. It may be a JSON list, an
  /// object with letters as keys, or one text: with lines, with a printed Python list or
  /// dictionary, or with lettered choices in a row.
  func list(_ keys: String...) -> [String]? {
    for key in keys {
      switch fields[key] {
      case .array(let items): return items.compactMap(\.text)
      case .object(let object):
        let names = TaskFile.Task.letters.prefix { object[String($0)]?.text != nil }
        return names.count == object.count { $0.value != .null }
          ? names.compactMap { object[String($0)]?.text } : nil
      case .string(let text): return TextList.split(text)
      default: continue
      }
    }
    return nil
  }
}

/// Splits a text that contains all choices.
enum TextList {
  static func split(_ text: String) -> [String] {
    let trimmed = text.trimmingCharacters(in: .whitespacesAndNewlines)
    if trimmed.hasPrefix("["), trimmed.hasSuffix("]"), let items = quoted(trimmed) { return items }
    if trimmed.hasPrefix("{"), trimmed.hasSuffix("}"), let items = quoted(trimmed) {
      let names = zip(TaskFile.Task.letters, stride(from: 0, to: items.count, by: 2))
      if items.count % 2 == 0, names.allSatisfy({ items[$1] == String($0) }) {
        return names.map { items[$1 + 1] }
      }
    }
    let lines = trimmed.split(whereSeparator: \.isNewline)
      .map { $0.trimmingCharacters(in: .whitespaces) }.filter { !$0.isEmpty }
    return lines.count > 1 ? lines : lettered(trimmed)
  }

  /// The items of a printed Python list: `['A. red', "B. it's blue"]`; nil for other text.
  private static func quoted(_ text: String) -> [String]? {
    var items: [String] = []
    var item = ""
    var quote: Character?
    var isEscaped = false
    for character in text.dropFirst().dropLast() {
      guard let mark = quote else {
        if character == "'" || character == "\"" { (quote, item) = (character, "") }
        continue
      }
      if isEscaped {
        item.append(character == "n" ? "\n" : character)
        isEscaped = false
      } else if character == "\\" {
        isEscaped = true
      } else if character == mark {
        items.append(item)
        quote = nil
      } else {
        item.append(character)
      }
    }
    return quote == nil && !items.isEmpty ? items : nil
  }

  /// Splits a text such as `A. red B. blue` before consecutive letters.
  private static func lettered(_ text: String) -> [String] {
    var starts: [String.Index] = []
    var from = text.startIndex
    for letter in TaskFile.Task.letters {
      let next = [". ", ") ", ": ", "."].lazy
        .compactMap { mark in Self.place(of: "\(letter)\(mark)", in: text[from...]) }.first
      guard let next else { break }
      starts.append(next)
      from = text.index(after: next)
    }
    guard starts.count > 1, starts.first == text.startIndex else { return [text] }
    let ends = starts.dropFirst() + [text.endIndex]
    return zip(starts, ends).map {
      text[$0..<$1].trimmingCharacters(in: .whitespacesAndNewlines)
    }
  }

  /// Index of a label in the text, at the start of a word.
  private static func place(of label: String, in text: Substring) -> String.Index? {
    text.ranges(of: label).first { range in
      range.lowerBound == text.base.startIndex
        || !text.base[text.base.index(before: range.lowerBound)].isLetter
    }?.lowerBound
  }
}

/// All entries of a file: JSON Lines, a JSON list, a JSON object of entries by name, or a table
/// with tab-separated values.
struct TaskRecords {
  let records: [TaskRecord]
  /// Unit that `place` counts in messages: `line` or `entry`.
  let unit: String

  /// Reasons why no entries can be read from a file.
  enum Problem: Error {
    case parquet
    case notEntries(place: Int, unit: String)
  }

  init(_ text: String, isTable: Bool) throws(Problem) {
    if text.hasPrefix("PAR1") { throw .parquet }
    if isTable {
      (records, unit) = (Self.table(text), "line")
      return
    }
    let first = text.first { !$0.isWhitespace }
    if let whole = OrderedJSON(fromOutside: Data(text.utf8)), first == "[" || !Self.isLines(text) {
      (records, unit) = (try Self.entries(whole), "entry")
      return
    }
    (records, unit) = (try Self.lines(text), "line")
  }

  /// Whether the text has several lines that are one JSON object each.
  private static func isLines(_ text: String) -> Bool {
    let lines = text.split(whereSeparator: \.isNewline).lazy
      .filter { $0.contains { !$0.isWhitespace } }.prefix(2)
    return lines.count == 2
      && lines.allSatisfy { $0.first == "{" && $0.last(where: { !$0.isWhitespace }) == "}" }
  }

  private static func lines(_ text: String) throws(Problem) -> [TaskRecord] {
    var records: [TaskRecord] = []
    let lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
    for (index, line) in lines.enumerated() where line.contains(where: { !$0.isWhitespace }) {
      guard let value = OrderedJSON(fromOutside: Data(line.utf8)),
        let record = TaskRecord(place: index + 1, value)
      else { throw .notEntries(place: index + 1, unit: "line") }
      records.append(record)
    }
    return records
  }

  /// Key under which the entry's name is stored in its record.
  static let nameKey = "\u{0}name"

  private static func entries(_ value: OrderedJSON) throws(Problem) -> [TaskRecord] {
    switch value {
    case .array(let items): return try records(items.map { ("", $0) })
    case .object(let members):
      if members.count == 1, case .array = members[0].value { return try entries(members[0].value) }
      if let rows = TaskTable.rows(members) { return try records(rows.map { ("", $0) }) }
      guard members.allSatisfy({ if case .object = $0.value { true } else { false } }) else {
        return TaskRecord(place: 1, value).map { [$0] } ?? []
      }
      return try records(members.map { ($0.key, $0.value) })
    default: throw .notEntries(place: 1, unit: "entry")
    }
  }

  private static func records(_ items: [(String, OrderedJSON)]) throws(Problem) -> [TaskRecord] {
    var records: [TaskRecord] = []
    for (index, (name, item)) in items.enumerated() {
      guard let record = TaskRecord(place: index + 1, item, name: name) else {
        throw .notEntries(place: index + 1, unit: "entry")
      }
      records.append(record)
    }
    return records
  }

  /// Rows of tab-separated values. Fields in quotes may contain tabs, line feeds and doubled
  /// quotes.
  private static func table(_ text: String) -> [TaskRecord] {
    var rows: [(place: Int, fields: [String])] = []
    var (row, field, line, start): ([String], String, Int, Int) = ([], "", 1, 1)
    var isQuoted = false
    var characters = text.makeIterator()
    var next = characters.next()
    while let character = next {
      next = characters.next()
      if isQuoted {
        if character.isNewline { line += 1 }
        if character != "\"" {
          field.append(character)
        } else if next == "\"" {
          field.append("\"")
          next = characters.next()
        } else {
          isQuoted = false
        }
      } else if character == "\"", field.isEmpty {
        isQuoted = true
      } else if character == "\t" || character.isNewline {
        row.append(field)
        field = ""
        guard character.isNewline else { continue }
        line += 1
        rows.append((start, row))
        (row, start) = ([], line)
      } else {
        field.append(character)
      }
    }
    if !row.isEmpty || !field.isEmpty { rows.append((start, row + [field])) }
    guard let names = rows.first?.fields else { return [] }
    var known: Set<String> = []
    let columns = names.enumerated().filter { known.insert($0.element).inserted }
    return rows.dropFirst().filter { $0.fields != [""] }.compactMap { row in
      let members = columns.filter { $0.offset < row.fields.count }.map { column, name in
        let text = row.fields[column]
        return OrderedJSON.Member(name, text.isEmpty ? .null : .string(text))
      }
      return TaskRecord(place: row.place, .object(members))
    }
  }
}
