import Terminal

/// The tabs of all screens, with number and name; if space is short, only the open screen has its
/// name.
struct TabStrip: Widget, Equatable {
  let open: Screen
  let screens: [Screen]

  init(open: Screen, of screens: [Screen] = Screen.all) {
    (self.open, self.screens) = (open, screens)
  }

  /// A tab and its area.
  struct Tab: Equatable {
    let screen: Screen
    let text: String
    let place: Rect
  }

  func render(in area: Rect, to frame: inout Frame) {
    for tab in tabs(in: area) {
      let isOpen = tab.screen == open
      frame.write(tab.text, in: tab.place, as: isOpen ? .selection : .faint)
      guard !isOpen else { continue }
      let number = tab.text.dropFirst().prefix { $0 != " " }
      let place = Rect(x: tab.place.x + 1, y: tab.place.y, width: number.count, height: 1)
      frame.write(number, in: place, as: .key)
    }
  }

  /// The key that opens a screen, as its tab shows it: its digit, or a key of its own.
  private static func key(number: Int, _ screen: Screen) -> String {
    number > 9 ? screen.page.openingKeys.first?.name ?? "\(number)" : "\(number)"
  }

  /// Areas of the tabs.
  func tabs(in area: Rect) -> [Tab] {
    let numbered = zip(1..., screens).map { (Self.key(number: $0, $1), $1) }
    let named = numbered.map { " \($0) \($1.title) " }
    let short = zip(1..., numbered).map { number, tab in
      let space = number <= 9 ? " " : ""
      return tab.1 == open ? " \(tab.0) \(tab.1.title) " : " \(tab.0)" + space
    }
    let fits = { (texts: [String]) in texts.reduce(0) { $0 + $1.count } <= area.width }
    // Names are written without the space after them.
    let tight = named.map { String($0.dropLast()) }
    let brief = numbered.map { " \($0) \($1.page.shortTitle)" }
    // Screens without a digit of their own lose their names first.
    let first = zip(1..., numbered).map { number, tab in
      number <= 9 || tab.1 == open ? " \(tab.0) \(tab.1.page.shortTitle)" : " \(tab.0)"
    }
    let texts = [named, tight, brief, first].first(where: fits) ?? short
    var rest = area.row(0)
    return zip(screens, texts).compactMap { screen, text in
      let place = rest.cutLeft(text.count)
      return place.width == text.count ? Tab(screen: screen, text: text, place: place) : nil
    }
  }
}
