import Runs
import Selection
import Terminal

/// View state of screen 3, the tokens.
struct TokensView: ScreenView {
  /// Prompt position of the selected token; nil selects the first.
  var position: Int?
  /// Whether kept tokens are coloured by relevance.
  var showsHeat = false
  /// Size of a token in pixels; nil for automatic.
  var zoom: Int?
  /// The tokens around the cursor that actions take.
  var span = TokenSpan.token
  /// Prompt position of the other end of a marked range; nil without one.
  var mark: Int?

  /// Selects the next size; before the smallest and after the largest is the automatic one.
  mutating func changeZoom(by step: Int) {
    let sizes: [Int?] = [nil] + FrameLayout.scales.map { $0 }
    let index = (sizes.firstIndex(of: zoom) ?? 0) + step
    zoom = sizes[(index + sizes.count) % sizes.count]
  }
}

/// Screen 3: frames, audio and text of the prompt at one boundary, with the tokens left, and where
/// and why others were dropped.
struct TokensScreen: ScreenPage {
  typealias View = TokensView

  static let name = "tokens"
  static let title = "Tokens"
  static let help = "tokens: frames and audio"
  static let boundary: FollowedBoundary? = .lastChoice

  let app: App

  init(_ app: App) {
    self.app = app
  }

  func render(in area: Rect, to frame: inout Frame) {
    guard let places = app.shownClip, let row = app.ledgerRow else {
      return LayersScreen(app).render(in: area, to: &frame)
    }
    let layout = TokensLayout(area)
    let drops = DropMap(app.run, upTo: app.selectedRow)
    var title = layout.title.inset(horizontal: 1)
    _ = title.cutLeft(frame.write(BoundarySummary.title(app.run, row, app.keys), in: title) + 2)
    let frameImages = app.run.frameImages
    let film =
      frameImages.indices.contains(places.index)
      ? frameImages[places.index] : FrameImages(ClipMedia())
    if let name = ClipName(app.run, places.index) {
      _ = title.cutLeft(
        frame.write(layout.isWide ? name.text : name.short, in: title, as: .strong) + 2)
    }
    let heat = app.view[Self.self].showsHeat ? RelevanceHeat(app.run, upTo: app.selectedRow) : nil
    if heat != nil, title.width >= 17 {
      let look = frame.look.depth == .mono ? "dense" : "yellow"
      let place = heat.map { " \(RelevanceHeat.place(app.run.step(at: $0.row)))" } ?? ""
      let text = "\(look): relevant\(place)"
      frame.write(
        text.count <= title.width ? text : "\(look): relevant", in: title, as: .title,
        align: .right)
    }
    let legend = DropLegend(app.run, isGrey: frame.look.depth >= .full)
    frame.write(legend.line, in: layout.legend.inset(horizontal: 1))
    FrameStrip(
      film: film, places: places, drops: drops, marks: legend.marks, heat: heat,
      layout: app.filmLayout(in: layout.film), cursor: app.tokenCursor
    ).render(in: layout.film, to: &frame)
    TextStrip(app.run, drops, cursor: app.tokenCursor).render(in: layout.text, to: &frame)
    renderDetails(layout, to: &frame)
  }

  private func renderDetails(_ layout: TokensLayout, to frame: inout Frame) {
    guard let position = app.tokenCursor, !layout.details.isEmpty else { return }
    let details = TokenDetails(app.run, position, at: app.selectedRow)
    var rest = layout.details
    if layout.isWide {
      let edge = rest.cutLeft(1)
      for y in edge.y..<edge.bottom {
        frame.put(frame.glyphs.vertical, x: edge.x, y: y, style: frame.look.theme[.border])
      }
      rest = rest.inset(horizontal: 1)
      frame.write(details.facts.first ?? "", in: rest.cutTop(1), as: .title)
    } else {
      frame.rule(rest.cutTop(1), title: details.facts.joined(separator: " · "))
      rest = rest.inset(horizontal: 1)
    }
    var below = details.render(isWide: layout.isWide, in: rest, to: &frame)
    // The rest of the panel shows the steps of the prefill.
    guard layout.isWide, below.height > 8 else { return }
    _ = below.cutTop(1)
    LedgerTable(app.run, selected: app.selectedRow, now: app.view.now)
      .render(in: below.cutTop(app.run.stepCount + 1), to: &frame)
  }
}

extension TokensScreen {
  static let bindings = keys(
    .init("relevance colours on, off", .init(["r"], .toggleHeat, hint: "relevance")),
    .init("picture size", .init(["z"], .zoom)),
    .init(
      "previous, next token", .init([.left, "h"], beside(.left)),
      .init([.right, "l"], beside(.right))),
    .init(
      "keep, drop by hand", .init(["K"], .keepTokens),
      .init(["X"], .dropTokens)),
    .init("token, frame or window", .init(["w"], .tokenSpan)),
    .init("start or clear a range", .init(["u"], .markTokens)),
    .init("worth of these tokens", .init(["W"], .weighTokens))
  )

  static let options = [
    OptionLine("token colours", .toggleHeat) {
      $0.view[TokensScreen.self].showsHeat ? "relevance" : "plain"
    } change: { app, _ in
      app.view[TokensScreen.self].showsHeat.toggle()
    },
    OptionLine("taken by hand", .tokenSpan) {
      $0.view[TokensScreen.self].span.rawValue
    } change: {
      $0.view[TokensScreen.self].span = $0.view[TokensScreen.self].span.changed(by: $1)
    },
    OptionLine("picture size", .zoom) {
      $0.view[TokensScreen.self].zoom.map { "\($0) pixels per token" } ?? "automatic"
    } change: {
      $0.view[TokensScreen.self].changeZoom(by: $1)
    },
  ]

  static func scores(in app: App) -> TokenScoreRequest? {
    app.view[Self.self].showsHeat
      ? app.run.scoreRequest(.relevance, row: app.selectedRow) : nil
  }

  static func move(_ move: Move, in app: inout App) {
    guard let places = app.run.places, let clip = app.shownClip, let position = app.tokenCursor
    else { return }
    let layout = app.filmLayout(in: TokensLayout(AppLayout(app.view.size).body).film)
    guard let next = TokenCursor(places, clip, layout).from(position, move) else { return }
    app.view[Self.self].position = next
  }

  private static func beside(_ side: Move) -> AppAction {
    AppAction(side == .left ? "left" : "right") { $0.move(side) }
  }

  static func click(x: Int, y: Int, body: Rect, in app: inout App) {
    guard let places = app.run.places, let clip = app.shownClip else { return }
    let layout = app.filmLayout(in: TokensLayout(body).film)
    guard let position = TokenCursor(places, clip, layout).position(x: x, y: y) else { return }
    app.view[Self.self].position = position
  }

  static func wheel(_ step: Int, in app: inout App) {
    move(step < 0 ? .pageUp : .pageDown, in: &app)
  }

  /// Places of search matches: positions of the text tokens in which they start.
  static func matches(of text: String, in app: App) -> [Int] {
    guard let places = app.run.places else { return [] }
    let pieces = places.pieces(app.run.subject?.media.text ?? [])
    let wanted = Array(text.lowercased().unicodeScalars)
    var (scalars, owners): ([Unicode.Scalar], [Int]) = ([], [])
    for (index, piece) in pieces.enumerated() {
      let part = piece.lowercased().unicodeScalars
      scalars += part
      owners += Array(repeating: places.text[index], count: part.count)
    }
    guard !wanted.isEmpty, scalars.count >= wanted.count else { return [] }
    let starts = (0...scalars.count - wanted.count).filter {
      scalars[$0..<$0 + wanted.count].elementsEqual(wanted)
    }
    return starts.map { owners[$0] }.reduce(into: []) { if $0.last != $1 { $0.append($1) } }
  }

  static func searchPlace(in app: App) -> Int { app.tokenCursor ?? 0 }

  static func go(to place: Int, in app: inout App) { app.view[Self.self].position = place }
}

extension Screen {
  static let tokens = Screen(TokensScreen.self)
}

extension AppAction {
  /// Switches the token colours between picture and relevance.
  static let toggleHeat = AppAction("toggle-heat", needs: [.open]) { app in
    app.view[TokensScreen.self].showsHeat.toggle()
    if app.view[TokensScreen.self].showsHeat,
      RelevanceHeat(app.run, upTo: app.selectedRow) == nil,
      app.run.isReplay || app.run.scoreRequest(.relevance, row: app.selectedRow) == nil
    {
      app.say("no relevance before the first drop by relevance")
    }
    return []
  }

  static let zoom = AppAction("zoom") { app in
    app.view[TokensScreen.self].changeZoom(by: 1)
    return []
  }
}

extension App {

  /// Ledger row of the layer cursor; nil before a run is open.
  var ledgerRow: LedgerRow? { run.subject.map { run.row(selectedRow, $0, view.now) } }

  /// Prompt position of the selected token; nil for an empty prompt.
  var tokenCursor: Int? {
    guard let places = run.places else { return nil }
    if let position = view[TokensScreen.self].position, places.modalities.indices.contains(position)
    {
      return position
    }
    let media = places.clips.lazy.compactMap { $0.video.first ?? $0.audio.first }
    return media.first ?? places.text.first
  }

  /// The clip of the selected token; for text, of the token before it.
  var shownClip: ClipSources? {
    run.places.map { places in tokenCursor.map { places.clip(of: $0) } ?? places.clips[0] }
  }

  /// Layout of the frames in an area.
  func filmLayout(in area: Rect) -> FrameLayout {
    guard let prompt = run.places, let places = shownClip else {
      return FrameLayout(
        area, .init(frames: 0, rows: 0, columns: 1, hasSound: false), cursor: (0, 0, 0), zoom: nil)
    }
    let content = FrameLayout.Content(places)
    var cursor = (frame: 0, row: 0, column: 0)
    if let position = tokenCursor {
      cursor.frame = prompt.frame(of: position)
      if prompt.modalities[position] == .video {
        let place = prompt.ordinal(position) % places.tokensPerGrid
        (cursor.row, cursor.column) = (place / places.columns, place % places.columns)
      }
    }
    return FrameLayout(area, content, cursor: cursor, zoom: view[TokensScreen.self].zoom)
  }
}

/// Layout of screen 3, which depends on sizes only.
struct TokensLayout: Equatable {
  let title, legend, film, text, details: Rect
  /// Whether the details are to the right of the frames instead of below.
  let isWide: Bool

  init(_ area: Rect) {
    var rest = area
    title = rest.cutTop(area.height >= 6 ? 1 : 0)
    legend = rest.cutTop(area.height >= 10 ? 1 : 0)
    // On a screen of medium width the frames need all columns.
    isWide = area.width >= 150
    if isWide {
      details = rest.cutRight(max(44, area.width * 3 / 10))
      _ = rest.cutRight(1)
    } else {
      details = rest.cutBottom(
        area.height >= 34 ? 6 : area.height >= 16 ? 4 : area.height >= 9 ? 2 : 0)
    }
    text = rest.cutBottom(area.height >= 14 ? 1 : 0)
    film = rest.inset(horizontal: 1)
  }
}
