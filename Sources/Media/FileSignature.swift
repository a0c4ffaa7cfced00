/// Types of files that are not media, recognised by their first bytes.
public enum NotMediaKind: Sendable, CaseIterable {
  // Lists of other files or URLs.
  case hlsPlaylist, m3uPlaylist, dashManifest, concatList, sessionDescription, plsPlaylist
  case asxPlaylist, smilPresentation, xspfPlaylist, wplPlaylist, cueSheet, rtspReference
  case imfPlaylist
  // Drawings and text files.
  case svgDrawing, webPage, lfsPointer

  /// Whether the file is a list of other files or URLs.
  public var isList: Bool {
    switch self {
    case .svgDrawing, .webPage, .lfsPointer: false
    default: true
    }
  }

  /// Text at the start of such files, in lower case, after white space; `<` matches the first
  /// element of an XML document.
  private var beginnings: [String] {
    switch self {
    case .hlsPlaylist: []
    case .m3uPlaylist: ["#extm3u"]
    case .dashManifest: ["<mpd"]
    case .concatList: ["ffconcat"]
    case .sessionDescription: ["v=0\n", "v=0\r"]
    case .plsPlaylist: ["[playlist]"]
    case .asxPlaylist: ["<asx", "[reference]"]
    case .smilPresentation: ["<smil"]
    case .xspfPlaylist: ["<playlist"]
    case .wplPlaylist: ["<?wpl"]
    case .cueSheet: ["file \"", "rem genre", "performer \""]
    case .rtspReference: ["rtsptext", "rtsp://", "mms://"]
    case .imfPlaylist: ["<compositionplaylist", "<assetmap"]
    case .svgDrawing: ["<svg"]
    case .webPage: ["<!doctype html", "<html"]
    case .lfsPointer: ["version https://git-lfs"]
    }
  }

  /// Recognises a file type by its first bytes; nil if it may be media.
  /// - Parameter start: the first bytes of the file; a few kilobytes are enough
  init?(start: [UInt8]) {
    let text = Self.content(start)
    if text.hasPrefix("#extm3u"), text.contains("#ext-x-") {
      self = .hlsPlaylist
      return
    }
    let found = Self.allCases.first { kind in kind.beginnings.contains { text.hasPrefix($0) } }
    guard let found else { return nil }
    self = found
  }

  /// The text in lower case without byte order mark, leading white space, XML declaration and
  /// comments.
  private static func content(_ start: [UInt8]) -> Substring {
    // Binary data is not one of the text formats.
    guard start.prefix(64).allSatisfy({ $0 >= 0x20 || (9...13).contains($0) }) else { return "" }
    let text = String(decoding: start, as: UTF8.self).lowercased()
    var rest = text[...]
    if rest.hasPrefix("\u{FEFF}") { rest.removeFirst() }
    while true {
      rest = rest.drop(while: \.isWhitespace)
      if rest.hasPrefix("<?xml"), let end = rest.firstRange(of: "?>") {
        rest = rest[end.upperBound...]
      } else if rest.hasPrefix("<!--"), let end = rest.firstRange(of: "-->") {
        rest = rest[end.upperBound...]
      } else if rest.hasPrefix("<!doctype"), !rest.hasPrefix("<!doctype html"),
        let end = rest.firstRange(of: ">")
      {
        rest = rest[end.upperBound...]
      } else {
        return rest
      }
    }
  }
}

/// The boxes of an MP4 or QuickTime file, to detect truncated files.
enum BoxChain {
  /// A box that extends beyond the end of the file.
  struct Cut: Equatable {
    let end: Int
    /// Whether the box is the index (`moov`), without which nothing can be read.
    let isIndex: Bool
  }

  /// Where a file is truncated; nil for a complete file, and for other formats.
  ///
  /// - Parameter bytes: reads that number of bytes at an offset, fewer at the end of the file
  static func cut(
    fileSize: Int, _ bytes: (_ offset: Int, _ count: Int) throws(MediaError) -> [UInt8]
  ) throws(MediaError) -> Cut? {
    var offset = 0
    var name = ""
    // Fragmented files have thousands of boxes, so the scan has a limit.
    for _ in 0..<100_000 where offset < fileSize {
      let header = try bytes(offset, 16)
      guard header.count >= 8 else {
        return offset == 0 ? nil : Cut(end: offset + 8, isIndex: false)
      }
      name = header.characters(at: 4)
      if offset == 0, !["ftyp", "moov", "wide", "skip", "free"].contains(name) { return nil }
      var size = Int(header.bigEndian32(at: 0))
      if size == 1, header.count == 16 {
        let high = Int(header.bigEndian32(at: 8))
        guard high < 1 << 30 else { return nil }
        size = high << 32 | Int(header.bigEndian32(at: 12))
      }
      // Size 0 means that the box extends to the end of the file.
      guard size >= 8 else { return nil }
      offset += size
    }
    return offset > fileSize ? Cut(end: offset, isIndex: name == "moov") : nil
  }
}

extension [UInt8] {
  func bigEndian32(at offset: Int) -> UInt32 {
    self[offset..<offset + 4].reduce(0) { $0 << 8 | UInt32($1) }
  }
}
