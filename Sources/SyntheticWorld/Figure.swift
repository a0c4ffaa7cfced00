/// A coloured shape that stands still or moves during one window of a scene.
public struct Figure: Codable, Equatable, Sendable {
  public let colour: Colour
  public let shape: Shape
  public let place: Place
  public let motion: Motion
  /// Displacement of the figure from its place, [x, y] in pixels.
  public let offset: [Int]
  /// Half the size of the figure, in pixels.
  public let radius: Int
  /// Number added to each channel of the figure's colour.
  public let shade: Int
  /// Frames of the window in which the figure is visible: [first, count], within 0..<4.
  public let frames: [Int]

  public init(
    colour: Colour, shape: Shape, place: Place, motion: Motion, offset: [Int], radius: Int,
    shade: Int, frames: [Int]
  ) {
    self.colour = colour
    self.shape = shape
    self.place = place
    self.motion = motion
    self.offset = offset
    self.radius = radius
    self.shade = shade
    self.frames = frames
  }
}

/// The colours that figures may have.
public enum Colour: String, Codable, CaseIterable, Sendable {
  case red, green, blue, yellow, purple, white

  /// Red, green and blue values before shading.
  var channels: [Int32] {
    switch self {
    case .red: [220, 40, 40]
    case .green: [40, 190, 60]
    case .blue: [50, 80, 230]
    case .yellow: [230, 210, 40]
    case .purple: [170, 50, 200]
    case .white: [235, 235, 235]
    }
  }
}

/// The shapes that figures may have.
public enum Shape: String, Codable, CaseIterable, Sendable {
  case circle, square, triangle, cross, ring

  /// Whether the pixel at (`dx`, `dy`) from the centre belongs to the shape.
  ///
  /// Only valid for pixels at most `radius` away along either axis.
  func covers(_ dx: Int, _ dy: Int, radius: Int) -> Bool {
    switch self {
    case .circle:
      return dx * dx + dy * dy <= radius * radius
    case .square:
      return max(abs(dx), abs(dy)) <= radius - radius / 8
    case .triangle:
      return 2 * abs(dx) <= dy + radius
    case .cross:
      return min(abs(dx), abs(dy)) <= radius / 3
    case .ring:
      let squared = dx * dx + dy * dy
      let hole = radius * 5 / 8
      return squared <= radius * radius && squared > hole * hole
    }
  }
}

/// The position of a figure in the middle of its window, as a part of the frame.
public enum Place: String, Codable, CaseIterable, Sendable {
  case left, right, top, bottom, centre

  var pixel: (x: Int, y: Int) {
    switch self {
    case .left: (26, 56)
    case .right: (86, 56)
    case .top: (56, 26)
    case .bottom: (56, 86)
    case .centre: (56, 56)
    }
  }
}

/// The movement of a figure during its window.
public enum Motion: String, Codable, CaseIterable, Sendable {
  case still, left, right, up, down

  var direction: (x: Int, y: Int) {
    switch self {
    case .still: (0, 0)
    case .left: (-1, 0)
    case .right: (1, 0)
    case .up: (0, -1)
    case .down: (0, 1)
    }
  }
}

extension Figure {
  /// Number of pixels that a figure moves per half frame.
  private static let stride = 4

  /// Whether the figure is visible in `frame`, counted from the start of its window.
  func isShown(in frame: Int) -> Bool {
    frame >= frames[0] && frame < frames[0] + frames[1]
  }

  /// Centre of the figure in `frame`, counted from the start of its window, in pixels.
  func centre(in frame: Int) -> (x: Int, y: Int) {
    let (x, y) = place.pixel
    let (dx, dy) = motion.direction
    let travel = Self.stride * (2 * frame - 3)
    return (x + offset[0] + dx * travel, y + offset[1] + dy * travel)
  }
}
