import Basics
import Dashboard
import Foundation
import Media
import Profiling
import Selection
import Terminal

/// What a user has set down in `config.toml` for the screen. What is not there, or makes no sense,
/// keeps its default.
///
///     theme = "nord"
///     [keys]
///     next = ["n", "right"]
public struct Configuration {
  public private(set) var theme: String?
  public private(set) var color: ColorChoice?
  public private(set) var glyphs: GlyphChoice?
  public private(set) var model, base, clip: String?
  public private(set) var method: SelectionMethod?
  public private(set) var retention: Double?
  /// `[input]`: how clips are read where neither an option nor the clip itself says so.
  public private(set) var input = InputSettings()
  /// Time that runs wait after each step.
  public private(set) var pace: Duration?
  /// The mouse is the program's from the start.
  public private(set) var mouse: Bool?
  public private(set) var reportFile: String?
  public private(set) var keys = AppKeyTable.standard
  /// The file it was read from.
  public private(set) var file: String?
  public private(set) var warnings: [ConfigurationWarning] = []

  public init() {}

  /// Reads the text of a configuration.
  public init(_ source: [UInt8], file: String) {
    self.file = file
    do {
      var reader = ConfigurationReader(try TOMLDocument(source), file: file)
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
    base = reader.string("base")
    clip = reader.string("clip")
    method = reader.choice("method")
    retention = reader.number("retention", in: RetentionBudget.nominalPercents)
    input = reader.input()
    pace = reader.number("pace", in: 0...60).map { .seconds($0) }
    mouse = reader.flag("mouse")
    reportFile = reader.string("report_file")
    keys = reader.keys(AppKeyTable.standard)
    reader.warnAboutRest()
  }
}

extension Configuration {
  /// `--config`, `$SEATS_TOP_CONFIG`, `$XDG_CONFIG_HOME/seats-top/config.toml`: the first named. Only
  /// the last may be missing.
  /// - Throws: `ConfigurationError`.
  public static func load(
    _ given: String?, environment: [String: String] = ProcessInfo.processInfo.environment
  ) throws(ConfigurationError) -> Configuration {
    if let path = given ?? environment["SEATS_TOP_CONFIG"].flatMap({ $0.isEmpty ? nil : $0 }) {
      // The usual word for none, and a configuration, too.
      if path == "/dev/null" { return Configuration([], file: path) }
      do {
        return Configuration(Array(try FileInput.read(path, limit: sizeLimit)), file: path)
      } catch {
        throw .unreadable(file: path, reason: error.reason)
      }
    }
    let home = environment["HOME"].map { "\($0)/.config" }
    let base = environment["XDG_CONFIG_HOME"].flatMap { $0.isEmpty ? nil : $0 } ?? home
    guard let path = base.map({ "\($0)/seats-top/config.toml" }),
      let data = try? FileInput.read(path, limit: sizeLimit)
    else { return Configuration() }
    return Configuration(Array(data), file: path)
  }

  /// In bytes.
  public static let sizeLimit = 1 << 20
}

/// The configuration somebody named cannot be read.
public enum ConfigurationError: Error, Sendable, Equatable {
  case unreadable(file: String, reason: String)
}

/// Something in a configuration that was not understood.
public struct ConfigurationWarning: Sendable, Equatable {
  /// What was not understood.
  public enum Problem: Sendable, Equatable {
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

  public let file: String
  /// Counted from 1.
  public let line: Int
  public let problem: Problem
}
