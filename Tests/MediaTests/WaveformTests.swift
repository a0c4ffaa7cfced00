import Testing

@testable import Media

struct WaveformTests {
  private func fault(_ wav: WAV) throws -> SoundFault? {
    try fault(wav.bytes)?.fault
  }

  private func fault(_ bytes: [UInt8]) throws -> (offset: Int, fault: SoundFault)? {
    let error = #expect(throws: MediaError.self) { try WaveformFile(bytes, file: "f") }
    guard case .sound("f", let offset, let fault) = error else { return nil }
    return (offset, fault)
  }

  @Test func `32-bit float WAV samples are read unchanged`() throws {
    let file = try WaveformFile(WAV().bytes, file: "f")
    #expect(file.waveform.samples == [0, 0.5, -0.5, 1])
    #expect(file.waveform.sampleRate == 16_000)
    #expect(file.waveform.seconds == 4.0 / 16_000)
  }

  @Test func `16-bit WAV samples are divided by 32768`() throws {
    let payload = [Int16.min, -1, 0, 16_384, Int16.max].flatMap { WAV.little($0, 2) }
    let file = try WaveformFile(WAV(tag: 1, bits: 16, payload: payload).bytes, file: "f")
    #expect(file.waveform.samples == [-1, -1 / 32_768, 0, 0.5, 32_767 / 32_768])
  }

  @Test func `WAVE_FORMAT_EXTENSIBLE is read with floats and integers`() throws {
    #expect(try WaveformFile(WAV(extensible: true).bytes, file: "f").encoding == .float32)
    let integers = WAV(tag: 1, bits: 16, extensible: true)
    #expect(try WaveformFile(integers.bytes, file: "f").encoding == .pcm16)
  }

  @Test func `WAV chunks are read in any order, odd ones with padding`() throws {
    let odd = WAV.chunk("LIST", [1, 2, 3])
    let wav = WAV(before: odd, after: WAV.chunk("note", []) + [9, 9], samplesFirst: true)
    let file = try WaveformFile(wav.bytes, file: "f")
    #expect(file.waveform.samples.count == 4)
    #expect(file.skippedChunks == ["LIST", "note"])
    #expect(file.trailingBytes == 2)
  }

  @Test func `WAV samples beyond full scale are kept and counted`() throws {
    let file = try WaveformFile(WAV(payload: WAV.floats([1.5, -1, -2])).bytes, file: "f")
    #expect(file.samplesBeyondFullScale == 2)
    #expect(file.waveform.samples == [1.5, -1, -2])
  }

  @Test func `a WAV file with another rate, channel count or encoding is refused`() throws {
    #expect(try fault(WAV(rate: 44_100)) == .sampleRate(expected: 16_000, found: 44_100))
    #expect(try fault(WAV(channels: 2)) == .channels(expected: 1, found: 2))
    #expect(try fault(WAV(tag: 1, bits: 24)) == .unsupportedEncoding(tag: 1, bitsPerSample: 24))
    #expect(try fault(WAV(tag: 7, bits: 8)) == .unsupportedEncoding(tag: 7, bitsPerSample: 8))
    #expect(try fault(WAV(payload: [])) == .noSamples)
    #expect(
      try fault(WAV(payload: [1, 2, 3, 4, 5])) == .partialSample(bytes: 5, bytesPerSample: 4))
  }

  @Test func `a WAV sample that is not finite is an error with its index`() throws {
    let wav = WAV(payload: WAV.floats([0, 0, .nan, .infinity]))
    #expect(try fault(wav) == .notFinite(index: 2))
  }

  @Test(arguments: [0xFFFF_FFFF, 0x7FFF_FFFF, 20])
  func `truncated WAV samples are an error with their count`(claimed: Int) throws {
    let found = try fault(WAV(claimedLength: claimed).bytes)
    #expect(found?.fault == .chunkTruncated(chunk: "data", claimed: claimed, present: 16))
    #expect(found?.offset == 36)
  }

  @Test(arguments: [0xFFFF_FFFF, 0])
  func `a WAV stream of unknown length is read to its end`(claimed: Int) throws {
    let bytes = WAV(claimedLength: claimed).bytes
    let file = try WaveformFile(bytes, file: "f", isStreamed: true)
    #expect(file.waveform.samples.count == 4)
  }

  @Test func `missing and repeated WAV chunks are errors with their names`() throws {
    let head = Array("RIFF\0\0\0\0WAVE".utf8)
    #expect(try fault(head)?.fault == .chunkMissing(chunk: "fmt "))
    #expect(
      try fault(head + WAV.chunk("fmt ", [1]))?.fault == .chunkMissing(chunk: "data"))
    let whole = WAV().bytes
    #expect(try fault(whole + whole[36...])?.fault == .chunkRepeated(chunk: "data"))
    #expect(try fault(Array("RIFX".utf8))?.fault == .notWAVE(expected: "RIFF", found: "RIFX"))
    #expect(try fault([])?.fault == .notWAVE(expected: "RIFF", found: ""))
  }

  @Test func `4000 damaged WAV files are errors, not crashes`() throws {
    var random = SplitMix(state: 7)
    let wav = WAV(extensible: true, before: WAV.chunk("LIST", [1, 2, 3]))
    var failures = 0
    for turn in 0..<4_000 {
      let bytes = mutated(wav.bytes, &random)
      do throws(MediaError) {
        _ = try WaveformFile(bytes, file: "f", isStreamed: turn.isMultiple(of: 2))
      } catch {
        failures += 1
      }
    }
    #expect(failures > 1_000)
  }
}
