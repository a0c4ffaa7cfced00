import Foundation
import FoundationXML
import Testing

@testable import Terminal

/// Pictures of frames, read as a browser would read them.
struct SVGPictureTests {
  private final class Reader: NSObject, XMLParserDelegate {
    var texts: [String] = []
    var rectangles: [[String: String]] = []
    var lines: [[String: String]] = []
    private var open = ""

    func parser(
      _ parser: XMLParser, didStartElement name: String, namespaceURI: String?,
      qualifiedName: String?, attributes: [String: String]
    ) {
      open = ""
      if name == "rect" { rectangles.append(attributes) }
      if name == "polyline" { lines.append(attributes) }
    }

    func parser(_ parser: XMLParser, foundCharacters text: String) { open += text }

    func parser(
      _ parser: XMLParser, didEndElement name: String, namespaceURI: String?,
      qualifiedName: String?
    ) {
      if name == "text" { texts.append(open) }
      open = ""
    }
  }

  private func read(_ frame: Frame, on ground: SVGPicture.Ground = .dark) throws -> Reader {
    let reader = Reader()
    let parser = XMLParser(data: Data(SVGPicture(frame, on: ground).text(title: "<&>").utf8))
    parser.delegate = reader
    try #require(parser.parse(), "\(String(describing: parser.parserError))")
    return reader
  }

  private func frame(_ text: String, _ look: Look = Look(), as role: Role = .normal) -> Frame {
    var frame = Frame(size: Size(width: 12, height: 1), look: look)
    frame.write(text, in: frame.area, as: role)
    return frame
  }

  @Test func `text in an SVG picture is escaped`() throws {
    let texts = try read(frame("a<b> & \u{1b}[2J")).texts
    #expect(texts == ["a<b>", "&", "^[[2J"])
  }

  @Test func `ambiguous-width glyphs are separate SVG text elements`() throws {
    #expect(try read(frame("ok ✓✓ 漢")).texts == ["ok", "✓", "✓", "漢"])
  }

  @Test func `block glyphs become adjacent SVG shapes`() throws {
    var half = frame("")
    half.put("▀", x: 1, y: 0, style: Style(foreground: .rgb(1, 2, 3), background: .rgb(4, 5, 6)))
    half.put("▌", x: 2, y: 0, style: Style(foreground: .rgb(1, 2, 3)))
    let shapes = try read(half).rectangles.dropFirst()
    #expect(
      shapes.map { [$0["x"], $0["y"], $0["width"], $0["height"], $0["fill"]] } == [
        ["9", "0", "9", "18", "#040506"], ["9", "0", "9", "9", "#010203"],
        ["18", "0", "4.5", "18", "#010203"],
      ])
  }

  @Test func `reverse video swaps colours in an SVG picture`() throws {
    let reversed = try read(frame("x", as: .selection), on: .light).rectangles
    #expect(reversed.map { $0["fill"] } == ["#ffffff", "#24292f"])
  }

  @Test func `every line of a box is drawn in an SVG picture`() throws {
    var box = Frame(size: Size(width: 4, height: 3), look: Look())
    box.box(box.area)
    let read = try read(box)
    #expect(read.texts.isEmpty)
    // Corners and edges are two arms each: four corners, two double edges, two single sides.
    #expect(read.rectangles.count == 1 + 2 * (4 + 2 + 2))
  }

  private func chart(_ size: Size) -> Frame {
    var frame = Frame(size: size, look: Look())
    Chart(
      x: .init(range: 0...1), y: .init(range: 0...1),
      series: [
        Chart.Series("P", .video, [Chart.Point(0, 0), Chart.Point(0.5, 1), Chart.Point(1, 0)])
      ]
    ).render(in: frame.area, to: &frame)
    return frame
  }

  @Test func `the curve of a chart is one exact line in an SVG picture`() throws {
    let read = try read(chart(Size(width: 40, height: 12)))
    let curves = read.lines.filter { $0["stroke-width"] == "1.8" }
    #expect(curves.count == 1)
    #expect(curves.first?["points"]?.split(separator: " ").count == 3)
    #expect(read.texts.filter { $0 == "P" }.count == 3)
    let isBraille = read.texts.contains { text in
      text.unicodeScalars.contains { (0x2800...0x28ff).contains($0.value) }
    }
    #expect(!isBraille, "the line is drawn twice")
  }

  @Test func `a panel above a chart covers its line in an SVG picture`() throws {
    var frame = chart(Size(width: 40, height: 12))
    frame.clear(Rect(x: 0, y: 0, width: 40, height: 12), as: .dialog)
    frame.write("P above", in: frame.area)
    let text = SVGPicture(frame).text(title: "")
    let line = try #require(text.range(of: "<polyline"))
    let cover = try #require(text.range(of: "<rect", range: line.upperBound..<text.endIndex))
    #expect(
      text[cover.lowerBound...].hasPrefix("<rect x=\"0\" y=\"0\" width=\"360\" height=\"216\""))
    #expect(try read(frame).texts.contains("above"))
  }
}
