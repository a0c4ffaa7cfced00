import Basics
import Dashboard
import Foundation
import Media
import Profiling
import Selection
import Terminal

/// The user's `config.toml` for the screen. Missing and invalid entries keep their defaults.
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
  /// `[input]`: default input settings of clips.
  public private(set) var input = InputSettings()
  /// Step delay.
  public private(set) var pace: Duration?
  /// Whether mouse reports are initially on.
  public private(set) var mouse: Bool?
  public private(set) var reportFile: String?
  public private(set) var keys = AppKeyTable.standard
  /// The configuration file.
  public private(set) var file: String?
  public private(set) var warnings: [ConfigurationWarning] = []

  public init() {}

  /// Parses a configuration.
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
  /// `--config`, `$SEATS_TOP_CONFIG`, `$XDG_CONFIG_HOME/seats-top/config.toml`: the first that is
  /// set. Only the last may be missing.
  /// - Throws: `ConfigurationError`.
  public static func load(
    _ given: String?, environment: [String: String] = ProcessInfo.processInfo.environment
  ) throws(ConfigurationError) -> Configuration {
    if let path = given ?? environment["SEATS_TOP_CONFIG"].flatMap({ $0.isEmpty ? nil : $0 }) {
      // An empty configuration.
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

  /// Size limit, in bytes.
  public static let sizeLimit = 1 << 20
}

/// A named configuration file cannot be read.
public enum ConfigurationError: Error, Sendable, Equatable {
  case unreadable(file: String, reason: String)
}

/// A problem in a configuration.
public struct ConfigurationWarning: Sendable, Equatable {
  /// Kind of problem.
  public enum Problem: Sendable, Equatable {
    /// Invalid TOML, with the parser's message.
    case syntax(String)
    case unknownKey(String)
    case badValue(key: String, expected: String)
    case unknownAction(String)
    case unknownContext(String)
    case badKeyName(String, action: String)
    /// The key was bound to another action in that context, which lost it.
    case taken(key: String, from: String, context: String)
  }

  public let file: String
  /// Counted from 1.
  public let line: Int
  public let problem: Problem
}
