import Testing

@testable import Media

struct PPMTests {
  let directory: TemporaryDirectory

  init() throws { directory = try TemporaryDirectory() }

  private func frames(
    _ bytes: [UInt8], limits: MediaLimits = MediaLimits(), prepare: PrepareFrame? = nil
  ) throws -> [RGBImage] {
    let file = try directory.write("video.ppm", bytes)
    return try PPMFile(file, limits: limits).frames(prepare: prepare).frames
  }

  private func fault(_ bytes: [UInt8]) throws -> MediaError? {
    let error = #expect(throws: MediaError.self) { try frames(bytes) }
    return error
  }

  private func error(_ frame: Int, _ offset: Int, _ fault: PictureFault) -> MediaError {
    .picture(file: "\(directory.path)/video.ppm", frame: frame, offset: offset, fault)
  }

  @Test func `the PPM reader reads consecutive frames`() throws {
    let images = [picture(4, 3), picture(4, 3, seed: 1), picture(4, 3, seed: 2)]
    #expect(try frames(ppm(images[0], images[1], images[2])) == images)
  }

  @Test func `PPM headers may contain comments and any white space`() throws {
    let pixels = [UInt8](1...6)
    let header = "P6 # made by hand\r\n#more\n\t2# width\n \n1\n#last\n255 "
    #expect(
      try frames(Array(header.utf8) + pixels) == [RGBImage(width: 2, height: 1, pixels: pixels)])
  }

  @Test func `PPM frames do not depend on how the bytes are split in chunks`() throws {
    let bytes = ppm(picture(5, 2), picture(5, 2, seed: 9))
    for length in 1...bytes.count {
      var decoder = PPMDecoder(file: "f", totalBytes: nil, limits: MediaLimits())
      var images: [RGBImage] = []
      for start in stride(from: 0, to: bytes.count, by: length) {
        let piece = Array(bytes[start..<min(start + length, bytes.count)])
        try decoder.feed(piece.span.bytes) { (image) throws(MediaError) in images.append(image) }
      }
      try decoder.finish()
      #expect(images == [picture(5, 2), picture(5, 2, seed: 9)])
    }
  }

  @Test func `the PPM reader passes the number of frames to the resizing step`() throws {
    let halved = try frames(ppm(picture(4, 2), picture(4, 2), picture(4, 2))) { _, count in
      RGBImage(width: 1, height: 1, pixels: [UInt8(count), 0, 0])
    }
    #expect(halved == Array(repeating: RGBImage(width: 1, height: 1, pixels: [3, 0, 0]), count: 3))
  }

  @Test func `a truncated PPM stream is an error with frame and byte`() throws {
    let whole = ppm(picture(4, 3), picture(4, 3))
    // Each frame is 11 bytes of header and 36 of pixels.
    #expect(
      try fault(Array(whole.dropLast()))
        == error(1, 58, .pixelsTruncated(expected: 36, present: 35))
    )
    #expect(try fault(Array(whole.prefix(50))) == error(1, 50, .headerTruncated(field: "width")))
    #expect(try fault([]) == error(0, 0, .noFrames))
  }

  @Test(arguments: [
    ("P5\n2 1\n255\n", 0, 1, PictureFault.notP6(found: 0x35)),
    ("GIF89a", 0, 0, .notP6(found: 0x47)),
    ("P612 84\n255\n", 0, 2, .badHeader(field: "width", found: 0x31)),
    ("P6\n-2 1\n255\n", 0, 3, .badHeader(field: "width", found: 0x2D)),
    ("P6\n2 x\n255\n", 0, 5, .badHeader(field: "height", found: 0x78)),
    ("P6\n0 1\n255\n", 0, 6, .emptySize(width: 0, height: 1)),
    ("P6\n2 1\n65535\n", 0, 12, .maximumNot255(found: 65535)),
    ("P6\n2 1\n255#", 0, 10, .badHeader(field: "maximum value", found: 0x23)),
    ("P6\n99999999999999999999 1\n", 0, 12, .badHeader(field: "width", found: 0x39)),
    (
      "P6\n999999 999999\n255\n", 0, 16,
      .tooLarge(width: 999_999, height: 999_999, pixelLimit: 1 << 26)
    ),
    // Within every limit, but not within the file.
    ("P6\n8000 8000\n255\nabc", 0, 17, .pixelsTruncated(expected: 192_000_000, present: 3)),
    (
      "P6\n1 1\n255\nabcP6\n2 1\n255\nabcdef", 1, 25,
      .sizeChanged(expectedWidth: 1, expectedHeight: 1, width: 2, height: 1)
    ),
    ("P6\n1 1\n255\nabc\n", 1, 14, .notP6(found: 0x0A)),
  ])
  func `formats other than binary PPM are refused`(
    text: String, frame: Int, offset: Int, expected: PictureFault
  ) throws {
    #expect(try fault(Array(text.utf8)) == error(frame, offset, expected))
  }

  @Test func `a PPM image with several frames is an error`() throws {
    let one = try directory.write("one.ppm", ppm(picture(3, 3)))
    #expect(try PPMFile(one, limits: MediaLimits()).image() == picture(3, 3))
    let two = try directory.write("two.ppm", ppm(picture(3, 3), picture(3, 3)))
    #expect(throws: MediaError.picture(file: two, frame: 1, offset: 38, .moreThanOneFrame)) {
      try PPMFile(two, limits: MediaLimits()).image()
    }
  }

  @Test func `PPM frames over the memory limit are an error`() throws {
    var limits = MediaLimits()
    limits.frameBytes = 300
    let bytes = ppm(picture(4, 3), picture(4, 3), picture(4, 3))
    #expect(
      throws: MediaError.framesTooLarge(
        file: "\(directory.path)/video.ppm", frame: 2, bytes: 396, limit: 300)
    ) { try frames(bytes, limits: limits) }
  }

  @Test func `4000 damaged PPM files are errors, not crashes`() throws {
    var random = SplitMix(state: 20_260)
    let sound = ppm(picture(5, 4), picture(5, 4), picture(5, 4))
    var failures = 0
    for _ in 0..<4_000 {
      let bytes = mutated(sound, &random)
      var decoder = PPMDecoder(file: "f", totalBytes: bytes.count, limits: MediaLimits())
      do throws(MediaError) {
        try decoder.feed(bytes.span.bytes) { (_) throws(MediaError) in }
        try decoder.finish()
      } catch {
        failures += 1
      }
    }
    #expect(failures > 1_000)
  }
}
