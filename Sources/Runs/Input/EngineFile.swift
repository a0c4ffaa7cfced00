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
  /// - Parameter onProgress: called with a short text while the file is copied.
  /// - Throws: `MediaError.engineFile` if it cannot be copied, or the model is in this process.
  static func local(
    _ text: String, _ thinker: Thinker, onProgress: (String) -> Void
  ) throws(MediaError) -> String {
    guard let file = EngineFile(text) else { return text }
    guard let remote = thinker.remote else { throw .engineFile(file: text, .noEngine) }
    do throws(EngineFault) {
      return try remote.source.copy(file.path, of: file.host) { done, total in
        onProgress("copying the clip, \(done >> 20) of \(max(1, total >> 20)) MiB")
      }
    } catch {
      throw .engineFile(
        file: text,
        error.kind == .otherHost ? .otherHost(error.reason) : .failed(reason: error.reason))
    }
  }
}
