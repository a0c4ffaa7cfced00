/// The validated `fmt ` chunk of a RIFF WAVE file: one channel, 16 kHz, a supported encoding.
struct WaveformFormat {
  let encoding: WaveformFile.Encoding

  private static let extensible = 0xFFFE
  /// The last 14 bytes of every subformat GUID that is based on a format tag.
  private static let subformatTail: [UInt8] = [
    0x00, 0x00, 0x00, 0x00, 0x10, 0x00, 0x80, 0x00, 0x00, 0xAA, 0x00, 0x38, 0x9B, 0x71,
  ]

  /// Parses and validates a `fmt ` chunk.
  /// - Parameter chunk: byte range of the chunk's contents
  init(_ bytes: [UInt8], _ chunk: Range<Int>, file: String) throws(MediaError) {
    do {
      encoding = try Self.read([UInt8](bytes[chunk]))
    } catch {
      throw .sound(file: file, offset: chunk.lowerBound, error)
    }
  }

  private static func read(_ chunk: [UInt8]) throws(SoundFault) -> WaveformFile.Encoding {
    guard chunk.count >= 16 else {
      throw .formatTooShort(needed: 16, present: chunk.count)
    }
    let encoding = try encoding(chunk)
    let channels = Int(chunk.littleEndian16(at: 2))
    guard channels == 1 else { throw .channels(expected: 1, found: channels) }
    let rate = Int(chunk.littleEndian32(at: 4))
    guard rate == Waveform.sampleRate else {
      throw .sampleRate(expected: Waveform.sampleRate, found: rate)
    }
    let blockAlign = Int(chunk.littleEndian16(at: 12))
    guard blockAlign == encoding.bytesPerSample else {
      throw .blockAlign(expected: encoding.bytesPerSample, found: blockAlign)
    }
    return encoding
  }

  private static func encoding(_ chunk: [UInt8]) throws(SoundFault) -> WaveformFile.Encoding {
    let bits = Int(chunk.littleEndian16(at: 14))
    var tag = Int(chunk.littleEndian16(at: 0))
    if tag == extensible {
      guard chunk.count >= 40 else { throw .formatTooShort(needed: 40, present: chunk.count) }
      guard Array(chunk[26..<40]) == subformatTail else {
        throw .unsupportedEncoding(tag: tag, bitsPerSample: bits)
      }
      tag = Int(chunk.littleEndian16(at: 24))
    }
    switch (tag, bits) {
    case (1, 16): return .pcm16
    case (3, 32): return .float32
    default: throw .unsupportedEncoding(tag: tag, bitsPerSample: bits)
    }
  }
}
