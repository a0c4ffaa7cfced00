/// An image of 8-bit RGB pixels, rows from top to bottom.
///
/// `RGBImage(width: 2, height: 1, pixels: [255, 0, 0, 0, 0, 255])` is a red pixel followed by a
/// blue one.
public struct RGBImage: Sendable, Equatable {
  /// Width and height in pixels; both at least 1.
  public let width, height: Int
  /// Pixel values 0…255, [height, width, 3].
  public let pixels: [UInt8]

  /// Creates an image from its pixels.
  /// - Parameter pixels: values 0…255, [height, width, 3]
  public init(width: Int, height: Int, pixels: [UInt8]) {
    precondition(
      width > 0 && height > 0 && pixels.count == width * height * 3,
      "\(pixels.count) bytes are not \(width)×\(height)×3")
    self.width = width
    self.height = height
    self.pixels = pixels
  }
}

extension RGBImage {
  /// Blends the image with white, as the published preprocessing does.
  ///
  /// - Parameter alpha: opacity as a grey image of the same size; 255 is opaque.
  func overWhite(alpha: RGBImage) -> RGBImage {
    precondition(alpha.pixels.count == pixels.count, "alpha is \(alpha.width)×\(alpha.height)")
    let blended = zip(pixels, alpha.pixels).map { colour, alpha in
      let alpha = Int(alpha)
      return UInt8((Int(colour) * alpha + 255 * (255 - alpha) + 127) / 255)
    }
    return RGBImage(width: width, height: height, pixels: blended)
  }
}
