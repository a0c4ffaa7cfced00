import Foundation

/// Search path and timeout of `ffmpeg` and `ffprobe`.
public struct FFmpeg: Sendable, Equatable {
  /// Directories separated by colons; nil: `PATH`.
  public var searchPath: String?
  /// Timeout without output, after which a tool is killed.
  public var patience: Duration

  public init(searchPath: String? = nil, patience: Duration = .seconds(60)) {
    self.searchPath = searchPath
    self.patience = patience
  }

  /// Full paths of the tools, `ffmpeg` first. Throws `.ffmpegMissing`.
  public func locate() async throws(MediaError) -> [String] {
    [try executable("ffmpeg"), try executable("ffprobe")]
  }

  /// Full path of a tool, so that later searches cannot find another one.
  func executable(_ tool: String) throws(MediaError) -> String {
    let path =
      searchPath ?? ProcessInfo.processInfo.environment["PATH"] ?? "/usr/local/bin:/usr/bin:/bin"
    let candidates = path.split(separator: ":").map { "\($0)/\(tool)" }
    guard let found = candidates.first(where: Self.isExecutableFile) else {
      throw .ffmpegMissing(tool: tool)
    }
    return found
  }

  private static func isExecutableFile(_ path: String) -> Bool {
    var status = stat()
    return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFREG && access(path, X_OK) == 0
  }

  /// The environment of this process, without colours in messages.
  var environment: [String] {
    var variables = ProcessInfo.processInfo.environment
    variables["AV_LOG_FORCE_NOCOLOR"] = "1"
    if let searchPath { variables["PATH"] = searchPath }
    return variables.map { "\($0.key)=\($0.value)" }
  }

  /// The opened file as a descriptor, so that its name (with `%d` or a colon) has no meaning and no
  /// other file can be found next to it.
  static let input = "file:/proc/self/fd/3"

  /// Options: errors only, local file access only.
  static let caution = ["-v", "error"] + fileOnly
  /// Options: warnings with severity, local file access only.
  static let warned = ["-v", "level+warning"] + fileOnly

  private static let fileOnly =
    ["-protocol_whitelist", "file", "-format_whitelist", formats.joined(separator: ",")]
}
