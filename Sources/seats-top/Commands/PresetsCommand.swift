import ArgumentParser
import Foundation
import Media
import OmniModel
import Runs

/// `seats-top presets`: lists the input presets.
struct PresetsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "presets",
    abstract: "List the settings of published evaluations, for each model family.")

  @Option(help: "Output format: text or json.")
  var format = ListFormat.text

  func run() throws {
    switch format {
    case .json:
      let entries = InputPreset.all.map(PresetEntry.init)
      try Console.emit(try JSONEncoder.pretty(entries))
    case .text:
      let lines = InputPreset.all.flatMap(Self.lines)
      try Console.emit(Data((lines.joined(separator: "\n") + "\n").utf8))
    }
  }

  /// Settings of a preset, one per line; those equal for all model families are listed once.
  private static func lines(_ preset: InputPreset) -> [String] {
    var lines = ["\(preset.name): \(preset.benchmark)"]
    let families = ModelFamily.allCases.map { (family: $0, settings: preset.settings(for: $0)) }
    for field in InputSettings.Field.allCases where field != .preset {
      let texts = families.compactMap { entry in
        entry.settings.text(field).map { (family: entry.family, text: $0) }
      }
      guard let first = texts.first else { continue }
      let name = field.rawValue.padding(toLength: 17, withPad: " ", startingAt: 0)
      if texts.count == families.count, texts.allSatisfy({ $0.text == first.text }) {
        lines.append("  \(name)\(first.text)")
      } else {
        let each = texts.map { "\($0.text) (\($0.family.rawValue))" }
        lines.append("  \(name)\(each.joined(separator: ", "))")
      }
    }
    return lines + preset.sources.map { "  source           \($0)" }
  }
}

private struct PresetEntry: Encodable {
  let name, benchmark: String
  /// Settings of the preset, by model family.
  let families: [String: InputSettings]
  /// Sources of the values.
  let sources: [String]

  init(_ preset: InputPreset) {
    name = preset.name
    benchmark = preset.benchmark
    sources = preset.sources
    families = Dictionary(
      uniqueKeysWithValues: ModelFamily.allCases.map { ($0.rawValue, preset.settings(for: $0)) })
  }
}
