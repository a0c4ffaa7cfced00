// Prints the string literals of Swift files with their place: `Sources/A.swift:12: text`.
// Usage: swift .ci/strings.swift [FOLDER…]
import Foundation

/// A string literal and the line where it starts.
struct Literal {
  let line: Int
  var text: String
}

/// Finds string literals in Swift source; interpolations are kept as `\(…)`.
struct Scanner {
  private let source: [Character]
  private var index = 0
  private var line = 1

  init(_ text: String) { source = Array(text) }

  mutating func literals() -> [Literal] {
    var found: [Literal] = []
    while index < source.count {
      if starts("//") {
        skip { $0 != "\n" }
      } else if starts("/*") {
        while index < source.count, !starts("*/") { step() }
        step(2)
      } else if let hashes = opening() {
        found.append(Literal(line: line, text: string(hashes)))
      } else {
        step()
      }
    }
    return found
  }

  private func starts(_ text: String) -> Bool {
    source[index...].starts(with: Array(text))
  }

  private mutating func step(_ count: Int = 1) {
    for _ in 0..<count where index < source.count {
      if source[index] == "\n" { line += 1 }
      index += 1
    }
  }

  private mutating func skip(while condition: (Character) -> Bool) {
    while index < source.count, condition(source[index]) { step() }
  }

  /// The number of `#` before a quote; nil if no literal starts here.
  private func opening() -> Int? {
    let hashes = source[index...].prefix { $0 == "#" }.count
    let quote = index + hashes
    return quote < source.count && source[quote] == "\"" ? hashes : nil
  }

  private mutating func string(_ hashes: Int) -> String {
    step(hashes)
    let quotes = starts("\"\"\"") ? "\"\"\"" : "\""
    let end = quotes + String(repeating: "#", count: hashes)
    let escape = "\\" + String(repeating: "#", count: hashes)
    step(quotes.count)
    var text = ""
    while index < source.count, !starts(end) {
      if starts(escape + "(") {
        step(escape.count + 1)
        text += "\\(" + interpolation() + ")"
      } else if starts(escape) {
        let from = index
        step(escape.count + 1)
        text += String(source[from..<index])
      } else {
        text.append(source[index])
        step()
      }
    }
    step(end.count)
    return text.replacing(#/\s*\\?\n\s*/#, with: " ").trimmingCharacters(in: .whitespaces)
  }

  /// The text of an interpolation up to its closing parenthesis.
  private mutating func interpolation() -> String {
    var depth = 1
    var text = ""
    while index < source.count {
      if let hashes = opening() {
        text += "\"" + string(hashes) + "\""
        continue
      }
      let character = source[index]
      step()
      if character == "(" { depth += 1 }
      if character == ")" { depth -= 1 }
      if depth == 0 { break }
      text.append(character)
    }
    return text
  }
}

let folders = CommandLine.arguments.count > 1 ? Array(CommandLine.arguments.dropFirst()) : ["Sources"]
for folder in folders {
  let files = FileManager.default.enumerator(atPath: folder)?.compactMap { $0 as? String } ?? []
  for file in files.filter({ $0.hasSuffix(".swift") }).sorted() {
    let path = folder + "/" + file
    guard let text = try? String(contentsOfFile: path, encoding: .utf8) else { continue }
    var scanner = Scanner(text)
    // Words and sentences; not symbols, formats and single keys.
    for literal in scanner.literals() where literal.text.contains(#/[A-Za-z]{2}/#) {
      print("\(path):\(literal.line): \(literal.text)")
    }
  }
}
