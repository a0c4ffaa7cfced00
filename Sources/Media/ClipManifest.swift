/// How the clip was, or is to be, preprocessed; nil leaves the model's own choice.
public struct Preprocess: Sendable, Equatable {
  /// Bounds for the area of one frame, in pixels; both at least 1.
  public let minPixels, maxPixels: Int?
  /// Seconds that one temporal grid (two frames) stands for, instead of what the rate says.
  public let secondPerGrid: Double?

  public init(minPixels: Int? = nil, maxPixels: Int? = nil, secondPerGrid: Double? = nil) {
    self.minPixels = minPixels
    self.maxPixels = maxPixels
    self.secondPerGrid = secondPerGrid
  }
}

/// What `clip.toml` says.
struct ClipManifest: Equatable {
  let title, system, question, answer: String?
  let choices: [String]
  let framesPerSecond: Double?
  let preprocess: Preprocess
  /// Keys that mean nothing here, in order.
  let ignoredKeys: [String]

  static let fileName = "clip.toml"

  init(_ path: String, limits: MediaLimits) throws(MediaError) {
    let bytes = try SourceFile(path).contents(limit: limits.manifestBytes)
    try self.init(bytes, file: path)
  }

  init(_ bytes: [UInt8], file: String) throws(MediaError) {
    let root = try TOMLReader(parsing: bytes, file: file)
    title = try root.string("title")
    system = try root.string("system")
    question = try root.string("question")
    answer = try root.string("answer")
    choices = try root.strings("choices") ?? []
    framesPerSecond = try root.number("fps", "a rate above 0 and up to 1000", in: 1e-6...1000)

    let section = try root.section("preprocess")
    preprocess = try section.map(Self.preprocess) ?? Preprocess()
    ignoredKeys =
      root.unknownKeys(
        besides: [
          "title", "system", "question", "answer", "choices", "fps", "preprocess",
        ])
      + (section?.unknownKeys(besides: ["min_pixels", "max_pixels", "second_per_grid"]) ?? [])
  }

  private static func preprocess(_ section: TOMLReader) throws(MediaError) -> Preprocess {
    let minPixels = try section.count("min_pixels")
    let maxPixels = try section.count("max_pixels")
    if let minPixels, let maxPixels, minPixels > maxPixels {
      throw .manifestValue(
        file: section.file, key: "preprocess.max_pixels",
        expected: "at least min_pixels, \(minPixels)", found: "\(maxPixels)")
    }
    return Preprocess(
      minPixels: minPixels, maxPixels: maxPixels,
      secondPerGrid: try section.number(
        "second_per_grid", "seconds above 0 and up to 3600", in: 1e-6...3600))
  }
}
