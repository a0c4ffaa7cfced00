/// A pixel with red, green and blue components.
public struct Pixel: Sendable, Hashable {
  public var red, green, blue: UInt8

  public init(_ red: UInt8, _ green: UInt8, _ blue: UInt8) {
    self.red = red
    self.green = green
    self.blue = blue
  }

  /// Brightness of the pixel, 0…255 (Rec. 601 luma).
  public var brightness: UInt8 {
    let sum: Int = 77 * Int(red) + 150 * Int(green) + 29 * Int(blue)
    return UInt8(sum >> 8)
  }

  /// Linear interpolation between this pixel (0) and another one (1).
  public func mixed(with other: Pixel, _ share: Double = 0.5) -> Pixel {
    func mix(_ a: UInt8, _ b: UInt8) -> UInt8 {
      let between: Double = Double(a) + (Double(b) - Double(a)) * share
      return UInt8(min(255, max(0, between)))
    }
    return Pixel(mix(red, other.red), mix(green, other.green), mix(blue, other.blue))
  }
}

extension Frame {
  /// Draws two pixels into one cell, one above the other: as a half block if the terminal has 256
  /// colours or more, as a coloured space without block glyphs, and otherwise as one of several characters
  /// from dark to bright.
  public mutating func put(_ upper: Pixel, over lower: Pixel, x: Int, y: Int) {
    let depth = look.depth
    guard depth >= .full else {
      let mean = upper.mixed(with: lower)
      let ramp = glyphs.shades
      let shade = ramp[Int(mean.brightness) * ramp.count / 256]
      return put(
        shade, x: x, y: y,
        style: Style(
          foreground: depth.nearest(mean), background: look.theme[.normal].background))
    }
    let (top, bottom) = (depth.nearest(upper), depth.nearest(lower))
    guard !glyphs.isASCII, top != bottom else {
      let ground = top == bottom ? top : depth.nearest(upper.mixed(with: lower))
      return put(" ", x: x, y: y, style: Style(background: ground))
    }
    put(glyphs.upperHalf, x: x, y: y, style: Style(foreground: top, background: bottom))
  }
}

extension ColorDepth {
  /// The nearest colour that a terminal of this depth has; for 256 colours it is read from a table.
  public func nearest(_ pixel: Pixel) -> Color {
    if self == .direct { return .rgb(pixel.red, pixel.green, pixel.blue) }
    guard self == .full else { return nearest(.rgb(pixel.red, pixel.green, pixel.blue)) }
    let index = Int(pixel.red >> 3) << 10 | Int(pixel.green >> 3) << 5 | Int(pixel.blue >> 3)
    return .indexed(Palette.coarse[index])
  }
}

extension Palette {
  /// The nearest of 256 colours for every colour with five bits per component.
  static let coarse: [UInt8] = (0..<1 << 15).map { index in
    let channels = [index >> 10, index >> 5 & 31, index & 31].map { UInt8($0 * 255 / 31) }
    return nearest256(channels[0], channels[1], channels[2])
  }
}
