import Foundation
import OmniModel
import Selection
import TestSupport
import Testing

@testable import Evaluations

/// Results are only put beside those that were made alike; what differs is named.
@Suite struct `Identity of sweep results` {
  private let folder = FileManager.default.temporaryDirectory.appending(path: "\(UUID())")

  private func inFolder(_ body: () throws -> Void) throws {
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    try body()
  }

  private func path(_ name: String) -> String { folder.appending(path: name).path }

  private static let words = EvaluationQuestion(id: "q", kind: "k", text: "Why?", answer: "so")

  private static func set(
    _ questions: [EvaluationQuestion] = [words], media: String? = "m1"
  ) -> EvaluationSet {
    EvaluationSet(
      name: "s",
      clips: [
        EvaluationClip(
          id: "c", windows: nil, questions: questions, identity: { media },
          load: { throw PrefillError.cancelled })
      ])
  }

  private static func header(
    _ identity: SweepIdentity = `Sweep files`.identity(), _ set: EvaluationSet = set(),
    shard: Shard? = nil
  ) -> SweepHeader {
    SweepHeader(model: "m", identity: identity, set: set, shard: shard)
  }

  static func result(
    _ question: EvaluationQuestion = words, media: String? = "m1", notices: [String] = []
  ) -> SweepResult {
    SweepResult(
      question: question.id, kind: "k", windows: 1,
      point: SweepPoint.full(.init(dropLayers: [], lateLayer: nil)).key, answer: "so",
      isRight: true, isSameAsFull: true, divergence: 0, topLogits: [], referenceFlops: 1,
      fullReferenceFlops: 1, executedFlops: 1, prefillMs: 1, selectionMs: 0, retentionReached: 1,
      asked: question.identity, media: media, notices: notices)
  }

  /// What keeps a file with one result from being gone on with; nothing where it is.
  private func differences(
    _ header: SweepHeader, _ set: EvaluationSet = Self.set(), media: String? = "m1"
  ) throws -> [SweepDifference] {
    let file = path("r.jsonl")
    try? FileManager.default.removeItem(atPath: file)
    try SweepFile(continuing: file, Self.header(), for: Self.set()).append([
      Self.result(media: media)
    ])
    let before = try Data(contentsOf: URL(filePath: file))
    do {
      let known = try SweepFile(continuing: file, header, for: set).known
      #expect(known == [Self.result(media: media)])
      return []
    } catch SweepFileError.otherSweep(_, let differences) {
      #expect(try Data(contentsOf: URL(filePath: file)) == before, "it was touched")
      return differences
    }
  }

  @Test func `every part of a sweep's identity is compared and named`() throws {
    try inFolder { () throws in
      typealias Sweeps = `Sweep files`
      #expect(try differences(Self.header()) == [])
      #expect(
        try differences(Self.header(Sweeps.identity(weights: "other")))
          == [.weights(found: "m", wanted: "m")])
      #expect(
        try differences(Self.header(Sweeps.identity(configuration: "other"))) == [.configuration])
      #expect(try differences(Self.header(Sweeps.identity(tokenizer: "other"))) == [.tokenizer])
      #expect(
        try differences(Self.header(Sweeps.identity(preprocessing: "other")))
          == [.preprocessing])
      #expect(
        try differences(Self.header(Sweeps.identity(compute: "bf16", maxNewTokens: 9)))
          == [
            .compute(found: "f32", wanted: "bf16"), .maxNewTokens(found: 8, wanted: 9),
          ])
      let shard = Shard("1/2")
      #expect(
        try differences(Self.header(shard: shard)) == [.shard(found: nil, wanted: shard)])
    }
  }

  @Test func `files and questions of equal names are compared by content`() throws {
    try inFolder { () throws in
      let changed = Self.set(media: "m2")
      #expect(try differences(Self.header(), changed) == [.media(["c"])])
      for other in [
        EvaluationQuestion(id: "q", kind: "k", text: "What?", answer: "so"),
        EvaluationQuestion(id: "q", kind: "k", text: "Why?", answer: "no"),
        EvaluationQuestion(id: "q", kind: "k", text: "Why?", choices: ["so"], answer: "so"),
      ] {
        #expect(try differences(Self.header(), Self.set([other])) == [.questions(["q"])])
      }
      // Media that cannot be read now cannot be compared, and results stand.
      #expect(try differences(Self.header(), Self.set(media: nil)) == [])
    }
  }

  @Test func `adding or removing questions keeps the other answers`() throws {
    try inFolder { () throws in
      let second = EvaluationQuestion(id: "q2", kind: "k", text: "When?", answer: "now")
      let grown = Self.set([Self.words, second])
      #expect(try differences(Self.header(`Sweep files`.identity(), grown), grown) == [])
      let file = try SweepFileContent(path("r.jsonl"))
      #expect(file.header?.questions == 2 && file.results.count == 1)
      let other = Self.set([second])
      #expect(try differences(Self.header(`Sweep files`.identity(), other), other) == [])
    }
  }

  @Test func `a merge refuses results of different models or inputs`() throws {
    try inFolder { () throws in
      func write(_ name: String, _ header: SweepHeader, _ result: SweepResult) throws -> String {
        try SweepFile.data(header, [result], []).write(to: folder.appending(path: name))
        return path(name)
      }
      let one = try write("1", Self.header(), Self.result())
      let other = try write(
        "2", Self.header(`Sweep files`.identity(compute: "bf16")), Self.result())
      #expect(
        throws: SweepFileError.otherSweep(
          file: other, [.compute(found: "bf16", wanted: "f32")])
      ) { try SweepMerge([one, other]) }
      let changed = try write("3", Self.header(), Self.result(media: "m2"))
      #expect(throws: SweepFileError.otherSweep(file: changed, [.media(["q"])])) {
        try SweepMerge([one, changed])
      }
      #expect(try SweepMerge([one, one]).results.count == 1)
    }
  }

  private static let fixture = Fixtures.golden.appending(path: "qwen2_5_av/checkpoint")

  @Test func `a model is identified by its files, not its folder`() throws {
    try inFolder { () throws in
      try FileManager.default.copyItem(at: Self.fixture, to: folder.appending(path: "a"))
      let original = try ModelFingerprint(directory: Self.fixture.path)
      #expect(try ModelFingerprint(directory: path("a")) == original)
      // The last bit of the last weight.
      let weights = URL(filePath: path("a/model.safetensors"))
      var bytes = try Data(contentsOf: weights)
      bytes[bytes.count - 1] ^= 1
      try bytes.write(to: weights)
      let changed = try ModelFingerprint(directory: path("a"))
      #expect(changed.weights != original.weights && changed.tokenizer == original.tokenizer)
      #expect(changed.configuration == original.configuration)
      for name in ["config.json", "tokenizer.json", "preprocessor_config.json"] {
        let file = URL(filePath: path("a/\(name)"))
        guard FileManager.default.fileExists(atPath: file.path) else { continue }
        try (Data(contentsOf: file) + Data(" ".utf8)).write(to: file)
      }
      let other = try ModelFingerprint(directory: path("a"))
      #expect(other.weights == changed.weights && other.configuration != original.configuration)
    }
  }

  @Test func `a large file is identified by sampled bytes, size and time`() throws {
    try inFolder { () throws in
      let large = path("large")
      #expect(FileManager.default.createFile(atPath: large, contents: nil))
      let handle = try #require(FileHandle(forWritingAtPath: large))
      // Sparse: 30 GB take no room, and no time to recognise.
      try handle.truncate(atOffset: 30 << 30)
      let before = FileFingerprint.of(large)
      #expect(before != nil)
      try handle.seek(toOffset: (30 << 30) - 1)
      try handle.write(contentsOf: Data([1]))
      let after = FileFingerprint.of(large)
      #expect(after != before)
      try handle.truncate(atOffset: (30 << 30) + 1)
      #expect(FileFingerprint.of(large) != after)
      let timed = FileFingerprint.of(large, includesTime: true)
      try handle.close()
      try FileManager.default.setAttributes(
        [.modificationDate: Date(timeIntervalSince1970: 1)], ofItemAtPath: large)
      #expect(FileFingerprint.of(large, includesTime: true) != timed)
      #expect(FileFingerprint.of(path("nothing")) == nil && FileFingerprint.of(folder.path) == nil)
    }
  }
}
