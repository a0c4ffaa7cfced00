import Foundation
import Testing

@testable import Basics
@testable import Media

struct ClipDirectoryTests {
  let directory: TemporaryDirectory

  init() throws { directory = try TemporaryDirectory() }

  private func manifestError(_ toml: String) async throws -> MediaError? {
    try directory.write("clip.toml", toml)
    return await #expect(throws: MediaError.self) { try await Clip.load(directory.path) }
  }

  private var manifest: String { "\(directory.path)/clip.toml" }

  @Test func `a clip directory is read with frames, audio and question`() async throws {
    try directory.write(
      "clip.toml",
      """
      title = "A bell"
      system = "Be brief."
      question = "What rings?"
      choices = ["a bell", "a phone"]
      answer = "a bell"
      fps = 4
      mood = "calm"
      [preprocess]
      min_pixels = 784
      max_pixels = 100_000
      second_per_grid = 0.5
      gamma = 2
      """)
    try directory.write("video.ppm", ppm(picture(6, 4), picture(6, 4, seed: 1)))
    try directory.write("audio.wav", WAV().bytes)
    try directory.write("image.ppm", ppm(picture(2, 2)))
    try directory.write("notes.txt", "left alone")
    let clip = try await Clip.load(directory.path)
    #expect(clip.title == "A bell" && clip.source == directory.path)
    #expect(clip.system == "Be brief." && clip.question == "What rings?")
    #expect(clip.choices == ["a bell", "a phone"] && clip.answer == "a bell")
    #expect(clip.video?.frames == [picture(6, 4), picture(6, 4, seed: 1)])
    #expect(clip.video?.framesPerSecond == 4)
    #expect(clip.audio?.samples == [0, 0.5, -0.5, 1])
    #expect(clip.image == picture(2, 2))
    #expect(
      clip.settings.byKey == [
        "system": "Be brief.", "min_pixels": "784", "max_pixels": "100000",
        "seconds_per_grid": "0.5",
      ])
    #expect(clip.audioInVideo)
    #expect(
      clip.audit.filter(\.isNotice).map(\.value) == ["mood", "preprocess.gamma", "notes.txt"])
    #expect(try await Clip.load(manifest).video == clip.video)
  }

  @Test func `a clip directory without a rate has 2 frames per second, with a notice`() async throws
  {
    try directory.write("clip.toml", "")
    try directory.write("video.ppm", ppm(picture(6, 4)))
    let clip = try await Clip.load(directory.path + "/")
    #expect(clip.video?.framesPerSecond == 2)
    #expect(clip.audit.contains(.notice(.video, "rate", "2.000 fps, assumed")))
    #expect(clip.question == nil && !clip.audioInVideo)
    #expect(clip.title == directory.path.split(separator: "/").last.map(String.init))
  }

  @Test func `a given question replaces the clip's own`() async throws {
    try directory.write("clip.toml", "question = 'Written?'")
    #expect(try await Clip.load(directory.path, question: "Asked?").question == "Asked?")
    #expect(try await Clip.load(directory.path).question == "Written?")
  }

  @Test func `an empty clip directory is an error`() async throws {
    #expect(try await manifestError("title = 'void'") == .emptyClip(file: directory.path))
    #expect(try await manifestError("question = '  '") == .emptyClip(file: directory.path))
    #expect(try await Clip.load(directory.path, question: "And?").question == "And?")
  }

  @Test func `invalid TOML in clip.toml is an error with its line`() async throws {
    let error = try await manifestError("title = 'x'\nfps = = 2\n")
    guard case .manifestSyntax(manifest, 2, _, let reason) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(!reason.isEmpty)
    try directory.write("clip.toml", Array("title = 'x'\n\nfps = ".utf8) + [0xFF, 0xFE])
    await #expect(
      throws: MediaError.manifestSyntax(
        file: manifest, line: 3, column: 1, reason: "not UTF-8 text")
    ) { try await Clip.load(directory.path) }
  }

  @Test(arguments: [
    ("title = 3", "title", "a string", "integer"),
    ("choices = 'a'", "choices", "an array of strings", "string"),
    ("choices = ['a', 2]", "choices[1]", "a string", "integer"),
    ("fps = '2'", "fps", "a number", "string"),
    ("preprocess = 1", "preprocess", "a table", "integer"),
    (
      "[preprocess]\nmin_pixels = 1.5", "preprocess.min_pixels", "an integer",
      "floating-point number"
    ),
  ])
  func `a clip.toml value of the wrong type is an error with its key`(
    toml: String, key: String, expected: String, found: String
  ) async throws {
    #expect(
      try await manifestError(toml)
        == .manifestType(file: manifest, key: key, expected: expected, found: found))
  }

  @Test(arguments: [
    ("fps = 0", "fps"), ("fps = nan", "fps"), ("fps = inf", "fps"), ("fps = -2", "fps"),
    ("fps = 1e9", "fps"),
    ("[preprocess]\nmin_pixels = 0", "preprocess.min_pixels"),
    ("[preprocess]\nmin_pixels = 9\nmax_pixels = 8", "preprocess.max_pixels"),
    ("[preprocess]\nsecond_per_grid = 0.0", "preprocess.second_per_grid"),
  ])
  func `an invalid clip.toml value is an error with its key`(toml: String, key: String) async throws
  {
    guard case .manifestValue(manifest, key, _, _) = try await manifestError(toml) else {
      Issue.record("\(toml) was taken")
      return
    }
  }

  @Test func `missing files of a clip directory are errors with their paths`() async throws {
    let path = directory.path
    await #expect(throws: MediaError.manifestMissing(directory: path)) {
      try await Clip.load(path)
    }
    for missing in ["\(path)/none", "", "\(path)/a\0b"] {
      await #expect(throws: MediaError.notFound(file: missing)) { try await Clip.load(missing) }
    }
    await #expect(throws: MediaError.notRegularFile(file: "/dev/null")) {
      try await Clip.load("/dev/null")
    }
    try directory.write("clip.toml", "")
    try FileManager.default.createDirectory(
      atPath: "\(path)/video.ppm", withIntermediateDirectories: false)
    await #expect(throws: MediaError.notRegularFile(file: "\(path)/video.ppm")) {
      try await Clip.load(path)
    }
  }

  @Test(.disabled(if: getuid() == 0, "the superuser may read everything"))
  func `a clip.toml without read permission is an error with its path`() async throws {
    try FileManager.default.setAttributes(
      [.posixPermissions: 0], ofItemAtPath: directory.write("clip.toml", ""))
    guard case .unreadable(manifest, _) = try await manifestError("") else {
      Issue.record("it was read")
      return
    }
  }

  @Test(arguments: [
    "[=]", "\u{FEFF}[=", " [ ?]", "a = 1\n[[#]]", "[\n", "b = '''x'''\n[.a]", "x = [}",
    "x = [1}", "x = { a = [ }", "]", "x = [\u{2028}1]", "x = [\u{0B}]", "é = 1", "x = 1979-05-27T?",
    "x = [1979-05-27 0,]",
  ])
  func `TOML that crashes the parser library is refused before parsing`(toml: String) throws {
    #expect(TOMLOutline.firstFault(in: Array(toml.utf8)) != nil)
    let error = #expect(throws: MediaError.self) {
      try ClipManifest(Array(toml.utf8), file: "f")
    }
    guard case .manifestSyntax("f", 1...2, _, _) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
  }

  @Test(arguments: [
    String(repeating: "a.", count: 16) + "b = 1",
    "[" + String(repeating: "a.", count: 20_000) + "b]",
  ])
  func `clip.toml keys with too many parts are refused`(toml: String) throws {
    #expect(
      TOMLOutline.firstFault(in: Array(toml.utf8))?.reason == "a key of more than 16 parts")
    let most = String(repeating: "a.", count: 15) + "b = [1.5, 2.5]\n"
    #expect(TOMLOutline.firstFault(in: Array(most.utf8)) == nil)
  }

  @Test(arguments: [
    "question = \"\"\"\n[?] é \\\" \"\" }\n[=\"\"\"\"\"", "question = '''\n[=}'''",
    "x = [\n[ { a = 1 } ],\r\n[\n]]\r\n", "# [=] é\n['quoted']\n[\"=\"]", "[a.b] # [=",
    "x = [1979-05-27 07:32:00, 1979-05-27T07:32:00Z, 1979-05-27 , 07:32:00]",
    "\u{FEFF}[a]", "x = '[' # }\n[[b]]\n[[b]]",
  ])
  func `brackets in TOML strings, arrays and comments are not tables`(toml: String) throws {
    #expect(TOMLOutline.firstFault(in: Array(toml.utf8)) == nil)
    _ = try ClipManifest(Array(toml.utf8), file: "f")
  }

  @Test func `damaged clip.toml files are errors, not crashes`() throws {
    var random = SplitMix(state: 11)
    let toml = Array(
      "title='a'\nchoices=['b','c']\nfps=2.0\nx = [[1], \n[2]]\ny = \"\"\"\n[\"\"\"\n[preprocess]\nmin_pixels=4\n"
        .utf8)
    for _ in 0..<20_000 {
      let bytes = mutated(toml, &random)
      do throws(MediaError) { _ = try ClipManifest(bytes, file: "f") } catch {}
    }
  }
}
