/// A file of binary PPM pictures: `video.ppm` or `image.ppm` of a clip directory.
struct PPMFile {
  let source: SourceFile
  let limits: MediaLimits

  init(_ path: String, limits: MediaLimits) throws(MediaError) {
    source = try SourceFile(path)
    self.limits = limits
  }

  /// Reads all frames, resizing one at a time.
  ///
  /// If `prepare` is given, the file is read twice, since `prepare` needs the number of frames.
  func frames(prepare: PrepareFrame?) throws(MediaError) -> DecodedFrames {
    let planned = prepare == nil ? 0 : try frameCount()
    var collector = FrameCollector(
      file: source.path, planned: planned, limits: limits, prepare: prepare)
    var decoder = decoder()
    try source.forEachPiece { (piece) throws(MediaError) in
      try decoder.feed(piece) { (frame) throws(MediaError) in try collector.take(frame) }
    }
    try decoder.finish()
    return DecodedFrames(
      frames: collector.frames, sourceWidth: decoder.width, sourceHeight: decoder.height)
  }

  /// Reads the only frame of a still image.
  func image() throws(MediaError) -> RGBImage {
    var image: RGBImage?
    var decoder = decoder(maximumFrames: 1)
    try source.forEachPiece { (piece) throws(MediaError) in
      try decoder.feed(piece) { (frame) throws(MediaError) in image = frame }
    }
    try decoder.finish()
    guard let image else { throw .picture(file: source.path, frame: 0, offset: 0, .noFrames) }
    return image
  }

  private func frameCount() throws(MediaError) -> Int {
    var counter = decoder(keepsPixels: false)
    try source.forEachPiece { (piece) throws(MediaError) in
      try counter.feed(piece) { (_) throws(MediaError) in }
    }
    try counter.finish()
    return counter.frameCount
  }

  private func decoder(keepsPixels: Bool = true, maximumFrames: Int = .max) -> PPMDecoder {
    PPMDecoder(
      file: source.path, totalBytes: source.bytes, limits: limits, keepsPixels: keepsPixels,
      maximumFrames: maximumFrames)
  }
}

/// Decoded frames after resizing, and their original size.
struct DecodedFrames {
  let frames: [RGBImage]
  let sourceWidth, sourceHeight: Int
}
