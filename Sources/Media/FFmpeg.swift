import Foundation

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
    [try executable("ffmpeg"), try executable("ffprobe")]
  }

  /// The tool under its full path, so that a search never finds something else later.
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

  /// Ours, without colours in messages.
  var environment: [String] {
    var variables = ProcessInfo.processInfo.environment
    variables["AV_LOG_FORCE_NOCOLOR"] = "1"
    if let searchPath { variables["PATH"] = searchPath }
    return variables.map { "\($0.key)=\($0.value)" }
  }

  /// The file that was opened for the tool, whatever it is called: a name with `%d` or a colon in it
  /// means nothing here, and nothing lies beside it.
  static let input = "file:/proc/self/fd/3"

  /// Quiet, for this one file and for formats that hold their media themselves.
  static let caution = ["-v", "error"] + fileOnly
  /// The same, with warnings, each line with its severity.
  static let warned = ["-v", "level+warning"] + fileOnly

  private static let fileOnly =
    ["-protocol_whitelist", "file", "-format_whitelist", formats.joined(separator: ",")]
}
