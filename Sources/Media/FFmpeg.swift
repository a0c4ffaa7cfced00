import Foundation

/// Search path and timeout of the tools `ffmpeg` and `ffprobe`.
public struct FFmpeg: Sendable, Equatable {
  /// Directories to search, separated by colons; nil for `PATH`.
  public var searchPath: String?
  /// Maximum time without output, after which a tool is killed.
  public var patience: Duration

  public init(searchPath: String? = nil, patience: Duration = .seconds(60)) {
    self.searchPath = searchPath
    self.patience = patience
  }

  /// Finds both tools; returns their full paths, `ffmpeg` first.
  /// - Throws: `MediaError.ffmpegMissing`.
  public func locate() async throws(MediaError) -> [String] {
    [try executable("ffmpeg"), try executable("ffprobe")]
  }

  /// Finds a tool; returns its full path, so that later searches cannot find another one.
  /// - Throws: `MediaError.ffmpegMissing`.
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

  /// Environment of the tools: that of this process, without colours in messages.
  var environment: [String] {
    var variables = ProcessInfo.processInfo.environment
    variables["AV_LOG_FORCE_NOCOLOR"] = "1"
    if let searchPath { variables["PATH"] = searchPath }
    return variables.map { "\($0.key)=\($0.value)" }
  }

  /// The input file as an open descriptor, so that special characters in its name (`%d`, a colon)
  /// have no effect and no other file next to it is read.
  static let input = "file:/proc/self/fd/3"

  /// Tool options: print errors only, access local files only.
  static let caution = ["-v", "error"] + fileOnly
  /// Tool options: print warnings with severity, access local files only.
  static let warned = ["-v", "level+warning"] + fileOnly

  private static let fileOnly =
    ["-protocol_whitelist", "file", "-format_whitelist", formats.joined(separator: ",")]
}
