import Foundation

/// The files of a clip directory, rendered from a benchmark clip.
public struct ClipFiles: Sendable {
  /// File contents by name: `clip.toml`, and depending on the clip's modalities `video.ppm` and
  /// `audio.wav`.
  public let contents: [String: Data]

  /// Renders a benchmark clip.
  /// - Parameter question: the question for `clip.toml`.
  /// - Throws: `SyntheticWorldError` for a scene that cannot be rendered.
  public init(_ clip: BenchmarkClip, question: BenchmarkQuestion) throws(SyntheticWorldError) {
    let renderer = try SceneRenderer(clip.scene)
    var contents = ["clip.toml": Self.manifest(clip, question)]
    if clip.modalities.contains(.video) {
      let header = Data("P6\n\(Scene.side) \(Scene.side)\n255\n".utf8)
      contents["video.ppm"] = renderer.frames().reduce(into: Data()) { $0 += header + Data($1) }
    }
    if clip.modalities.contains(.audio) { contents["audio.wav"] = Self.wave(renderer.waveform()) }
    self.contents = contents
  }

  private static func manifest(_ clip: BenchmarkClip, _ question: BenchmarkQuestion) -> Data {
    let lines = [
      "title = \(quoted(clip.clip))", "question = \(quoted(question.question))",
      "answer = \(quoted(question.answer))", "fps = \(Scene.framesPerSecond)", "",
      "[preprocess]", "min_pixels = 784", "max_pixels = 12845056",
      "second_per_grid = \(2 / Scene.framesPerSecond)",
    ]
    return Data((lines.joined(separator: "\n") + "\n").utf8)
  }

  /// The text as a TOML basic string.
  private static func quoted(_ text: String) -> String {
    let escaped = text.unicodeScalars.map { scalar -> String in
      switch scalar {
      case "\"", "\\": "\\\(scalar)"
      case _ where scalar.value < 32 || scalar.value == 127:
        String(format: "\\u%04X", scalar.value)
      default: String(scalar)
      }
    }
    return "\"" + escaped.joined() + "\""
  }

  /// A WAV file of 16-bit mono PCM.
  private static func wave(_ samples: [Float]) -> Data {
    var file = Data()
    func append(_ text: String) { file += Data(text.utf8) }
    func append<Number: FixedWidthInteger>(_ number: Number) {
      withUnsafeBytes(of: number.littleEndian) { file += Data($0) }
    }
    let bytes = UInt32(samples.count * 2)
    append("RIFF")
    append(36 + bytes)
    append("WAVEfmt ")
    append(UInt32(16))
    append(UInt16(1))
    append(UInt16(1))
    append(UInt32(Scene.sampleRate))
    append(UInt32(Scene.sampleRate * 2))
    append(UInt16(2))
    append(UInt16(16))
    append("data")
    append(bytes)
    for sample in samples { append(Int16(clamping: Int((sample * 32767).rounded()))) }
    return file
  }
}
