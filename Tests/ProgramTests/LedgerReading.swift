// swift-format-ignore-file: AlwaysUseLowerCamelCase
// The report keeps the spelling of its keys.

import Foundation
import Testing

/// Tokens after a step.
struct Survivors: Equatable, Decodable {
  let text, video, audio: Int
}

/// The ledger as it stands on a screen.
struct LedgerReading: Equatable {
  /// Rows that have run, by name: `Stage I`, `layer 5`.
  private(set) var done: [String: Survivors] = [:]
  /// Rows that are only predicted.
  private(set) var planned: [String: Survivors] = [:]

  init(_ pane: String) {
    let row = /(encoders|Stage I|layer \d+|head) +.*? (~?)(\d+) +~?(\d+) +~?(\d+)/
    for line in pane.split(separator: "\n") {
      guard let match = line.firstMatch(of: row), let text = Int(match.3),
        let video = Int(match.4), let audio = Int(match.5)
      else { continue }
      let survivors = Survivors(text: text, video: video, audio: audio)
      let name = String(match.1)
      if match.2.isEmpty { done[name] = survivors } else { planned[name] = survivors }
    }
  }

  /// What leaves Stage I and every layer, as far as they have run.
  var leaving: [Survivors] {
    let layers = (1...10).compactMap { done["layer \($0)"] }
    return (done["Stage I"].map { [$0] } ?? []) + layers
  }
}

/// What `seats-top report` says of the settings that a screen shows.
struct ReportReading: Decodable {
  struct Answer: Decodable { let text: String }
  struct Full: Decodable {
    let answer: Answer
    let same_answer: Bool
  }

  let schema: String
  /// What enters each layer.
  let layers: [Survivors]
  let answer: Answer
  let full: Full?

  init(_ program: ScreenProgram = ScreenProgram(), _ options: String...) async throws {
    let outcome = try await Program.run(
      ["report", "--format", "json"] + program.arguments + options)
    try #require(outcome.code == 0, "\(outcome.errorOutput)")
    self = try Self(json: Data(outcome.output.utf8))
  }

  init(json: Data) throws {
    self = try JSONDecoder().decode(Self.self, from: json)
  }
}

extension TmuxSession {
  /// Waits until the run is complete and the ledger holds the report's survivors.
  func seesSurvivors(
    of report: ReportReading, at location: SourceLocation = #_sourceLocation
  ) async throws {
    try await wait(for: "survivors \(report.layers)", at: location) { pane in
      pane.contains("· done ·") && LedgerReading(pane).leaving.dropLast() == report.layers[...]
    }
  }
}
