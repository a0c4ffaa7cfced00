import Foundation
import Subprocess

/// Where `ffmpeg` and `ffprobe` are found, and how long they may be silent.
public struct FFmpeg: Sendable, Equatable {
  /// Directories to search, parted by colons; nil searches `PATH`.
  public var searchPath: String?
  /// How long a tool may give nothing while we wait for it, before it is stopped.
  public var patience: Duration

  public init(searchPath: String? = nil, patience: Duration = .seconds(60)) {
    self.searchPath = searchPath
    self.patience = patience
  }

  /// Where the tools are, `ffmpeg` first; throws `.ffmpegMissing` or gives full paths.
  public func locate() async throws(MediaError) -> [String] {
    var paths: [String] = []
    for tool in ["ffmpeg", "ffprobe"] { paths.append(try await executable(tool).description) }
    return paths
  }

  /// The tool under its full path, so that a search never finds something else later.
  func executable(_ tool: String) async throws(MediaError) -> Executable {
    do {
      return .path(try await Executable.name(tool).resolveExecutablePath(in: environment))
    } catch {
      throw .ffmpegMissing(tool: tool)
    }
  }

  /// Ours, without colours in messages.
  var environment: Environment {
    var changes: [Environment.Key: String?] = ["AV_LOG_FORCE_NOCOLOR": "1"]
    if let searchPath { changes["PATH"] = searchPath }
    return .inherit.updating(changes)
  }

  /// The path in a form that is neither an option nor a network address.
  static func input(_ path: String) -> String {
    let absolute =
      path.hasPrefix("/") ? path : "\(FileManager.default.currentDirectoryPath)/\(path)"
    return "file:\(absolute)"
  }

  /// Quiet, deaf to the keyboard, and only for local files.
  static let caution = ["-v", "error", "-protocol_whitelist", "file,pipe"]
}
