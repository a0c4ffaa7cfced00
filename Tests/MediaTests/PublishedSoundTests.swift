import Foundation
import Testing

@testable import Media

/// Sound is as long as librosa 0.11 makes it.
struct PublishedSoundTests {
  /// Samples, rate, samples at 16 kHz.
  private static let lengths = [
    (103988, 8000, 207976), (101133, 11025, 146769), (110, 11025, 160), (78143, 12000, 104191),
    (55324, 16000, 55324), (117317, 22050, 85128), (31883, 22050, 23136), (175499, 22050, 127347),
    (79956, 24000, 53304), (4023, 24000, 2682), (37714, 32000, 18857), (181453, 37800, 76806),
    (122133, 37800, 51697), (19173, 48000, 6391), (169216, 48000, 56406), (58544, 64000, 14636),
    (29677, 64000, 7420), (8878, 88200, 1611), (126273, 88200, 22907), (85787, 96000, 14298),
    (180412, 7350, 392734), (22123, 7350, 48159), (78946, 47952, 26342), (2881, 48000, 961),
    (961, 48000, 321), (4318, 48000, 1440), (1, 96000, 1),
    // Where arithmetic is not exact, 11 025 × (16 000 / 7350) is more than 24 000.
    (11025, 7350, 24001),
  ]

  @Test(arguments: lengths)
  func `resampled audio has the published length`(samples: Int, rate: Int, expected: Int) {
    #expect(MediaFile.resampledCount(samples, from: rate) == expected)
  }

  @Test(
    .enabled(if: hasFFmpeg, "ffmpeg is not installed"),
    arguments: lengths.filter { $0.0 < 25_000 && $0.1 != 16_000 })
  func `an audio file is read with the published length`(samples: Int, rate: Int, expected: Int)
    async throws
  {
    let directory = try TemporaryDirectory()
    var wave = WAV()
    wave.rate = rate
    wave.payload = WAV.floats((0..<samples).map { Float($0 % 7) / 14 })
    let file = try directory.write("sound.wav", wave.bytes)
    let audio = try #require(try await Clip.load(file).audio)
    #expect(audio.samples.count == expected)
  }

  @Test func `the sample counts of all ffprobe lines are added`() {
    var counter = SampleCounter()
    for piece in ["1024\n10", "24,\n", "N/A\n7\r\n", "x9\n", "12"] {
      counter.read(Array(piece.utf8).span.bytes)
    }
    #expect(counter.total == 1024 + 1024 + 7)
  }
}
