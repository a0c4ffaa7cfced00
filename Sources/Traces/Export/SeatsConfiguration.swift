import Foundation
import Runs
import Selection

/// The `config.yaml` of the SEATS reference implementation: a flat list of settings. Retention
/// ratios are not part of it, because that program takes them as arguments.
public struct SeatsConfiguration: Sendable, Equatable {
  /// Encoder scale λ; default 1, as in the reference implementation.
  public var encoderScale = 1.0
  public var windows = SelectionWindows()
  public var dropLayers: [Int] = []
  /// First layer that processes text tokens only, counted from 1; nil for no late removal.
  public var lateLayer: Int?
  /// Window temperature τ; nil for the default of the model family.
  public var windowTemperature: Float?

  public init() {}

  public init(_ settings: SelectionSettings) {
    encoderScale = settings.encoderScale
    windows = settings.windows
    dropLayers = settings.dropLayers
    lateLayer = settings.lateLayer
    windowTemperature = settings.windowTemperature
  }

  /// The settings as YAML.
  /// - Parameters:
  ///   - budget: retention ratios, written in a comment.
  ///   - forced: tokens kept or dropped by hand, which that program does not know; named in a
  ///     comment.
  public func yaml(budget: RetentionBudget, forced: ForcedTokens = ForcedTokens()) -> String {
    let byHand = forced.notes.map { "# Left out, as it has no such setting: \($0)\n" }.joined()
    let drops = dropLayers.map(String.init).joined(separator: "-")
    return byHand + """
      # SEATS. The target ratios go with it as arguments: video \(budget.video), audio \(budget.audio)
      encoder_ratio_scale: \(encoderScale)
      grid_in_window: \(windows.grids)
      sec_in_audio_window: \(windows.audioSeconds)
      progressive_drop_layers: \(drops.isEmpty ? "null" : "\"\(drops)\"")
      late_block_layer: \(lateLayer.map(String.init) ?? "null")
      progressive_schedule: "exp"

      """ + (windowTemperature.map { "inter_window_softmax_temp: \($0)\n" } ?? "")
  }
}

extension SelectionOptions {
  /// Replaces settings by those of a configuration file.
  public mutating func take(_ configuration: SeatsConfiguration) {
    encoderScale = configuration.encoderScale
    (dropLayers, lateLayer) = (configuration.dropLayers, .some(configuration.lateLayer))
    gridsPerWindow = configuration.windows.grids
    audioWindowSeconds = configuration.windows.audioSeconds
    windowTemperature = configuration.windowTemperature
  }
}

extension SeatsConfiguration {
  /// Errors of reading a `config.yaml`.
  public enum Fault: Error, Sendable, Equatable {
    case unreadable
    /// The line is not `key: value`, or uses YAML features that are not supported.
    case line(Int, found: String)
    case unknownKey(String, line: Int)
    case twice(String, line: Int)
    case value(key: String, found: String, expected: String)
  }

  /// Parses a `config.yaml`.
  /// - Parameter yaml: `key: value` lines with plain or quoted values, and comments. Other YAML is
  ///   refused.
  public init(yaml: String) throws(Fault) {
    let values = try FlatYAML(yaml).values
    for (key, value) in values { try set(key, value) }
  }

  private mutating func set(_ key: String, _ value: FlatYAML.Value) throws(Fault) {
    switch key {
    case "encoder_ratio_scale":
      encoderScale = try Self.number(key, value, in: 0...1000)
    case "grid_in_window":
      windows.grids = try Self.count(key, value, in: 1...10_000)
    case "sec_in_audio_window":
      windows.audioSeconds = try Self.count(key, value, in: 1...10_000)
    case "progressive_drop_layers":
      dropLayers = try Self.layers(key, value)
    case "late_block_layer":
      lateLayer = value.text == nil ? nil : try Self.count(key, value, in: 1...99_999)
    case "progressive_schedule":
      guard value.text == "exp" else { throw Self.bad(key, value, "exp, the only one supported") }
    case "inter_window_softmax_temp":
      windowTemperature = Float(try Self.number(key, value, in: 1e-7...1e7))
    default: throw .unknownKey(key, line: value.line)
    }
  }

  private static func number(
    _ key: String, _ value: FlatYAML.Value, in range: ClosedRange<Double>
  ) throws(Fault) -> Double {
    guard let number = value.text.flatMap({ Double($0) }), range.contains(number) else {
      let (low, high) = (range.lowerBound.formatted(), range.upperBound.formatted())
      throw bad(key, value, "a number from \(low) to \(high)")
    }
    return number
  }

  private static func count(
    _ key: String, _ value: FlatYAML.Value, in range: ClosedRange<Int>
  ) throws(Fault) -> Int {
    guard let number = value.text.flatMap({ Int($0) }), range.contains(number) else {
      throw bad(key, value, "an integer from \(range.lowerBound) to \(range.upperBound)")
    }
    return number
  }

  private static func layers(
    _ key: String, _ value: FlatYAML.Value
  ) throws(Fault) -> [Int] {
    guard let text = value.text else { return [] }
    do {
      return try LayerListText.layers(text)
    } catch {
      throw bad(key, value, "layers such as 16-18-20, or null")
    }
  }

  private static func bad(_ key: String, _ value: FlatYAML.Value, _ expected: String) -> Fault {
    .value(key: key, found: String((value.text ?? "null").prefix(80)), expected: expected)
  }
}

/// A YAML file reduced to `key: value` lines and comments.
private struct FlatYAML {
  struct Value {
    /// Text of the value; nil for `null`, `~` and an empty value.
    let text: String?
    let line: Int
  }

  private(set) var values: [(String, Value)] = []

  init(_ text: String) throws(SeatsConfiguration.Fault) {
    var seen: Set<String> = []
    let lines = text.split(omittingEmptySubsequences: false) { $0.isNewline }
    for (index, raw) in lines.enumerated() {
      let line = raw.prefix { $0 != "#" }.allSatisfy(\.isWhitespace) ? "" : raw
      if line.isEmpty || (values.isEmpty && line.trimmed == "---") { continue }
      guard let (key, value) = Self.pair(line) else {
        throw .line(index + 1, found: String(raw.prefix(80)))
      }
      guard seen.insert(key).inserted else { throw .twice(key, line: index + 1) }
      values.append((key, Value(text: value, line: index + 1)))
    }
  }

  /// Key and value of a line, without quotes and comment; nil if it is neither a pair nor a
  /// comment.
  private static func pair(_ line: Substring) -> (String, String?)? {
    guard let colon = line.firstIndex(of: ":") else { return nil }
    let key = line[..<colon]
    let rest = line[line.index(after: colon)...]
    guard let first = key.first, first.isLetter, key.allSatisfy({ $0.isLetter || $0 == "_" }),
      rest.first.map(\.isWhitespace) ?? true
    else { return nil }
    return scalar(rest.trimmed).map { (String(key), $0) }
  }

  /// A scalar without quotes: `.some(nil)` for null; nil if the text is not a scalar.
  private static func scalar(_ text: Substring) -> String?? {
    if let quote = text.first, quote == "\"" || quote == "'" {
      let inner = text.dropFirst().prefix { $0 != quote && $0 != "\\" }
      let rest = text.dropFirst(inner.count + 1)
      guard rest.first == quote, rest.dropFirst().trimmed.prefix(1).allSatisfy({ $0 == "#" })
      else { return nil }
      return String(inner)
    }
    var plain = text
    if let hash = text.firstRange(of: " #") { plain = text[..<hash.lowerBound].trimmed }
    if plain.first == "#" { plain = "" }
    guard !plain.contains(where: { "[]{}&*!|>%@`\"':".contains($0) }) else { return nil }
    return ["", "~", "null", "Null", "NULL"].contains(plain) ? .some(nil) : String(plain)
  }
}

extension Substring {
  fileprivate var trimmed: Substring {
    guard let last = lastIndex(where: { !$0.isWhitespace }) else { return "" }
    return self[...last].drop(while: \.isWhitespace)
  }
}
