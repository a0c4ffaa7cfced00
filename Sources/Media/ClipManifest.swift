/// The contents of `clip.toml` in a clip directory.
struct ClipManifest: Equatable {
  let title, question, answer: String?
  let choices: [String]
  let framesPerSecond: Double?
  /// Settings of the clip: `[input]`, then `system` and `[preprocess]` with lower precedence.
  let settings: InputSettings
  /// Settings `system` and `[preprocess]`, which state how the clip was created.
  let preprocess: InputSettings
  /// Unknown keys of the file, in order.
  let ignoredKeys: [String]

  static let fileName = "clip.toml"

  init(_ path: String, limits: MediaLimits) throws(MediaError) {
    let bytes = try SourceFile(path).contents(limit: limits.manifestBytes)
    try self.init(bytes, file: path)
  }

  init(_ bytes: [UInt8], file: String) throws(MediaError) {
    let root = try TOMLReader(parsing: bytes, file: file)
    title = try root.string("title")
    question = try root.string("question")
    answer = try root.string("answer")
    choices = try root.strings("choices") ?? []
    framesPerSecond = try root.number("fps", "a rate above 0 and up to 1000", in: 1e-6...1000)

    let section = try root.section("preprocess")
    var made = try section.map(Self.preprocess) ?? InputSettings()
    made.system = try root.string("system")
    preprocess = made
    settings = try root.section("input").map(Self.input)?.over(made) ?? made
    ignoredKeys =
      root.unknownKeys(
        besides: [
          "title", "system", "question", "answer", "choices", "fps", "preprocess", "input",
        ])
      + (section?.unknownKeys(besides: ["min_pixels", "max_pixels", "second_per_grid"]) ?? [])
  }

  /// Reads the section `[input]`: settings by key.
  private static func input(_ section: TOMLReader) throws(MediaError) -> InputSettings {
    do {
      return try InputSettings(section.scalars)
    } catch {
      throw .input(file: section.file, error)
    }
  }

  private static func preprocess(_ section: TOMLReader) throws(MediaError) -> InputSettings {
    let minPixels = try section.count("min_pixels")
    let maxPixels = try section.count("max_pixels")
    if let minPixels, let maxPixels, minPixels > maxPixels {
      throw .manifestValue(
        file: section.file, key: "preprocess.max_pixels",
        expected: "at least min_pixels, \(minPixels)", found: "\(maxPixels)")
    }
    var settings = InputSettings()
    (settings.minPixels, settings.maxPixels) = (minPixels, maxPixels)
    settings.secondsPerGrid = try section.number(
      "second_per_grid", "seconds above 0 and up to 3600", in: 1e-6...3600
    ).map { .seconds($0) }
    return settings
  }
}
