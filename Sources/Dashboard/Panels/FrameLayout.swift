import Terminal

/// Layout of a clip's frames on the screen: frames from left to right with their audio below,
/// wrapped into rows, one page at a time. Depends on sizes only.
struct FrameLayout: Equatable {
  let area: Rect
  /// Size of a token in pixels: as many cells wide, half as many cells high.
  let scale: Int
  /// Rows and columns of a frame's tokens that are visible; not all if the screen is too small.
  let rows, columns: Range<Int>
  /// Number of frames side by side, and number of such rows on a page.
  let perRow, strips: Int
  /// Height of a frame's picture, in cells; 0 without video.
  let pictureHeight: Int
  /// Height of the mel spectrogram, in cells; 0 without audio.
  let melHeight: Int
  /// Width of a frame, in cells.
  let width: Int
  /// Index of the first frame on the page, and total number of frames.
  let first, count: Int

  /// Sizes of the clip that are shown.
  struct Content: Equatable {
    /// Number of temporal grids, or seconds of audio without video.
    let frames: Int
    /// Rows and columns of the tokens in a frame; 0 rows without video.
    let rows, columns: Int
    let hasSound: Bool

    init(frames: Int, rows: Int, columns: Int, hasSound: Bool) {
      (self.frames, self.rows, self.columns, self.hasSound) = (frames, rows, columns, hasSound)
    }

    init(_ clip: ClipSources) {
      self.init(
        frames: Int(bounded: (clip.seconds / clip.secondsPerGrid - 1e-6).rounded(.up)),
        rows: clip.video.isEmpty ? 0 : clip.rows, columns: clip.columns,
        hasSound: !clip.audio.isEmpty)
    }
  }

  /// Token sizes in pixels that the zoom key `z` offers.
  static let scales = [2, 4, 6, 8, 12, 16]

  /// Computes the page of frames.
  /// - Parameters:
  ///   - cursor: frame, row and column that must be visible.
  ///   - zoom: token size in pixels; nil for the size that uses the room best.
  init(
    _ area: Rect, _ content: Content, cursor: (frame: Int, row: Int, column: Int), zoom: Int?
  ) {
    self.area = area
    count = content.frames
    let least = content.hasSound ? Self.melHeight(area.height, hasPictures: content.rows > 0) : 0
    let strip = content.hasSound ? least + 1 : 0
    let most = max(1, area.height - 1 - strip)
    // At least one token must fit.
    let limit = max(2, min(most * 2, area.width))
    let scale = min(limit, zoom ?? Self.scale(area, content, strip: strip)) / 2 * 2
    self.scale = scale
    let shownRows = min(content.rows, most * 2 / scale)
    let shownColumns = min(content.columns, max(1, area.width / scale))
    rows = Self.window(shownRows, of: content.rows, around: cursor.row)
    columns = Self.window(shownColumns, of: content.columns, around: cursor.column)
    pictureHeight = shownRows * scale / 2
    width = content.rows > 0 ? shownColumns * scale : min(25, max(1, area.width))
    perRow = max(1, (area.width + 1) / (width + 1))
    let room = max(1, (area.height + 1) / (pictureHeight + strip + 2))
    strips = min(room, max(1, (content.frames + perRow - 1) / perRow))
    // The mel spectrogram gets the rows that the pictures leave free.
    let spare = (area.height + 1) / strips - (pictureHeight + strip + 2)
    melHeight = content.hasSound ? max(least, min(least + spare, Self.largestMel)) : 0
    let page = max(1, perRow * strips)
    first = min(max(0, cursor.frame), max(0, content.frames - 1)) / page * page
  }

  private static func melHeight(_ height: Int, hasPictures: Bool) -> Int {
    guard hasPictures else { return max(1, min(8, height - 2)) }
    // More only where the pictures leave rows free.
    return height >= 12 ? 2 : 1
  }

  /// Rows of a mel spectrogram beyond which its bands would repeat.
  private static let largestMel = 8

  /// The token size at which whole frames cover most of the area, with eight frames in view; if
  /// eight do not fit at a readable size, with four; otherwise the size with most frames.
  private static func scale(_ area: Rect, _ content: Content, strip: Int) -> Int {
    let choices = stride(from: 2, through: 32, by: 2).compactMap { scale -> Choice? in
      let (width, height) = (content.columns * scale, content.rows * scale / 2)
      guard width <= area.width, height + strip + 1 <= area.height else { return nil }
      let across = (area.width + 1) / (width + 1)
      let room = (area.height + 1) / (height + strip + 2)
      let shown = min(content.frames, across * room)
      let strips = min(room, max(1, (content.frames + across - 1) / across))
      // Rows of a frame with its label, and with the rows that its sound takes.
      let most = height + 1 + (strip > 0 ? largestMel + 1 : 0)
      let rows = min(most, (area.height + 1) / strips - 1)
      return Choice(scale: scale, shown: shown, covered: shown * width * rows)
    }
    let eight = choices.filter { $0.scale >= 4 && $0.shown >= min(content.frames, 8) }
    let four = choices.filter { $0.shown >= min(content.frames, 4) }
    let pool = eight.isEmpty ? four : eight
    let best = pool.max { ($0.covered, $0.scale) < ($1.covered, $1.scale) }
    return (best ?? choices.first)?.scale ?? 2
  }

  /// A token size, with the number of whole frames and the cells that they cover.
  private struct Choice {
    let scale, shown, covered: Int
  }

  private static func window(_ shown: Int, of count: Int, around index: Int) -> Range<Int> {
    let first = max(0, min(index - shown / 2, count - shown))
    return first..<first + max(0, shown)
  }

  var perPage: Int { perRow * strips }
  var page: Range<Int> { first..<max(first, min(count, first + perPage)) }
  private var stripHeight: Int { 1 + pictureHeight + (melHeight > 0 ? melHeight + 1 : 0) }

  /// Area of a frame on this page, with label, picture and audio.
  func place(_ frame: Int) -> Rect {
    let index = frame - first
    guard index >= 0, index < perPage else {
      return Rect(x: area.x, y: area.y, width: 0, height: 0)
    }
    return Rect(
      x: area.x + index % perRow * (width + 1), y: area.y + index / perRow * (stripHeight + 1),
      width: width, height: stripHeight
    ).intersection(area)
  }

  func label(_ frame: Int) -> Rect { place(frame).row(0) }

  func picture(_ frame: Int) -> Rect {
    var rest = place(frame)
    _ = rest.cutTop(1)
    return rest.cutTop(pictureHeight)
  }

  /// Area of a frame's mel spectrogram; its last row shows the audio tokens that are left.
  func sound(_ frame: Int) -> Rect {
    var rest = place(frame)
    _ = rest.cutTop(1 + pictureHeight)
    return rest
  }

  /// Area of one token of a frame.
  func token(_ frame: Int, row: Int, column: Int) -> Rect {
    let picture = picture(frame)
    guard rows.contains(row), columns.contains(column) else {
      return Rect(x: picture.x, y: picture.y, width: 0, height: 0)
    }
    return Rect(
      x: picture.x + (column - columns.lowerBound) * scale,
      y: picture.y + (row - rows.lowerBound) * scale / 2, width: scale, height: scale / 2
    ).intersection(picture)
  }

  /// The content at a cell of the screen.
  enum Spot: Equatable {
    case picture(frame: Int, row: Int, column: Int)
    /// A cell of a frame's audio, counted from the left edge of the frame.
    case sound(frame: Int, cell: Int)
  }

  func spot(x: Int, y: Int) -> Spot? {
    guard let frame = page.first(where: { place($0).contains(x: x, y: y) }) else { return nil }
    let picture = picture(frame)
    if picture.contains(x: x, y: y) {
      let row = rows.lowerBound + (y - picture.y) * 2 / scale
      return .picture(
        frame: frame, row: row, column: columns.lowerBound + (x - picture.x) / scale)
    }
    return sound(frame).contains(x: x, y: y)
      ? .sound(frame: frame, cell: x - place(frame).x) : nil
  }
}

/// Audio tokens of a frame, distributed over its cells.
struct SoundSpan: Equatable {
  let tokens: Range<Int>
  let cells: Int

  init(_ frame: Int, _ places: ClipSources, cells: Int) {
    let each = places.secondsPerGrid / places.secondsPerAudioToken
    let first = Int(bounded: (Double(frame) * each).rounded())
    let end = Int(bounded: (Double(frame + 1) * each).rounded())
    let count = places.audio.count
    tokens = min(first, count)..<min(max(first, end), count)
    // A cell has the same duration in every frame, even if the audio ends in the last one.
    self.cells = max(1, cells)
    full = max(1, end - first)
  }

  private let full: Int

  /// Audio tokens in a cell; empty after the end of the audio.
  func tokens(under cell: Int) -> Range<Int> {
    let first = tokens.lowerBound + cell * full / cells
    let end = tokens.lowerBound + max(cell * full / cells + 1, (cell + 1) * full / cells)
    return min(first, tokens.upperBound)..<min(end, tokens.upperBound)
  }
}
