/// A frame while it is drawn: signed colour channels, clamped when converted to bytes.
struct Picture {
  private static let side = Scene.side
  private var channels: [Int32]

  /// The frame as RGB bytes, [112, 112, 3].
  var bytes: [UInt8] { channels.map { UInt8(clamping: $0) } }

  /// The background of a scene: a gradient of red and blue with small rectangles (clutter).
  static func backdrop(of scene: Scene) -> Picture {
    var picture = Picture()
    let words = NoiseStream(seed: scene.seed, stream: NoiseStream.clutter)
    for index in 0..<scene.clutter {
      picture.paintClutter(words[index])
    }
    return picture
  }

  private init() {
    channels = []
    channels.reserveCapacity(Self.side * Self.side * 3)
    for y in 0..<Self.side {
      for x in 0..<Self.side {
        channels += [Int32(24 + x * 48 / Self.side), 30, Int32(24 + y * 48 / Self.side)]
      }
    }
  }

  /// Draws the rectangle that one random word encodes.
  private mutating func paintClutter(_ word: UInt64) {
    func field(_ shift: UInt64, below limit: UInt64) -> Int { Int((word >> shift) % limit) }
    let side = UInt64(Self.side)
    let (x, y) = (field(0, below: side), field(8, below: side))
    let (width, height) = (3 + field(16, below: 8), 3 + field(24, below: 8))
    let colour = [32, 40, 48].map { Int32(20 + field($0, below: 64)) }
    for row in y..<min(Self.side, y + height) {
      for column in x..<min(Self.side, x + width) {
        paint(column, row, colour)
      }
    }
  }

  /// Draws a figure as it appears in `frame` of its window.
  mutating func draw(_ figure: Figure, frame: Int) {
    let (x, y) = figure.centre(in: frame)
    let radius = figure.radius
    let colour = figure.colour.channels.map { $0 + Int32(figure.shade) }
    for dy in -radius...radius where (0..<Self.side).contains(y + dy) {
      for dx in -radius...radius where (0..<Self.side).contains(x + dx) {
        if figure.shape.covers(dx, dy, radius: radius) {
          paint(x + dx, y + dy, colour)
        }
      }
    }
  }

  /// Adds noise of at most `strength` to every channel; equal values of `roll` give equal noise.
  mutating func add(_ grain: NoiseStream, strength: Int, roll: Int) {
    let pixels = Self.side * Self.side
    let levels = Int32(2 * strength + 1)
    for pixel in 0..<pixels {
      let word = grain[roll * pixels + pixel]
      for channel in 0..<3 {
        let octet = Int32((word >> UInt64(8 * channel)) & 255)
        channels[pixel * 3 + channel] += ((octet * levels) >> 8) - Int32(strength)
      }
    }
  }

  private mutating func paint(_ x: Int, _ y: Int, _ colour: [Int32]) {
    let first = (y * Self.side + x) * 3
    for channel in 0..<3 {
      channels[first + channel] = colour[channel]
    }
  }
}
