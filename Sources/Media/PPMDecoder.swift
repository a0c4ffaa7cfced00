/// Decodes a stream of binary PPM pictures of one size, received in chunks of any length.
///
/// Stores one picture at a time, at most the bytes received.
struct PPMDecoder {
  private enum State {
    case header(PPMHeader)
    case pixels(expected: Int)
  }

  let file: String
  /// Length of the stream in bytes if known, so that a picture that would be longer fails at once.
  let totalBytes: Int?
  let limits: MediaLimits
  /// Whether to emit pictures; if false, frames are only counted and checked.
  let keepsPixels: Bool
  /// Maximum number of frames; more are an error.
  let maximumFrames: Int

  /// Number of complete frames so far.
  private(set) var frameCount = 0
  private(set) var width = 0
  private(set) var height = 0
  /// Number of bytes read so far.
  private(set) var offset = 0
  private var state = State.header(PPMHeader())
  private var pixels: [UInt8] = []
  private var pixelCount = 0

  init(
    file: String, totalBytes: Int?, limits: MediaLimits, keepsPixels: Bool = true,
    maximumFrames: Int = .max
  ) {
    self.file = file
    self.totalBytes = totalBytes
    self.limits = limits
    self.keepsPixels = keepsPixels
    self.maximumFrames = maximumFrames
  }

  /// Decodes a chunk of bytes and emits complete frames.
  mutating func feed(
    _ piece: RawSpan, emit: (RGBImage) throws(MediaError) -> Void
  ) throws(MediaError) {
    var position = 0
    while position < piece.byteCount {
      switch state {
      case .header(var header):
        let byte = piece.unsafeLoad(fromByteOffset: position, as: UInt8.self)
        let isComplete = try consume(byte, &header)
        position += 1
        offset += 1
        if isComplete { try beginPixels(header) } else { state = .header(header) }
      case .pixels(let expected):
        let count = min(expected - pixelCount, piece.byteCount - position)
        take(piece.extracting(position..<position + count))
        position += count
        offset += count
        if pixelCount == expected { try endFrame(emit) }
      }
    }
  }

  /// Ends the stream; throws if it ends within a frame or before the first.
  func finish() throws(MediaError) {
    switch state {
    case .header(let header) where header.isEmpty:
      if frameCount == 0 { throw fault(.noFrames) }
    case .header(let header):
      throw fault(.headerTruncated(field: header.fieldName))
    case .pixels(let expected):
      throw fault(.pixelsTruncated(expected: expected, present: pixelCount))
    }
  }
}

extension PPMDecoder {
  private func consume(_ byte: UInt8, _ header: inout PPMHeader) throws(MediaError) -> Bool {
    guard frameCount < maximumFrames else { throw fault(.moreThanOneFrame) }
    do {
      return try header.consume(byte, pixelLimit: limits.pixelsPerFrame)
    } catch {
      throw fault(error)
    }
  }

  private mutating func beginPixels(_ header: PPMHeader) throws(MediaError) {
    if frameCount == 0 {
      (width, height) = (header.width, header.height)
    } else if header.width != width || header.height != height {
      throw fault(
        .sizeChanged(
          expectedWidth: width, expectedHeight: height, width: header.width, height: header.height))
    }
    let expected = width * height * 3
    if let totalBytes, expected > totalBytes - offset {
      throw fault(.pixelsTruncated(expected: expected, present: totalBytes - offset))
    }
    if keepsPixels { pixels.reserveCapacity(expected) }
    state = .pixels(expected: expected)
  }

  private mutating func take(_ piece: RawSpan) {
    pixelCount += piece.byteCount
    if keepsPixels { piece.withUnsafeBytes { pixels.append(contentsOf: $0) } }
  }

  private mutating func endFrame(
    _ emit: (RGBImage) throws(MediaError) -> Void
  ) throws(MediaError) {
    if keepsPixels {
      try emit(RGBImage(width: width, height: height, pixels: pixels))
    }
    pixels = []
    pixelCount = 0
    frameCount += 1
    state = .header(PPMHeader())
  }

  private func fault(_ fault: PictureFault) -> MediaError {
    .picture(file: file, frame: frameCount, offset: offset, fault)
  }
}
