import Basics
import Dashboard
import Foundation
import Media
import Selection
import Terminal

/// The user's configuration file `config.toml`. Missing and invalid entries keep their defaults.
///
///     theme = "nord"
///     [keys]
///     next = ["n", "right"]
public struct Configuration: Sendable {
  public private(set) var theme: String?
  public private(set) var color: ColorChoice?
  public private(set) var glyphs: GlyphChoice?
  public private(set) var model, base, clip: String?
  public private(set) var method: SelectionMethod?
  public private(set) var retention: Double?
  /// Table `[input]` of the configuration: default input settings for clips.
  public private(set) var input = InputSettings()
  /// Memory limit of the program, in bytes; nil if it is missing.
  public private(set) var memory: Int?
  /// Step delay in the configuration; nil if it is missing.
  public private(set) var pace: Duration?
  /// Whether mouse reports are on at the start; nil if the configuration does not contain it.
  public private(set) var mouse: Bool?
  /// Whether recent clips, models and traces are remembered; nil if it is missing.
  public private(set) var history: Bool?
  public private(set) var reportFile: String?
  public private(set) var keys = AppKeyTable.standard
  /// Path of the configuration file; nil if there is none.
  public private(set) var file: String?
  public private(set) var warnings: [ConfigurationWarning] = []

  public init() {}

  /// Parses a configuration file.
  /// - Parameter file: path of the file, for warnings.
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
    memory = reader.bytes("memory")
    input = reader.input()
    pace = reader.number("pace", in: 0...60).map { .seconds($0) }
    mouse = reader.flag("mouse")
    history = reader.flag("history")
    reportFile = reader.string("report_file")
    keys = reader.keys(AppKeyTable.standard)
    reader.warnAboutRest()
  }
}

extension Configuration {
  /// Reads the configuration file: the one of `--config`, of `$SEATS_TOP_CONFIG` or
  /// `$XDG_CONFIG_HOME/seats-top/config.toml`, whichever is set first. Only the last one may be
  /// missing.
  /// - Throws: `ConfigurationError`.
  public static func load(
    _ given: String?, environment: [String: String] = ProcessInfo.processInfo.environment
  ) throws(ConfigurationError) -> Configuration {
    if let path = given ?? environment["SEATS_TOP_CONFIG"].flatMap({ $0.isEmpty ? nil : $0 }) {
      // `/dev/null` means an empty configuration.
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

  /// Maximum size of a configuration file, in bytes.
  public static let sizeLimit = 1 << 20
}

/// The configuration file that was named cannot be read.
public enum ConfigurationError: Error, Sendable, Equatable {
  case unreadable(file: String, reason: String)
}

/// A problem in a configuration file.
public struct ConfigurationWarning: Sendable, Equatable {
  /// Kinds of problems in a configuration file.
  public enum Problem: Sendable, Equatable {
    /// The file is not valid TOML; with the message of the TOML parser.
    case syntax(String)
    case unknownKey(String)
    case badValue(key: String, expected: String)
    case unknownAction(String)
    case unknownContext(String)
    case badKeyName(String, action: String)
    /// The key was bound to another action in that context, and is no longer.
    case taken(key: String, from: String, context: String)
  }

  public let file: String
  /// Line number, counted from 1.
  public let line: Int
  public let problem: Problem
}
