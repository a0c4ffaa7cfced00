// swift-format-ignore-file: AlwaysUseLowerCamelCase
// Keys are spelled as they are printed.

import Basics
import Foundation
import TestSupport
import Testing

/// Options that take a list, and statistics over what they name.
@Suite struct `Lists on the command line` {
  private static let golden = Fixtures.golden.appending(path: "qwen2_5_av")
  private static let model = golden.appending(path: "checkpoint").path
  private static let clip = golden.appending(path: "clip").path

  private struct Sweep: Decodable {
    struct Point: Decodable {
      let method: String
      let retention: Double
      let questions: Int
    }
    let points: [Point]
  }

  private static func sweep(_ arguments: String...) async throws -> (Sweep, String) {
    let outcome = try await Program.run(
      ["sweep", clip, "--model", model, "--max-new-tokens", "2", "--format", "json"] + arguments)
    #expect(outcome.code == 0, "\(outcome.errorOutput)")
    return (
      try JSONDecoder().decode(Sweep.self, from: Data(outcome.output.utf8)), outcome.errorOutput
    )
  }

  @Test func `a repeated entry of a list option counts once, with a notice`() async throws {
    let (sweep, words) = try await Self.sweep(
      "--methods", "seats,full,seats", "--retentions", "10,10.0,35,1e1")
    #expect(sweep.points.map(\.method) == ["full", "seats", "seats"])
    #expect(sweep.points.map(\.retention) == [100, 35, 10])
    #expect(sweep.points.allSatisfy { $0.questions == 1 })
    #expect(words.contains("--methods names seats more than once"), "\(words)")
    #expect(words.contains("--retentions names 10.0, 1e1 more than once"), "\(words)")
  }

  @Test func `a repeated clip is run once, for any spelling of its path`() async throws {
    let (sweep, words) = try await Self.sweep(
      Self.clip + "/", Self.clip + "/../clip", "--methods", "seats", "--retentions", "10")
    #expect(sweep.points.allSatisfy { $0.questions == 1 })
    #expect(words.contains("more than once"), "\(words)")
  }

  @Test func `a method repeated in compare runs once`() async throws {
    let outcome = try await Program.run([
      "compare", Self.clip, "--model", Self.model, "--repeats", "1", "--max-new-tokens", "1",
      "--methods", "seats,seats@15,full,seats@15.0", "--format", "csv",
    ])
    #expect(outcome.code == 0 && outcome.output.split(separator: "\n").count == 3)
    #expect(outcome.errorOutput.contains("--methods names"), "\(outcome.errorOutput)")
  }

  @Test(arguments: [
    ["sweep", "--retentions", "35,,10"], ["agreement", "--retentions", "35,,10"],
    ["sweep", "--methods", "seats,"], ["compare", "--methods", ",seats"],
    ["analyze", "--removals", "both,,video"], ["report", "--drop-layers", "16,,18"],
    ["sweep", "--drop-layers", "16--18"], ["screen", "--drop-layers", "16-"],
  ])
  func `an empty entry of a list option exits with 2`(_ arguments: [String]) async throws {
    let outcome = try await Program.run(arguments)
    #expect(outcome.code == 2 && outcome.output.isEmpty)
    #expect(outcome.errorOutput.contains("is empty"), "\(outcome.errorOutput)")
  }

  @Test(arguments: [
    ["sweep", "--retentions", "35,x"], ["agreement", "--retentions", "101"],
    ["sweep", "--retentions", "0"], ["compare", "--methods", "seats@0"],
    ["sweep", "--methods", "guess"], ["analyze", "--removals", "both,text"],
    ["analyze", "--removals", "video"],
  ])
  func `an invalid entry of a list option exits with 2 and is named`(_ arguments: [String])
    async throws
  {
    let outcome = try await Program.run(arguments)
    #expect(outcome.code == 2 && outcome.output.isEmpty, "\(outcome.code)")
    #expect(outcome.errorOutput.contains(arguments[1]), "\(outcome.errorOutput)")
  }

  @Test func `bench reports the mean of two runs as their median`() async throws {
    struct Bench: Decodable {
      struct Course: Decodable {
        struct Stage: Decodable {
          struct Spread: Decodable { let median, least, most: Double }
          let wall_ms: Spread
        }
        let prefill: Stage
      }
      let courses: [Course]
    }
    let outcome = try await Program.run([
      "bench", Self.clip, "--model", Self.model, "--repeats", "2", "--warmups", "0", "--format",
      "json",
    ])
    let bench = try JSONDecoder().decode(Bench.self, from: Data(outcome.output.utf8))
    #expect(bench.courses.count == 2)
    for wall in bench.courses.map(\.prefill.wall_ms) {
      #expect(abs(wall.median - (wall.least + wall.most) / 2) < 1e-9 * wall.most)
    }
  }
}
