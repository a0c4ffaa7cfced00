import Terminal

/// The screens that exist, by digit and name; only the open one is named where it is narrow.
struct TabStrip: Widget, Equatable {
  let open: Screen

  /// A tab and the cells it takes.
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
      let digit = Rect(x: tab.place.x + 1, y: tab.place.y, width: 1, height: 1)
      frame.write(tab.text.dropFirst().prefix(1), in: digit, as: .key)
    }
  }

  /// Where every tab lies.
  func tabs(in area: Rect) -> [Tab] {
    let named = Screen.allCases.map { " \($0.rawValue) \($0.title) " }
    let short = Screen.allCases.map {
      $0 == open ? " \($0.rawValue) \($0.title) " : " \($0.rawValue) "
    }
    let fits = { (texts: [String]) in texts.reduce(0) { $0 + $1.count } <= area.width }
    // A cell less on either side still tells the names apart.
    let tight = named.map { String($0.dropLast()) }
    let brief = Screen.allCases.map { " \($0.rawValue) \($0.page.shortTitle)" }
    let texts = [named, tight, brief].first(where: fits) ?? short
    var rest = area.row(0)
    return zip(Screen.allCases, texts).compactMap { screen, text in
      let place = rest.cutLeft(text.count)
      return place.width == text.count ? Tab(screen: screen, text: text, place: place) : nil
    }
  }
}
