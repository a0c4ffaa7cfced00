import ArgumentParser
import Basics
import Foundation
import Media
import OmniModel
import Profiling

/// Input settings as options of every command that opens a clip.
struct InputOptions: ParsableArguments {
  @Option(
    help: """
      Settings of a published evaluation: one of the names that seats-top presets lists. Other \
      options win over it.
      """)
  var preset: String?

  @Option(
    parsing: .unconditional,
    help: "Frames sampled per second of video, above 0 and up to 1000 (default: 2).")
  var fps: String?

  @Option(
    parsing: .unconditional,
    help: "Most frames that --fps may give, 2 to 100000 (default: 768).")
  var maxFrames: String?

  @Option(
    parsing: .unconditional,
    help: "So many frames, evenly spaced, instead of a rate: 2 to 100000, rounded to even.")
  var frames: String?

  @Option(
    parsing: .unconditional,
    help:
      "Least area of a frame, in pixels (default: 100352; the model's own for clip directories).")
  var minPixels: String?

  @Option(
    parsing: .unconditional,
    help: """
      Largest area of a frame, in pixels (default: 602112, or what --total-pixels leaves; the \
      model's own for clip directories).
      """)
  var maxPixels: String?

  @Option(
    parsing: .unconditional,
    help: "Pixels that all frames share, two frames counting once (default: 90316800).")
  var totalPixels: String?

  @Option(
    parsing: .unconditional,
    help: """
      System text, or the name of a UTF-8 file that holds it; @FILE is always a file (default: the \
      model family's own).
      """)
  var system: String?

  @Option(
    parsing: .unconditional, help: "A line below the question and its choices (default: none).")
  var suffix: String?

  @Flag(help: "Leave the sound out although it is there.")
  var noAudio = false

  @Flag(help: "Leave the video out although it is there.")
  var noVideo = false

  @Option(
    parsing: .unconditional,
    help: """
      What a temporal grid (two frames) stands for in positions: true as it was sampled, published \
      for 1 s (Qwen2.5-Omni) or 2 s (Qwen3-Omni) whatever was sampled, or seconds up to 3600 \
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

  /// - Throws: `InputFault`, or `SystemTextError`.
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

  /// - Parameter standard: settings of a configuration, of lower precedence than a clip's.
  func layers(standard: InputSettings = InputSettings()) throws -> InputLayers {
    InputLayers(asked: try settings(), standard: standard)
  }

  /// A fault as error message with option names.
  static func sentence(_ fault: InputFault) -> String {
    switch fault {
    case .value(let field, let found):
      "\(field.option) takes \(field.expected), not \(ErrorMessage.printable(found))."
    case .both(let one, let other): "Give one of \(one.option) and \(other.option), not both."
    case .pixelBounds(let least, let most):
      "--min-pixels, \(least), must be at most --max-pixels, which is \(most)."
    case .unknownPreset(let name, let known):
      "--preset knows no preset \(ErrorMessage.printable(name)): use one of "
        + known.joined(separator: ", ") + "."
    case .key(let key): "There is no setting \(key)."
    }
  }
}

/// `--system`: a text, or a file that holds it.
struct SystemText {
  let text: String

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

  /// Whether an argument is a file name: a single word with a directory or a usual extension.
  private static func looksLikeFile(_ argument: String) -> Bool {
    guard !argument.isEmpty, !argument.contains(where: \.isWhitespace) else { return false }
    let endings = [".txt", ".md", ".text", ".prompt"]
    return argument.hasPrefix("/") || argument.hasPrefix("./") || argument.hasPrefix("../")
      || argument.hasPrefix("~/") || endings.contains { argument.lowercased().hasSuffix($0) }
  }

  /// The text of a file, without the final line break.
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

/// An invalid file of `--system`.
struct SystemTextError: Error {
  let file, reason: String
}
