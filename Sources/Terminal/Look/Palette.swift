/// The palette of xterm, to find the nearest of 256 colours.
enum Palette {
  private static let named: [(UInt8, UInt8, UInt8)] = [
    (0, 0, 0), (205, 0, 0), (0, 205, 0), (205, 205, 0), (0, 0, 238), (205, 0, 205), (0, 205, 205),
    (229, 229, 229), (127, 127, 127), (255, 0, 0), (0, 255, 0), (255, 255, 0), (92, 92, 255),
    (255, 0, 255), (0, 255, 255), (255, 255, 255),
  ]
  private static let cubeLevels: [UInt8] = [0, 95, 135, 175, 215, 255]

  static func components(of index: UInt8) -> (UInt8, UInt8, UInt8) {
    let number = Int(index)
    if number < 16 { return named[number] }
    if number >= 232 {
      let grey = UInt8(8 + 10 * (number - 232))
      return (grey, grey, grey)
    }
    let cube = number - 16
    return (cubeLevels[cube / 36], cubeLevels[cube / 6 % 6], cubeLevels[cube % 6])
  }

  /// Index of the nearest colour in the cube and the greys. The first sixteen colours are not used,
  /// because users redefine them.
  static func nearest256(_ r: UInt8, _ g: UInt8, _ b: UInt8) -> UInt8 {
    let mean = (Int(r) + Int(g) + Int(b)) / 3
    var best = UInt8(232 + min(23, max(0, (mean - 3) / 10)))
    for red in levels(around: r) {
      for green in levels(around: g) {
        for blue in levels(around: b) {
          let cube = UInt8(16 + 36 * red + 6 * green + blue)
          if distance(cube, r, g, b) < distance(best, r, g, b) { best = cube }
        }
      }
    }
    return best
  }

  static func nearest(
    _ r: UInt8, _ g: UInt8, _ b: UInt8, among range: Range<UInt8>
  ) -> UInt8 {
    range.min { distance($0, r, g, b) < distance($1, r, g, b) } ?? 7
  }

  /// Levels of the cube just below and above a colour component.
  private static func levels(around value: UInt8) -> ClosedRange<Int> {
    let above = cubeLevels.firstIndex { $0 >= value } ?? 5
    return max(0, above - 1)...above
  }

  /// Squared RGB distance with weights that depend on red ("redmean"), closer to perception.
  private static func distance(_ index: UInt8, _ r: UInt8, _ g: UInt8, _ b: UInt8) -> Int {
    let other = components(of: index)
    let redMean = (Int(r) + Int(other.0)) / 2
    let (dr, dg, db) = (
      Int(r) - Int(other.0), Int(g) - Int(other.1), Int(b) - Int(other.2)
    )
    return (512 + redMean) * dr * dr + 1024 * dg * dg + (767 - redMean) * db * db
  }
}
