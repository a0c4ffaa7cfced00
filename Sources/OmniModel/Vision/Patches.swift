import Tensors

/// Flattened patches of a video or an image, ready for the vision encoder.
struct Patches: Sendable, Equatable {
  /// Patch elements, [patches, channels × times × side × side], ordered by grid, row block, column
  /// block, row in block, column in block.
  let values: Tensor
  /// Numbers of temporal grids, and of patch rows and columns per grid, before merging.
  let times, rows, columns: Int

  /// - Parameter values: [times × rows × columns, patchElements], ordered as above.
  init(_ values: Tensor, times: Int, rows: Int, columns: Int) {
    (self.values, self.times, self.rows, self.columns) = (values, times, rows, columns)
  }

  /// Splits frames into patches. Sides must be multiples of patch × merge size; for an odd number
  /// of frames the last one is repeated.
  init(_ clip: PixelFrames, _ config: VisionConfiguration, scale: PixelScale) {
    let tables = (0..<3).map { channel in
      (0..<256).map { (Float($0) / 255 - scale.mean[channel]) / scale.deviation[channel] }
    }
    self.init(clip.frames, height: clip.height, width: clip.width, config) { level, channel in
      tables[channel][Int(level)]
    }
  }

  /// Splits float frames into patches, [height, width, 3] each.
  init(
    _ frames: [[Float]], height: Int, width: Int, _ config: VisionConfiguration, scale: PixelScale
  ) {
    self.init(frames, height: height, width: width, config) { level, channel in
      (level / 255 - scale.mean[channel]) / scale.deviation[channel]
    }
  }

  private init<Level>(
    _ levels: [[Level]], height: Int, width: Int, _ config: VisionConfiguration,
    normalised: (_ level: Level, _ channel: Int) -> Float
  ) {
    let frames = Self.padded(levels, to: config.temporalPatchSize)
    let (side, merge, depth) = (config.patchSize, config.mergeSize, config.temporalPatchSize)
    times = frames.count / depth
    rows = height / side
    columns = width / side
    var values: [Float] = []
    values.reserveCapacity(times * rows * columns * config.patchElements)
    for time in 0..<times {
      for place in Self.places(rows: rows, columns: columns, merge: merge) {
        for channel in 0..<3 {
          for step in 0..<depth {
            let frame = frames[time * depth + step]
            for y in place.row * side..<(place.row + 1) * side {
              for x in place.column * side..<(place.column + 1) * side {
                values.append(normalised(frame[(y * width + x) * 3 + channel], channel))
              }
            }
          }
        }
      }
    }
    self.values = Tensor([times * rows * columns, config.patchElements], values)
  }

  /// Row and column of each patch of one frame, in merge-block order.
  static func places(rows: Int, columns: Int, merge: Int) -> [(row: Int, column: Int)] {
    stride(from: 0, to: rows, by: merge).flatMap { row in
      stride(from: 0, to: columns, by: merge).flatMap { column in
        (0..<merge * merge).map { (row: row + $0 / merge, column: column + $0 % merge) }
      }
    }
  }

  private static func padded<Level>(_ frames: [[Level]], to depth: Int) -> [[Level]] {
    guard let last = frames.last, frames.count % depth != 0 else { return frames }
    return frames + Array(repeating: last, count: depth - frames.count % depth)
  }

  /// The shape of the tokens after merging patches.
  func tokenGrid(merge: Int) -> TokenGrid {
    TokenGrid(times: times, rows: rows / merge, columns: columns / merge)
  }
}
