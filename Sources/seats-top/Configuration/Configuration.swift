import Dashboard
import Foundation
import SafeTOML
import Selection
import TOMLKit
import Terminal

/// What a user has set down in `config.toml` for the screen. What is not there, or makes no sense,
/// keeps its default.
///
///     theme = "nord"
///     [keys]
///     next = ["n", "right"]
struct Configuration {
  var theme: String?
  var color: ColorChoice?
  var glyphs: GlyphChoice?
  var model, clip: String?
  var method: SelectionMethod?
  var retention: Double?
  /// Time that runs wait after each step.
  var pace: Duration?
  var reportFile: String?
  var keys = AppKeyTable.standard
  /// The file it was read from.
  private(set) var file: String?
  private(set) var warnings: [ConfigurationWarning] = []

  init() {}

  /// Reads the text of a configuration.
  init(_ source: [UInt8], file: String) {
    self.file = file
    do {
      var reader = ConfigurationReader(try parseTOML(source), source: source, file: file)
      take(&reader)
      warnings = reader.warnings
    } catch {
      warnings = [.init(file: file, line: error.line, problem: .syntax(error.reason))]
    }
  }

  private mutating func take(_ reader: inout ConfigurationReader) {
    theme = reader.string("theme")
    color = reader.choice("color")
    glyphs = reader.choice("glyphs")
    model = reader.string("model")
    clip = reader.string("clip")
    method = reader.choice("method")
    retention = reader.number("retention", in: 0...100)
    pace = reader.number("pace", in: 0...60).map { .seconds($0) }
    reportFile = reader.string("report_file")
    keys = reader.keys(AppKeyTable.standard)
    reader.warnAboutRest()
  }
}

extension Configuration {
  /// `--config`, `$SEATS_TOP_CONFIG`, `$XDG_CONFIG_HOME/seats-top/config.toml`: the first named. Only
  /// the last may be missing.
  static func load(
    _ given: String?, environment: [String: String] = ProcessInfo.processInfo.environment
  ) throws -> Configuration {
    if let path = given ?? environment["SEATS_TOP_CONFIG"].flatMap({ $0.isEmpty ? nil : $0 }) {
      guard let bytes = bytes(path) else { throw ConfigurationError.unreadable(file: path) }
      return Configuration(bytes, file: path)
    }
    let home = environment["HOME"].map { "\($0)/.config" }
    let base = environment["XDG_CONFIG_HOME"].flatMap { $0.isEmpty ? nil : $0 } ?? home
    guard let path = base.map({ "\($0)/seats-top/config.toml" }), let bytes = bytes(path) else {
      return Configuration()
    }
    return Configuration(bytes, file: path)
  }

  private static func bytes(_ path: String) -> [UInt8]? {
    guard let file = FileHandle(forReadingAtPath: path) else { return nil }
    do {
      // Nothing is read from an empty file, nor from /dev/null: that is a configuration, too.
      return Array(try file.read(upToCount: 1 << 20) ?? Data())
    } catch {
      return nil
    }
  }
}

/// The configuration somebody named cannot be read.
enum ConfigurationError: Error {
  case unreadable(file: String)
}

/// Something in a configuration that was not understood.
struct ConfigurationWarning: Equatable {
  enum Problem: Equatable {
    /// Not TOML; the parser's words.
    case syntax(String)
    case unknownKey(String)
    case badValue(key: String, expected: String)
    case unknownAction(String)
    case unknownContext(String)
    case badKeyName(String, action: String)
    /// The key did something else in that context, which it no longer does.
    case taken(key: String, from: String, context: String)
  }

  let file: String
  /// Counted from 1.
  let line: Int
  let problem: Problem
}
