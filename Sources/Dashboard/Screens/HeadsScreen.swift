import Reports
import Runs
import Terminal

/// Screen with the attention of the next token's row in every head of every layer, coloured by
/// modality; for the selected head also on the frames and the audio.
struct HeadsScreen: ScreenPage {
  struct View: ScreenView {
    /// The selected head, from 0.
    var head = 0
  }

  static let name = "heads"
  static let title = "Heads"
  static let help = "heads: attention"
  static let boundary: FollowedBoundary? = .engine
  static let openingKeys: [Key] = ["H"]
  static let bindings = keys(
    .init(
      "previous, next head", .init([.left, "h"], beside(.left), hint: "head"),
      .init([.right, "l"], beside(.right))))

  let app: App

  init(_ app: App) {
    self.app = app
  }

  func render(in area: Rect, to frame: inout Frame) {
    guard let subject = app.run.subject else {
      return LayersScreen(app).render(in: area, to: &frame)
    }
    guard app.headCount > 0 else {
      frame.write(absence, in: area.row(0).inset(horizontal: 1), as: .faint)
      return
    }
    let layout = HeadsLayout(area, layers: subject.model.decoder.layers, heads: app.headCount)
    frame.write(legend(frame.look), in: layout.legend.inset(horizontal: 1))
    HeadGrid(app.run.history.lens, layers: subject.model.decoder.layers, selected: app.selectedHead)
      .render(in: layout.grid, to: &frame)
    renderDetails(layout, to: &frame)
  }

  private var absence: String {
    if app.run.history.lens.isEmpty {
      return app.run.ledger.current.layers.isEmpty ? "no layers run yet" : app.run.lensAbsence
    }
    return app.run.isReplay
      ? "this trace does not have the heads apart" : "no heads here: --lens full keeps them"
  }

  private func legend(_ look: Look) -> StyledLine {
    var line = StyledLine("the next token looks at ", .faint)
    for (name, letter, role) in [
      ("text", "t", Role.text), ("video", "v", .video), ("audio", "a", .audio),
    ] {
      line.append(look.isPatterned ? "\(letter) \(name)" : name, role)
      line.append("  ")
    }
    line.append("height: share of video and audio", .faint)
    return line
  }

  private func renderDetails(_ layout: HeadsLayout, to frame: inout Frame) {
    guard !layout.details.isEmpty else { return }
    var rest = layout.details
    let (layer, head) = app.selectedHead
    frame.rule(rest.cutTop(1), title: "layer \(layer), head \(head + 1)")
    rest = rest.inset(horizontal: 1)
    guard let attention = app.run.history.lens[layer]?.attention,
      attention.heads.indices.contains(head)
    else {
      frame.write("not run yet", in: rest.cutTop(1), as: .faint)
      return
    }
    let shares = attention.heads[head]
    var line = StyledLine()
    for (name, share, role) in [
      ("text", shares.textAndImage, Role.text), ("video", shares.video, .video),
      ("audio", shares.audio, .audio),
    ] { line.append("\(name) \(Measure.evenPercent(share))  ", role) }
    line.append("mean of the layer: ", .faint)
    line.append(
      [attention.mean.textAndImage, attention.mean.video, attention.mean.audio]
        .map { Measure.share($0) }.joined(separator: "/") + " %", .faint)
    frame.write(line, in: rest.cutTop(1))
    renderMap(in: rest, layer, head, to: &frame)
  }

  /// Draws the attention of the selected head on the frames and the audio.
  private func renderMap(in area: Rect, _ layer: Int, _ head: Int, to frame: inout Frame) {
    guard area.height >= 3, let places = app.shownClip else { return }
    let row = app.run.row(of: .layer(layer))
    guard let found = app.run.history.scores[TokenScoreRequest(layer: layer, .head(head))],
      !found.positions.isEmpty,
      let heat = RelevanceHeat(app.run, row: row, found.positions, found.scores)
    else {
      let words =
        app.run.isReplay
        ? "the map of a head needs the model: open the clip" : "the map of this head is not there"
      frame.write(words, in: area.row(0), as: .faint)
      return
    }
    let images = app.run.frameImages
    FrameStrip(
      film: images.indices.contains(places.index) ? images[places.index] : FrameImages(ClipMedia()),
      places: places, drops: DropMap(app.run, upTo: row - 1),
      marks: DropLegend(app.run, isGrey: frame.look.depth >= .full).marks, heat: heat,
      layout: app.filmLayout(in: area), cursor: nil
    ).render(in: area, to: &frame)
  }
}

extension HeadsScreen {
  static func scores(in app: App) -> TokenScoreRequest? {
    let (layer, head) = app.selectedHead
    guard app.headCount > head else { return nil }
    return app.run.scoreRequest(.head(head), row: app.run.row(of: .layer(layer)))
  }

  static func move(_ move: Move, in app: inout App) {
    switch move {
    case .left, .right:
      let head = app.view[Self.self].head + (move == .left ? -1 : 1)
      app.view[Self.self].head = min(max(0, app.headCount - 1), max(0, head))
    default: LayersScreen.move(move, in: &app)
    }
  }

  private static func beside(_ side: Move) -> AppAction {
    AppAction(side == .left ? "left" : "right") { $0.move(side) }
  }

  static func click(x: Int, y: Int, body: Rect, in app: inout App) {
    guard let subject = app.run.subject, app.headCount > 0 else { return }
    let layers = subject.model.decoder.layers
    let layout = HeadsLayout(body, layers: layers, heads: app.headCount)
    let grid = HeadGrid(app.run.history.lens, layers: layers, selected: app.selectedHead)
    guard let (layer, head) = grid.head(x: x, y: y, in: layout.grid) else { return }
    app.view[Self.self].head = head
    app.moveCursor(to: app.run.row(of: .layer(layer)))
  }
}

extension Screen {
  static let heads = Screen(HeadsScreen.self)
}

extension App {
  /// Number of query heads of a layer; 0 if they are not known.
  var headCount: Int {
    run.history.lens.records.lazy.compactMap(\.attention).first?.heads.count ?? 0
  }

  /// The selected head: the layer of the layer cursor, from 1, and the head, from 0.
  var selectedHead: (layer: Int, head: Int) {
    let layer = min(max(1, run.layer(of: run.step(at: selectedRow))), max(1, run.layers))
    return (layer, min(view[HeadsScreen.self].head, max(0, headCount - 1)))
  }
}

/// Layout of the screen of heads: the grid beside the details on a wide screen, otherwise above.
struct HeadsLayout: Equatable {
  let legend, grid, details: Rect

  init(_ area: Rect, layers: Int, heads: Int) {
    var rest = area
    legend = rest.cutTop(area.height >= 8 ? 1 : 0)
    if area.width >= 118 {
      grid = rest.cutLeft(min(area.width / 2, HeadGrid.labelWidth + 3 * heads + 2))
      _ = rest.cutLeft(1)
      details = rest
      return
    }
    let wanted = layers + 1
    let spare = rest.height - wanted
    grid = rest.cutTop(spare >= 2 ? wanted : rest.height >= 10 ? rest.height * 6 / 10 : rest.height)
    details = rest
  }
}

/// Layers by heads: the height of a cell is the share of video and audio, its colour the larger of
/// them; cells with neither are a point in the colour of text.
struct HeadGrid: Widget {
  /// Width of the layer numbers.
  static let labelWidth = 5

  let lens: LensHistory
  let layers: Int
  let selected: (layer: Int, head: Int)

  init(_ lens: LensHistory, layers: Int, selected: (layer: Int, head: Int)) {
    (self.lens, self.layers, self.selected) = (lens, layers, selected)
  }

  private var heads: Int { lens.records.lazy.compactMap(\.attention).first?.heads.count ?? 0 }

  private func cellWidth(_ area: Rect) -> Int {
    min(3, max(1, (area.width - Self.labelWidth) / max(1, heads)))
  }

  /// The first layer that is shown, from 0, and the first head.
  private func start(_ area: Rect) -> (layer: Int, head: Int) {
    func first(_ selected: Int, _ count: Int, _ room: Int) -> Int {
      max(0, min(count - room, selected - room / 2))
    }
    let columns = (area.width - Self.labelWidth) / cellWidth(area)
    return (
      first(selected.layer - 1, layers, area.height - 1), first(selected.head, heads, columns)
    )
  }

  func render(in area: Rect, to frame: inout Frame) {
    guard area.height > 1, area.width > Self.labelWidth, heads > 0 else { return }
    let (width, start) = (cellWidth(area), start(area))
    let columns = min(heads - start.head, (area.width - Self.labelWidth) / width)
    var titles = area.row(0)
    frame.write("head", in: titles.cutLeft(Self.labelWidth), as: .title)
    let every = max(1, (3 + width) / width)
    for column in stride(from: 0, to: columns, by: every) {
      var place = titles
      _ = place.cutLeft(column * width)
      frame.write(
        "\(start.head + column + 1)", in: place.cutLeft(min(every * width, place.width)), as: .faint
      )
    }
    for line in 1..<max(1, min(area.height, layers - start.layer + 1)) {
      let layer = start.layer + line
      var row = area.row(line)
      let label = row.cutLeft(Self.labelWidth)
      frame.write(
        "\(layer) ", in: label, as: layer == selected.layer ? .strong : .faint, align: .right)
      let shares = lens[layer]?.attention?.heads ?? []
      for column in 0..<columns where start.head + column < shares.count {
        let cell = row.cutLeft(width)
        draw(shares[start.head + column], in: cell, to: &frame)
        if layer == selected.layer, start.head + column == selected.head { frame.highlight(cell) }
      }
    }
  }

  private func draw(_ shares: ModalityShares, in cell: Rect, to frame: inout Frame) {
    let media = shares.video + shares.audio
    let isText = media < 0.02
    let isVideo = shares.video >= shares.audio
    let role: Role = isText ? .text : isVideo ? .video : .audio
    let levels = frame.glyphs.levels
    let level = min(levels.count - 1, max(0, Int(bounded: media * Double(levels.count))))
    let glyph: Character = isText ? "·" : levels[level]
    let style = frame.look.theme[role]
    // Without colours a letter names the modality; a cell of one column has room for it alone.
    let letter: Character? = frame.look.isPatterned ? (isText ? "t" : isVideo ? "v" : "a") : nil
    for x in 0..<max(1, cell.width - 1) {
      let shown = x == 0 ? letter ?? glyph : glyph
      frame.put(
        shown == "·" && frame.glyphs.isASCII ? "." : shown, x: cell.x + x, y: cell.y, style: style)
    }
  }

  /// The layer, from 1, and the head, from 0, at a cell; nil if there is none.
  func head(x: Int, y: Int, in area: Rect) -> (layer: Int, head: Int)? {
    let start = start(area)
    let layer = start.layer + y - area.y
    let head = start.head + (x - area.x - Self.labelWidth) / cellWidth(area)
    guard y > area.y, x >= area.x + Self.labelWidth, 1...layers ~= layer,
      (0..<heads).contains(head)
    else { return nil }
    return (layer, head)
  }
}
