import Testing

@testable import Terminal

struct LayoutTests {
  @Test func `splitting an area covers each cell once`() {
    for width in 0..<30 {
      for height in 0..<12 {
        var rest = Rect(x: 3, y: 2, width: width, height: height)
        let whole = rest
        let parts = [rest.cutTop(2), rest.cutBottom(1), rest.cutLeft(9), rest.cutRight(7)]
        let cells = (parts + [rest]).reduce(0) { $0 + $1.width * $1.height }
        #expect(cells == width * height)
        for part in parts + [rest] { #expect(whole.contains(part)) }
      }
    }
  }

  @Test(arguments: 0..<120)
  func `table columns fit, in order, without overlap`(width: Int) {
    let requests: [ColumnLayout.Request] = [
      .init(.fixed(5), priority: 9), .init(.flexible(minimum: 10), priority: 8),
      .init(.fixed(8), priority: 3), .init(.flexible(minimum: 6, weight: 2), priority: 5),
    ]
    let places = ColumnLayout.place(requests, in: width)
    var edge = 0
    for place in places {
      #expect(place.offset >= edge)
      #expect(place.width >= requests[place.column].width.minimum)
      edge = place.offset + place.width
    }
    #expect(edge <= width || places.isEmpty)
    if width >= 32 { #expect(places.count == 4 && edge == width) }
  }

  @Test func `the least important table column is dropped first`() {
    let requests: [ColumnLayout.Request] = [
      .init(.fixed(5), priority: 2), .init(.fixed(5), priority: 1), .init(.fixed(5), priority: 3),
    ]
    #expect(ColumnLayout.place(requests, in: 11).map(\.column) == [0, 2])
  }

  @Test func `a scrolled table keeps the cursor visible`() {
    for count in 0..<50 {
      for selected in 0..<max(1, count) {
        for offset in [nil, 0, 20, 60] {
          let top = TableScroll(offset: offset).top(selected: selected, count: count, height: 7)
          #expect(top >= 0 && selected >= top && selected < top + 7)
          #expect(count <= 7 ? top == 0 : top + 7 <= count)
        }
      }
    }
  }

  @Test func `a table scrolls only when the selection leaves the visible rows`() {
    var scroll = TableScroll(offset: 10)
    func top(_ selected: Int) -> Int { scroll.top(selected: selected, count: 50, height: 7) }
    #expect((10...16).map(top) == Array(repeating: 10, count: 7))
    #expect(top(17) == 11 && top(9) == 9)
    scroll.hold(selected: 20, count: 50, height: 7)
    #expect(top(16) == 14 && top(13) == 13)
    let area = Rect(x: 0, y: 3, width: 10, height: 8)
    for row in 14...20 {
      #expect(scroll.row(at: 4 + row - 14, in: area, selected: 20, count: 50) == row)
    }
    for y in [3, 11] { #expect(scroll.row(at: y, in: area, selected: 20, count: 50) == nil) }
  }
}
