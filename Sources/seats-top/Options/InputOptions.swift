import ArgumentParser
import Basics
import Foundation
import Media
import OmniModel
import Runs

/// Options for input settings, for every command that opens a clip.
struct InputOptions: ParsableArguments {
  @Option(
    help: """
      Settings of a published evaluation, by a name from seats-top presets. Other options \
      override it.
      """)
  var preset: String?

  @Option(
    parsing: .unconditional,
    help: """
      Frames sampled per second of video, above 0 and up to 1000 \
      (default: \(FrameSampling().framesPerSecond.formatted())).
      """)
  var fps: String?

  @Option(
    parsing: .unconditional,
    help: """
      Maximum number of frames from --fps, 2 to 100000 \
      (default: \(FrameSampling().maximumFrames)).
      """)
  var maxFrames: String?

  @Option(
    parsing: .unconditional,
    help: "Number of evenly spaced frames instead of a rate, 2 to 100000, rounded to even.")
  var frames: String?

  @Option(
    parsing: .unconditional,
    help: """
      Minimum area of a frame, in pixels (default: \(FamilyHelp.leastPixels); the model's own \
      for clip directories).
      """)
  var minPixels: String?

  @Option(
    parsing: .unconditional,
    help: """
      Maximum area of a frame, in pixels (default: \(FamilyHelp.mostPixels), or the limit from \
      --total-pixels; the model's own for clip directories).
      """)
  var maxPixels: String?

  @Option(
    parsing: .unconditional,
    help: """
      Maximum area of all frames, counting every second one, in pixels \
      (default: \(FamilyHelp.totalPixels)).
      """)
  var totalPixels: String?

  @Option(
    parsing: .unconditional,
    help: """
      System text, or the name of a UTF-8 file; @FILE is always a file (default: the \
      model family's own).
      """)
  var system: String?

  @Option(
    parsing: .unconditional,
    help: "Line appended after the question and its choices (default: none).")
  var suffix: String?

  @Flag(help: "Ignore the audio of the clip.")
  var noAudio = false

  @Flag(help: "Ignore the video of the clip.")
  var noVideo = false

  @Option(
    parsing: .unconditional,
    help: """
      Seconds per temporal grid (two frames) in positions: true as sampled, published \
      for 1 s (Qwen2.5-Omni) or 2 s (Qwen3-Omni), or seconds up to 3600 \
      (default: true).
      """)
  var secondsPerGrid: String?

  func validate() throws {
    do {
      _ = try settings(readingFiles: false)
    } catch let fault as InputFault {
      throw ValidationError(Self.sentence(fault))
    }
  }

  /// The input settings given by options.
  /// - Throws: `InputFault` or `SystemTextError`.
  func settings() throws -> InputSettings { try settings(readingFiles: true) }

  private func settings(readingFiles: Bool) throws -> InputSettings {
    var settings = InputSettings()
    let values: [(InputSettings.Field, String?)] = [
      (.preset, preset), (.fps, fps), (.maxFrames, maxFrames), (.frames, frames),
      (.minPixels, minPixels), (.maxPixels, maxPixels), (.totalPixels, totalPixels),
      (.suffix, suffix), (.noAudio, noAudio ? "true" : nil), (.noVideo, noVideo ? "true" : nil),
      (.secondsPerGrid, secondsPerGrid),
    ]
    for (field, value) in values {
      if let value { try settings.set(field, to: value) }
    }
    if let preset { _ = try InputPreset.named(preset) }
    if readingFiles, let system { try settings.set(.system, to: try SystemText(system).text) }
    try settings.check()
    return settings
  }

  /// Input settings of options and configuration.
  /// - Parameter standard: settings of the configuration, which a clip's own settings override.
  func layers(standard: InputSettings = InputSettings()) throws -> InputLayers {
    InputLayers(asked: try settings(), standard: standard)
  }

  /// Error message for invalid input settings, which names the options.
  static func sentence(_ fault: InputFault) -> String {
    switch fault {
    case .value(let field, let found):
      "\(field.option) takes \(field.expected), not \(ErrorMessage.printable(found))."
    case .both(let one, let other): "Give one of \(one.option) and \(other.option), not both."
    case .pixelBounds(let least, let most):
      "--min-pixels, \(least), must be at most --max-pixels, which is \(most)."
    case .unknownPreset(let name, let known):
      "--preset: unknown preset \(ErrorMessage.printable(name)): use one of "
        + known.joined(separator: ", ") + "."
    case .key(let key): "There is no setting \(key)."
    }
  }
}

/// Value of `--system`: a text, or the name of a file that contains it.
struct SystemText {
  let text: String

  /// Reads the text, from a file if the argument is a file name.
  /// - Throws: `SystemTextError`.
  init(_ argument: String) throws(SystemTextError) {
    let named = argument.hasPrefix("@") ? String(argument.dropFirst()) : argument
    var isDirectory: ObjCBool = false
    let exists =
      !named.isEmpty && !named.utf8.contains(0)
      && FileManager.default.fileExists(atPath: named, isDirectory: &isDirectory)
    let isFile = argument.hasPrefix("@") || (exists && !isDirectory.boolValue)
    guard isFile || Self.looksLikeFile(argument) else {
      text = argument
      return
    }
    text = try Self.read(named)
  }

  /// Whether an argument is a file name: one word with a slash or a common file extension.
  private static func looksLikeFile(_ argument: String) -> Bool {
    guard !argument.isEmpty, !argument.contains(where: \.isWhitespace) else { return false }
    let endings = [".txt", ".md", ".text", ".prompt"]
    return argument.hasPrefix("/") || argument.hasPrefix("./") || argument.hasPrefix("../")
      || argument.hasPrefix("~/") || endings.contains { argument.lowercased().hasSuffix($0) }
  }

  /// The text of a file, without the line feed at its end.
  private static func read(_ path: String) throws(SystemTextError) -> String {
    let bytes: [UInt8]
    do {
      bytes = Array(try FileInput.read(path, limit: InputSettings.textLimit))
    } catch {
      throw SystemTextError(file: path, reason: error.reason)
    }
    guard var text = String(validating: bytes, as: UTF8.self), !bytes.contains(0) else {
      throw SystemTextError(file: path, reason: "it is not UTF-8 text")
    }
    if text.hasSuffix("\r\n") || text.hasSuffix("\n") { text.removeLast() }
    return text
  }
}

/// The file of `--system` cannot be used.
struct SystemTextError: Error {
  let file, reason: String
}
