import Foundation
import Testing

/// What a newcomer gets without naming a model or a clip.
@Suite struct `Samples` {
  private static let samples = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().appending(path: "samples")

  private struct Report: Decodable {
    struct Answer: Decodable { let text: String }
    struct Clip: Decodable {
      let expectedAnswer: String

      enum CodingKeys: String, CodingKey { case expectedAnswer = "expected_answer" }
    }

    let answer: Answer
    let clip: Clip
  }

  @Test func `the first sample is answered correctly at the default budget`() async throws {
    let outcome = try await Program.run(
      ["report", "--format", "json"], environment: ["SEATS_TOP_SHARE": Self.samples.path + "/.."])
    #expect(outcome.code == 0, "\(outcome.errorOutput)")
    let report = try JSONDecoder().decode(Report.self, from: Data(outcome.output.utf8))
    #expect(report.answer.text == report.clip.expectedAnswer)
  }

  @Test func `every sample clip opens, and most are answered correctly with full tokens`()
    async throws
  {
    let clips = try FileManager.default.contentsOfDirectory(
      atPath: Self.samples.appending(path: "clips").path
    ).sorted()
    #expect(clips.count >= 6)
    var right = 0
    for clip in clips {
      let outcome = try await Program.run(
        [
          "report", Self.samples.appending(path: "clips/\(clip)").path, "--format", "json",
          "--method", "full",
        ], environment: ["SEATS_TOP_SHARE": Self.samples.path + "/.."])
      #expect(outcome.code == 0, "\(clip): \(outcome.errorOutput)")
      let report = try JSONDecoder().decode(Report.self, from: Data(outcome.output.utf8))
      right += report.answer.text == report.clip.expectedAnswer ? 1 : 0
    }
    #expect(right * 4 >= clips.count * 3)
  }
}
