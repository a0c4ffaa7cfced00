/// A RIFF WAVE file with 16-bit PCM or 32-bit float samples, one channel at 16 kHz, and chunks in
/// any order.
struct WaveformFile {
  /// Encoding of the audio samples.
  enum Encoding: Equatable {
    case pcm16, float32

    var bytesPerSample: Int { self == .pcm16 ? 2 : 4 }
    var name: String { self == .pcm16 ? "16-bit PCM" : "32-bit float" }
  }

  let waveform: Waveform
  let encoding: Encoding
  /// Names of the chunks other than `fmt ` and `data`, in order.
  let skippedChunks: [String]
  /// Number of bytes after the last complete chunk.
  let trailingBytes: Int

  /// Number of samples outside [-1, 1].
  var samplesBeyondFullScale: Int { waveform.samples.count { abs($0) > 1 } }

  /// Parses a WAV file.
  /// - Parameters:
  ///   - bytes: the whole file
  ///   - isStreamed: true for data from a pipe, whose writer could not state the length: 0xFFFFFFFF
  ///     or 0 then means "to the end"
  init(_ bytes: [UInt8], file: String, isStreamed: Bool = false) throws(MediaError) {
    var chunks = WaveformChunks(bytes, file: file, isStreamed: isStreamed)
    try chunks.readAll()
    guard let format = chunks.format else {
      throw .sound(file: file, offset: bytes.count, .chunkMissing(chunk: "fmt "))
    }
    guard let samples = chunks.samples else {
      throw .sound(file: file, offset: bytes.count, .chunkMissing(chunk: "data"))
    }
    encoding = try WaveformFormat(bytes, format, file: file).encoding
    waveform = Waveform(samples: try Self.decode(bytes, samples, encoding, file))
    skippedChunks = chunks.skipped
    trailingBytes = chunks.trailingBytes
  }

  private static func decode(
    _ bytes: [UInt8], _ range: Range<Int>, _ encoding: Encoding, _ file: String
  ) throws(MediaError) -> [Float] {
    let width = encoding.bytesPerSample
    guard !range.isEmpty else { throw .sound(file: file, offset: range.lowerBound, .noSamples) }
    guard range.count.isMultiple(of: width) else {
      throw .sound(
        file: file, offset: range.lowerBound,
        .partialSample(bytes: range.count, bytesPerSample: width))
    }
    let starts = stride(from: range.lowerBound, to: range.upperBound, by: width)
    switch encoding {
    case .pcm16:
      return starts.map { Float(Int16(bitPattern: bytes.littleEndian16(at: $0))) / 32_768 }
    case .float32:
      let samples = starts.map { Float(bitPattern: bytes.littleEndian32(at: $0)) }
      if let index = samples.firstIndex(where: { !$0.isFinite }) {
        throw .sound(file: file, offset: range.lowerBound + index * 4, .notFinite(index: index))
      }
      return samples
    }
  }
}

/// Parser of the chunks in a RIFF file.
struct WaveformChunks {
  /// Byte range of the contents of the `fmt ` chunk.
  private(set) var format: Range<Int>?
  private(set) var samples: Range<Int>?
  private(set) var skipped: [String] = []
  private(set) var trailingBytes = 0

  private let bytes: [UInt8]
  private let file: String
  private let isStreamed: Bool

  init(_ bytes: [UInt8], file: String, isStreamed: Bool) {
    self.bytes = bytes
    self.file = file
    self.isStreamed = isStreamed
  }

  mutating func readAll() throws(MediaError) {
    try expect("RIFF", at: 0)
    try expect("WAVE", at: 8)
    var position = 12
    while bytes.count - position >= 8 {
      position = try readChunk(at: position)
    }
    trailingBytes = max(0, bytes.count - position)
  }

  private func expect(_ word: String, at offset: Int) throws(MediaError) {
    let found = bytes.characters(at: offset)
    guard found == word else {
      throw .sound(file: file, offset: offset, .notWAVE(expected: word, found: found))
    }
  }

  /// Parses the chunk at `position`.
  /// - Returns: offset of the next chunk; chunks of odd length are padded with one byte
  private mutating func readChunk(at position: Int) throws(MediaError) -> Int {
    let name = bytes.characters(at: position)
    let start = position + 8
    let present = bytes.count - start
    var length = Int(bytes.littleEndian32(at: position + 4))
    if isStreamed, name == "data", length == 0xFFFF_FFFF || length == 0 { length = present }
    guard length <= present else {
      throw .sound(
        file: file, offset: position,
        .chunkTruncated(chunk: name, claimed: length, present: present))
    }
    try note(name, start..<start + length)
    return start + length + length % 2
  }

  private mutating func note(_ name: String, _ content: Range<Int>) throws(MediaError) {
    let isKnown = name == "fmt " || name == "data"
    if isKnown, (name == "data" ? samples : format) != nil {
      throw .sound(file: file, offset: content.lowerBound - 8, .chunkRepeated(chunk: name))
    }
    switch name {
    case "fmt ": format = content
    case "data": samples = content
    default: skipped.append(name)
    }
  }
}

extension [UInt8] {
  func littleEndian16(at offset: Int) -> UInt16 {
    UInt16(self[offset]) | UInt16(self[offset + 1]) << 8
  }

  func littleEndian32(at offset: Int) -> UInt32 {
    UInt32(littleEndian16(at: offset)) | UInt32(littleEndian16(at: offset + 2)) << 16
  }

  /// Up to four bytes as text, with `?` for bytes that are not printable ASCII.
  func characters(at offset: Int) -> String {
    let bytes = self[Swift.min(offset, count)..<Swift.min(offset + 4, count)]
    return String(
      String.UnicodeScalarView(
        bytes.map { (0x20..<0x7F).contains($0) ? Unicode.Scalar($0) : "?" }))
  }
}
