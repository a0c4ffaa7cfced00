import Foundation
import OmniModel
import Selection
import SessionSupport
import Testing

@testable import Basics
@testable import Evaluations
@testable import Runs
@testable import Sessions
@testable import Traces

/// Whatever appends, resumes or replaces recognises its own format first, and touches nothing else.
@Suite struct `Existing output files` {
  private static let set = EvaluationSet(name: "s", clips: [])
  private static let header = SweepHeader(
    model: "m", identity: `Sweep files`.identity(), set: set, shard: nil)

  private func scratch(_ contents: Data) throws -> String {
    let path = EvaluationFixture.scratch()
    try contents.write(to: URL(filePath: path))
    return path
  }

  private func contents(_ path: String) throws -> Data { try Data(contentsOf: URL(filePath: path)) }

  static let foreign = [
    "sk-1234567890abcdef", "{\"api_key\": \"abc\", \"model\": \"x\"}", "{}", "[1, 2]", "hello\n",
    "{}\n", "{\"format\":\"other\"}\nx\n", "{\"format\": \"seats-top/sweep/2\"", "\n", "\n\n",
    "{\"format\":\"seats-top/trace/1\"}\n", "{\"fingerprint\":\"SECRET KEY\"",
    "{\"format\":\"seats-top/sweep/x\"}\n", "see {\"format\":\"seats-top/sweep/2\"",
    "\u{0}\u{1}\u{2}",
  ]

  @Test(arguments: foreign)
  func `a file that holds no sweep results is refused and unchanged`(_ text: String) throws {
    let path = try scratch(Data(text.utf8))
    defer { unlink(path) }
    #expect(throws: SweepFileError.notResults(file: path, line: 1)) {
      try SweepFile(continuing: path, Self.header, for: Self.set)
    }
    #expect(try contents(path) == Data(text.utf8))
    #expect(throws: SweepFileError.notResults(file: path, line: 1)) { try SweepMerge([path]) }
  }

  @Test func `a truncated header of a results file is written again`() throws {
    let line = try Self.header.line()
    for count in 0..<line.count {
      let path = try scratch(line.prefix(count))
      defer { unlink(path) }
      let file = try SweepFile(continuing: path, Self.header, for: Self.set)
      #expect(file.known.isEmpty)
      #expect(try contents(path) == line, "\(count) bytes")
    }
  }

  @Test func `a results file of a newer version is refused and unchanged`() throws {
    for (text, format) in [
      ("{\"format\":\"seats-top/sweep/3\",\"new\":1}\nnew line\n", "seats-top/sweep/3"),
      ("{\"format\":\"seats-top/sweep/12\"}", "seats-top/sweep/12"),
      ("{\"a\":1,\"format\":\"seats-top/sweep/3\"}\n", "seats-top/sweep/3"),
    ] {
      let path = try scratch(Data(text.utf8))
      defer { unlink(path) }
      let error = SweepFileError.laterFormat(file: path, format: format)
      #expect(throws: error) { try SweepFile(continuing: path, Self.header, for: Self.set) }
      #expect(throws: error) { try SweepMerge([path]) }
      #expect(try contents(path) == Data(text.utf8))
    }
  }

  static let first = """
    {"fingerprint":"1","format":"seats-top/sweep/1","model":"m","questions":2,"set":"s"}
    {"answer":"a","divergence":0.5,"executed_flops":1,"full_reference_flops":1,"is_right":true,\
    "is_same_as_full":true,"kind":"k","point":{"method":"seats","retention":15,"settings":"5"},\
    "prefill_ms":1,"question":"q","reference_flops":1,"retention_reached":0.1,"selection_ms":0,\
    "top_logits":[],"windows":3}

    """

  @Test func `results of the first format are read but not extended`() throws {
    let path = try scratch(Data(Self.first.utf8))
    defer { unlink(path) }
    let merge = try SweepMerge([path])
    #expect(merge.results.count == 1 && merge.header.identity == nil)
    let again = try scratch(merge.data())
    defer { unlink(again) }
    #expect(try SweepMerge([again]).data() == merge.data())
    #expect(
      throws: SweepFileError.earlierFormat(file: path, format: "seats-top/sweep/1")
    ) { try SweepFile(continuing: path, Self.header, for: Self.set) }
    #expect(try contents(path) == Data(Self.first.utf8))
    let now = try scratch(SweepFile.data(Self.header, [], []))
    defer { unlink(now) }
    #expect(
      throws: SweepFileError.otherSweep(
        file: now, [.format(found: "seats-top/sweep/2", wanted: "seats-top/sweep/1")])
    ) { try SweepMerge([path, now]) }
  }

  @Test(
    arguments: foreign + [
      "seats-top/trace/1", "{\"schema\": \"x\", \"a\": \"seats-top/trace/1\"}",
    ])
  func `a trace never replaces another kind of file`(_ text: String) throws {
    let path = try scratch(Data(text.utf8))
    defer { unlink(path) }
    #expect(throws: FileOutputError.self) { try TraceRecorder(path, writer: "w") }
    #expect(try contents(path) == Data(text.utf8))
  }

  @Test func `recording does not replace a trace of a newer version`() throws {
    let text = "{\"schema\":\"seats-top/trace/2\"}\n"
    let path = try scratch(Data(text.utf8))
    defer { unlink(path) }
    #expect {
      try TraceRecorder(path, writer: "w")
    } throws: { ($0 as? FileOutputError)?.reason.contains("newer version") == true }
    #expect(try contents(path) == Data(text.utf8))
  }

  /// A run that has begun.
  @Test func `an older trace is kept until the run starts`() throws {
    let old = Data("{\"schema\":\"seats-top/trace/1\"}\n".utf8)
    let path = try scratch(old)
    defer { unlink(path) }
    #expect(chmod(path, 0o640) == 0)
    let recorder = try TraceRecorder(path, writer: "w")
    try recorder.record(.warned("before the run"))
    #expect(try contents(path) == old)
    #expect(throws: FileOutputError.self, "it is taken") { try TraceRecorder(path, writer: "w") }
    let reader = try #require(FileHandle(forReadingAtPath: path))
    try recorder.record(SessionEvent.minimalRun)
    let new = try contents(path)
    #expect(new != old && new.split(separator: UInt8(ascii: "\n")).count == 3)
    #expect(try reader.readToEnd() == old, "who reads the old one goes on")
    var status = stat()
    #expect(stat(path, &status) == 0 && status.st_mode & 0o777 == 0o640)
    #expect(throws: FileOutputError.self, "it is taken") { try TraceRecorder(path, writer: "w") }
    try recorder.finish()
  }

  @Test func `recording without steps keeps an older trace`() throws {
    let old = Data("{\"schema\":\"seats-top/trace/1\"}\n".utf8)
    let path = try scratch(old)
    defer { unlink(path) }
    try TraceRecorder(path, writer: "w").finish()
    #expect(try contents(path) == old)
  }
}

/// Files that cannot be locked are told from files that are locked.
@Suite struct `Locks` {
  private static func refusing(_ code: Int32) -> FileLock.Function {
    { _, _ in
      errno = code
      return -1
    }
  }

  @Test func `a held file lock and missing lock support give different results`() throws {
    let path = EvaluationFixture.scratch()
    defer { unlink(path) }
    let descriptor = open(path, O_RDWR | O_CREAT, 0o600)
    defer { close(descriptor) }
    #expect(FileLock.take(descriptor) == .held)
    #expect(FileLock.take(descriptor, with: Self.refusing(EWOULDBLOCK)) == .taken)
    for code in [ENOLCK, ENOTSUP, ENOSYS, EOPNOTSUPP, EINVAL, EIO, EBADF] {
      let found = FileLock.take(descriptor, with: Self.refusing(code))
      #expect(found == .missing(reason: String(cString: strerror(code))))
    }
  }

  @Test(arguments: [ENOLCK, ENOTSUP, ENOSYS, EINVAL])
  func `sweep and recording work without file locks, with a notice`(_ code: Int32) throws {
    let lock = Self.refusing(code)
    let results = EvaluationFixture.scratch()
    defer { unlink(results) }
    let set = EvaluationSet(name: "s", clips: [])
    let header = SweepHeader(
      model: "m", identity: `Sweep files`.identity(), set: set, shard: nil)
    for _ in 0..<2 {
      let file = try SweepFile(continuing: results, header, for: set, lock: lock)
      #expect(file.lockProblem == String(cString: strerror(code)))
    }
    let trace = EvaluationFixture.scratch()
    defer { unlink(trace) }
    for _ in 0..<2 {
      let recorder = try TraceRecorder(trace, writer: "w", lock: lock)
      #expect(recorder.lockProblem == String(cString: strerror(code)))
      try recorder.finish()
    }
    let busy = Self.refusing(EWOULDBLOCK)
    #expect(throws: SweepFileError.inUse(file: results)) {
      try SweepFile(continuing: results, header, for: set, lock: busy)
    }
    #expect(throws: FileOutputError.self) { try TraceRecorder(trace, writer: "w", lock: busy) }
  }
}
