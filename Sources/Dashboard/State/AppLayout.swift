import Terminal

/// Layout of the parts shared by all screens, a pure function of the size.
struct AppLayout: Equatable {
  let header, tabs, body, hints, status: Rect

  init(_ size: Size) {
    var rest = Rect(size)
    header = rest.cutTop(1)
    // On a low screen the header names the screen.
    tabs = rest.cutTop(size.height >= 16 ? 1 : 0)
    status = rest.cutBottom(1)
    hints = rest.cutBottom(1)
    body = rest
  }
}
