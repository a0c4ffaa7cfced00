import Foundation

/// Distinguishes local paths from URLs.
public enum MediaAddress {
  /// The path of a local file, from a path or a `file://` URL.
  /// - Throws: `MediaError.remoteAddress` for any other URL, unless a file has that name.
  public static func localPath(_ text: String) throws(MediaError) -> String {
    guard let scheme = scheme(text), (try? SourceFile.exists(text)) != true else { return text }
    guard scheme == "file" else { throw .remoteAddress(text) }
    var path = String(text.dropFirst("file://".count))
    if path.hasPrefix("localhost/") { path.removeFirst("localhost".count) }
    guard path.hasPrefix("/") else { throw .remoteAddress(text) }
    if (try? SourceFile.exists(path)) == true { return path }
    return path.removingPercentEncoding ?? path
  }

  /// The scheme of a URL in lower case: `https` of `https://example.com/a.mp4`, `data` of
  /// `data:video/mp4;…`.
  private static func scheme(_ text: String) -> String? {
    guard let colon = text.firstIndex(of: ":") else { return nil }
    let scheme = text[..<colon].lowercased()
    guard let first = scheme.first, first.isASCII, first.isLetter, scheme.count <= 20,
      scheme.allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber || "+-.".contains($0)) })
    else { return nil }
    return scheme == "data" || text[colon...].hasPrefix("://") ? scheme : nil
  }
}
