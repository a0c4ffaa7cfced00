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
      let number = tab.text.dropFirst().prefix { $0.isNumber }
      let place = Rect(x: tab.place.x + 1, y: tab.place.y, width: number.count, height: 1)
      frame.write(number, in: place, as: .key)
    }
  }

  /// Areas of the tabs.
  func tabs(in area: Rect) -> [Tab] {
    let numbered = zip(1..., screens)
    let named = numbered.map { " \($0) \($1.title) " }
    let short = numbered.map { $1 == open ? " \($0) \($1.title) " : " \($0) " }
    let fits = { (texts: [String]) in texts.reduce(0) { $0 + $1.count } <= area.width }
    // Names are written without the space after them.
    let tight = named.map { String($0.dropLast()) }
    let brief = numbered.map { " \($0) \($1.page.shortTitle)" }
    let texts = [named, tight, brief].first(where: fits) ?? short
    var rest = area.row(0)
    return zip(screens, texts).compactMap { screen, text in
      let place = rest.cutLeft(text.count)
      return place.width == text.count ? Tab(screen: screen, text: text, place: place) : nil
    }
  }
}
