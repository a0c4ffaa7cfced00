import Testing

@testable import Media

/// Settings of the input, wherever they are written.
struct InputSettingsTests {
  let directory: TemporaryDirectory

  init() throws { directory = try TemporaryDirectory() }

  // total frames, rate, fps, max_frames, nframes → frames of qwen_omni_utils 0.0.9 (nil where it
  // refuses), and the sum of its indices, each times its place from 1.
  private static let reference: [(Int, Double, Double?, Int?, Int?, Int?, Int)] = [
    (25, 60.0, 8.0, 8, nil, 4, 160),
    (5, 23.976, nil, nil, 6, nil, 0),
    (25, 10.0, 0.1, nil, nil, 4, 160),
    (299, 25.0, nil, nil, 4, 4, 1987),
    (299, 1.0, 1.5, nil, nil, 298, 8_854_474),
    (7, 29.97, nil, nil, 3, 4, 40),
    (25, 60.0, 1.5, 8, nil, 4, 160),
    (3, 1.0, 0.5, 10, nil, 2, 4),
    (61, 60.0, nil, nil, 9, 8, 1438),
    (5000, 1.0, nil, 128, nil, 128, 27_514_484),
    (5000, 5.0, 8.0, nil, nil, 768, 984_122_388),
    (4, 23.976, nil, 2, nil, 2, 6),
    (1000, 30.0, 0.25, 3, nil, 2, 1998),
    (5000, 5.0, 3.3, nil, nil, 768, 984_122_388),
    (3, 1.0, nil, 8, nil, 2, 4),
    (5, 10.0, 1.0, nil, nil, 4, 27),
    (3, 10.0, nil, nil, 8, nil, 0),
    (2, 30.0, nil, 2, nil, 2, 2),
    (2, 1.0, 1.5, nil, nil, 2, 2),
    (150, 30.0, nil, nil, 5, 4, 993),
    (3, 30.0, 8.0, 33, nil, 2, 4),
    (5, 10.0, nil, 5, nil, 4, 27),
    (30, 10.0, 0.5, nil, nil, 4, 193),
    (5, 30.0, 1.5, nil, nil, 4, 27),
    (3, 25.0, 8.0, 128, nil, 2, 4),
    (150, 10.0, 0.25, nil, nil, 4, 993),
    (25, 1.0, nil, nil, nil, 24, 4822),
    (2, 29.97, 2.0, 33, nil, 2, 2),
    (3, 23.976, nil, nil, 5, nil, 0),
    (5000, 1.0, 3.3, nil, nil, 768, 984_122_388),
    (5, 1.0, nil, nil, 64, nil, 0),
    (2, 30.0, 100.0, nil, nil, 2, 2),
    (5, 23.976, nil, nil, nil, 4, 27),
    (1000, 25.0, 100.0, nil, nil, 768, 196_666_676),
    (61, 60.0, nil, nil, nil, 4, 400),
    (4, 5.0, nil, nil, 3, 4, 20),
    (25, 25.0, nil, nil, nil, 4, 160),
    (4, 1.0, nil, nil, 31, nil, 0),
    (5000, 5.0, nil, 2000, nil, 2000, 6_668_610_722),
    (30, 5.0, nil, nil, 3, 4, 193),
  ]

  @Test func `frame indices equal those of qwen_omni_utils`() {
    for (total, rate, fps, maxFrames, frames, count, sum) in Self.reference {
      var settings = InputSettings()
      (settings.fps, settings.maxFrames, settings.frames) = (fps, maxFrames, frames)
      let sampling = FrameSampling(settings)
      let comment: Comment = "\(total) at \(rate): \(settings.byKey)"
      guard let count else {
        #expect(sampling.shortage(totalFrames: total) != nil, comment)
        continue
      }
      #expect(sampling.shortage(totalFrames: total) == nil, comment)
      let plan = sampling.plan(totalFrames: total, sourceRate: rate)
      #expect(plan.indices.count == count, comment)
      let weighted = plan.indices.enumerated().reduce(0) { $0 + ($1.offset + 1) * $1.element }
      #expect(weighted == sum, comment)
      #expect(plan.framesPerSecond == Double(count) / Double(total) * rate, comment)
    }
  }

  @Test(arguments: [
    (InputSettings.Field.fps, "0"), (.fps, "nan"), (.fps, "inf"), (.fps, "1e9"), (.fps, "-2"),
    (.fps, ""), (.fps, "two"), (.maxFrames, "1"), (.maxFrames, "-4"), (.maxFrames, "2.5"),
    (.maxFrames, "100001"), (.frames, "0"), (.frames, "99999999999999999999"), (.minPixels, "0"),
    (.maxPixels, "-1"), (.totalPixels, "1e6"), (.noAudio, "yes"), (.noVideo, "1"),
    (.secondsPerGrid, "0"), (.secondsPerGrid, "false"), (.secondsPerGrid, "nan"),
    (.secondsPerGrid, "3601"), (.suffix, "a\u{0}b"),
  ])
  func `an invalid input setting is an error with its field`(
    _ field: InputSettings.Field, _ text: String
  ) throws {
    var settings = InputSettings()
    let fault = #expect(throws: InputFault.self) { try settings.set(field, to: text) }
    guard case .value(let named, _) = try #require(fault) else {
      Issue.record("\(String(describing: fault))")
      return
    }
    #expect(named == field && settings.isEmpty)
  }

  @Test func `every input setting is parsed from its text`() throws {
    let values = [
      "preset": "daily-omni", "fps": "1.5", "max_frames": "128", "min_pixels": "3136",
      "max_pixels": "112896", "total_pixels": "19267584", "system": "", "suffix": "Letter.",
      "no_audio": "true", "no_video": "false", "seconds_per_grid": "published",
    ]
    let settings = try InputSettings(values.map { (key: $0.key, text: $0.value) })
    #expect(settings.byKey == values)
    #expect(Set(values.keys).union(["frames"]) == Set(InputSettings.Field.allCases.map(\.rawValue)))
  }

  @Test func `contradictory input settings are an error`() throws {
    #expect(throws: InputFault.both(.fps, .frames)) {
      try InputSettings([(key: "fps", text: "2"), (key: "frames", text: "8")])
    }
    #expect(throws: InputFault.pixelBounds(least: 9, most: 8)) {
      try InputSettings([(key: "min_pixels", text: "9"), (key: "max_pixels", text: "8")])
    }
    #expect(throws: InputFault.key("gamma")) { try InputSettings([(key: "gamma", text: "1")]) }
  }

  @Test func `input settings of higher precedence win`() throws {
    let lower = try InputSettings([
      (key: "fps", text: "2"), (key: "max_frames", text: "128"), (key: "min_pixels", text: "5000"),
      (key: "system", text: "Low."),
    ])
    let upper = try InputSettings([
      (key: "frames", text: "8"), (key: "max_pixels", text: "4000"), (key: "system", text: ""),
    ])
    #expect(
      upper.over(lower).byKey == [
        "frames": "8", "max_frames": "128", "max_pixels": "4000", "system": "",
      ])
  }

  // MARK: - Clip directories

  private func write(_ manifest: String, frames: Int, sound: Bool = true) throws {
    try directory.write("clip.toml", manifest)
    try directory.write(
      "video.ppm", (0..<frames).flatMap { ppm(picture(6, 4, seed: $0)) })
    if sound { try directory.write("audio.wav", WAV().bytes) }
  }

  @Test func `the input table of clip.toml sets input settings`() async throws {
    try write(
      "system = \"Old.\"\n[preprocess]\nmin_pixels = 10\nsecond_per_grid = 2\n[input]\nfps = 1\n"
        + "system = \"New.\"\nno_audio = true\nseconds_per_grid = true\n", frames: 12)
    let clip = try await Clip.load(directory.path)
    #expect(
      clip.settings.byKey == [
        "fps": "1", "system": "New.", "no_audio": "true", "min_pixels": "10",
        "seconds_per_grid": "true",
      ])
    // 12 frames at 2 a second are 6 s.
    #expect(clip.video?.frames.count == 6 && clip.video?.framesPerSecond == 1)
    #expect(clip.audio == nil && clip.system == "New.")
    #expect(clip.audit.contains { $0.isNotice && $0.subject == .audio && $0.name == "not used" })
  }

  @Test(arguments: [
    ("fps = 0", "fps must be"), ("gamma = 1", "gamma is not an input setting"),
    ("frames = [1]", "frames is not an input setting"),
    ("fps = 1\nframes = 4", "give fps or frames, not both"),
    ("min_pixels = 9\nmax_pixels = 8", "min_pixels (9)"),
  ])
  func `an invalid input table of clip.toml is an error with its key`(
    _ table: String, _ words: String
  ) async throws {
    try write("[input]\n" + table, frames: 4)
    let error = await #expect(throws: MediaError.self) { try await Clip.load(directory.path) }
    guard case .input(_, let fault) = try #require(error) else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(fault.words.contains(words), "\(fault.words)")
  }

  @Test func `evenly spaced frames are taken from a clip directory`()
    async throws
  {
    try write("[input]\nframes = 4", frames: 9)
    let clip = try await Clip.load(directory.path)
    #expect(clip.video?.frames == [0, 3, 5, 8].map { picture(6, 4, seed: $0) })
    try write("[input]\nframes = 12", frames: 9)
    await #expect(
      throws: MediaError.tooFewFrames(file: directory.path, asked: 12, present: 9)
    ) { try await Clip.load(directory.path) }
  }

  @Test func `all frames of a clip directory are used without frame settings`() async throws {
    try write("[input]\nmax_pixels = 784", frames: 9)
    #expect(try await Clip.load(directory.path).video?.frames.count == 9)
  }

  @Test func `an input setting without effect gives a notice`() async throws {
    try directory.write(
      "clip.toml", "question = \"?\"\n[input]\nfps = 1\nno_audio = true\nno_video = true")
    try directory.write("image.ppm", ppm(picture(6, 4)))
    let clip = try await Clip.load(directory.path)
    let notices = clip.audit.filter(\.isNotice).map { "\($0.subject) \($0.name): \($0.value)" }
    #expect(
      notices == [
        "audio no effect: no_audio: the clip has no audio",
        "video no effect: no_video: the clip has no video",
        "clip no effect: fps: no video is used",
      ])
  }

  @Test func `a clip without video, audio and question is an error`() async throws {
    try write("[input]\nno_video = true\nno_audio = true", frames: 4)
    await #expect(throws: MediaError.emptyClip(file: directory.path)) {
      try await Clip.load(directory.path)
    }
    #expect(try await Clip.load(directory.path, question: "Why?").video == nil)
  }
}
