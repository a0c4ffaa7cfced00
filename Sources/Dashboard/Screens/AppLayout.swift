import Terminal

/// Layout of the parts that all screens share: header, tabs, body and status line. Depends on the
/// size only.
struct AppLayout: Equatable {
  let header, tabs, body, hints, status: Rect

  init(_ size: Size) {
    var rest = Rect(size)
    header = rest.cutTop(1)
    // On a screen with few rows the header names the open screen, instead of tabs.
    tabs = rest.cutTop(size.height >= 16 ? 1 : 0)
    status = rest.cutBottom(1)
    hints = rest.cutBottom(1)
    body = rest
  }
}
