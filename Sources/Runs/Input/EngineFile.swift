import Basics
import Foundation
import Media
import OmniModel

/// A media file that the engine's process can read: `gpu:/data/talk.mp4`, as for `scp`.
struct EngineFile: Equatable {
  /// The computer, or `engine`.
  let host: String
  /// Path there; may begin with `~/`.
  let path: String

  /// - Returns: nil for the path of a local file, and for URLs.
  init?(_ text: String) {
    guard let colon = text.firstIndex(of: ":") else { return nil }
    let (host, path) = (text[..<colon], text[text.index(after: colon)...])
    let isHost = host.allSatisfy {
      $0.isASCII && ($0.isLetter || $0.isNumber || "-._@".contains($0))
    }
    guard host.count > 1, isHost, host.lowercased() != "file",
      path.hasPrefix("/") || path.hasPrefix("~/"), !path.hasPrefix("//"),
      !FileManager.default.fileExists(atPath: text)
    else { return nil }
    (self.host, self.path) = (String(host), String(path))
  }

  /// A local path of the media that the user named: that of a copy for a file of the engine's side.
  /// - Parameter onProgress: receives the progress of copying.
  /// - Throws: `MediaError.engineFile` if it cannot be copied, or the model is in this process.
  static func local(
    _ text: String, _ thinker: Thinker,
    onProgress: @escaping @Sendable (WorkProgress) -> Void
  ) throws(MediaError) -> String {
    guard let file = EngineFile(text) else { return text }
    guard let remote = thinker.remote else { throw .engineFile(file: text, .noEngine) }
    do throws(EngineFault) {
      var meter: ProgressMeter?
      defer { meter?.finish() }
      return try remote.source.copy(file.path, of: file.host) { done, total in
        let known = meter ?? ProgressMeter(.copying, total: total, report: onProgress)
        known.set(done)
        meter = known
      }
    } catch {
      throw .engineFile(
        file: text,
        error.kind == .otherHost ? .otherHost(error.reason) : .failed(reason: error.reason))
    }
  }
}
