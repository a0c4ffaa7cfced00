/// A rectangle inside a cell, as fractions of the cell, from its top left corner.
struct BlockShape: Sendable, Equatable {
  var left = 0.0
  var top = 0.0
  var right = 1.0
  var bottom = 1.0
  var opacity = 1.0

  static let full = BlockShape()

  /// Rectangles that draw a block element or box-drawing glyph; nil for glyphs that a font must
  /// draw.
  static func shapes(of glyph: UInt32) -> [BlockShape]? {
    switch glyph {
    case 0x2580: [BlockShape(bottom: 0.5)]
    case 0x2581...0x2588: [BlockShape(top: 1 - Double(glyph - 0x2580) / 8)]
    case 0x2589...0x258f: [BlockShape(right: Double(0x2590 - glyph) / 8)]
    case 0x2590: [BlockShape(left: 0.5)]
    case 0x2591...0x2593: [BlockShape(opacity: Double(glyph - 0x2590) / 4)]
    case 0x2500...0x253c: lines[glyph].map { $0.map(line) }
    default: nil
    }
  }

  private enum Arm {
    case left, right, up, down
  }

  private static let lines: [UInt32: [Arm]] = [
    0x2500: [.left, .right], 0x2502: [.up, .down], 0x250c: [.right, .down],
    0x2510: [.left, .down], 0x2514: [.right, .up], 0x2518: [.left, .up],
    0x2524: [.left, .up, .down], 0x252c: [.left, .right, .down],
  ]

  /// A line from the middle of the cell to one of its edges.
  private static func line(_ arm: Arm) -> BlockShape {
    let (x, y) = (0.06, 0.03)
    return switch arm {
    case .left: BlockShape(top: 0.5 - y, right: 0.5 + x, bottom: 0.5 + y)
    case .right: BlockShape(left: 0.5 - x, top: 0.5 - y, bottom: 0.5 + y)
    case .up: BlockShape(left: 0.5 - x, right: 0.5 + x, bottom: 0.5 + y)
    case .down: BlockShape(left: 0.5 - x, top: 0.5 - y, right: 0.5 + x)
    }
  }
}
