import Basics

extension MediaFile {
  /// The audio stream as 16 kHz mono: the mean of the channels, resampled like the published code.
  /// Nil for a stream without samples.
  func waveform(
    _ stream: MediaProbe.Stream, _ probe: MediaProbe, _ audit: inout [AuditLine]
  ) async throws(MediaError) -> Waveform? {
    let mix = AudioMix(stream, probe)
    guard let (bytes, stderrTail, resampler) = try await decode(stream, mix) else { return nil }
    let sound: WaveformFile
    do {
      sound = try WaveformFile(bytes, file: path, isStreamed: true)
    } catch .sound(_, _, .noSamples) {
      // The published resampler can return a sample where ffmpeg returns none.
      let waveform = try await publishedLength(Waveform(samples: []), stream)
      return waveform.samples.isEmpty ? nil : waveform
    }
    let cut = limits.audioSeconds * Waveform.sampleRate
    let isCut =
      sound.waveform.samples.count >= cut && (probe.seconds ?? .infinity) > sound.waveform.seconds
    let waveform = isCut ? sound.waveform : try await publishedLength(sound.waveform, stream)
    audit.append(streamLine(stream))
    audit += AuditLine.lines(for: sound, waveform)
    if resampler == .own, mix.resamples {
      audit.append(
        .notice(
          .audio, "resampled",
          "by ffmpeg's own resampler: this ffmpeg lacks soxr, which the published code uses: "
            + "samples may differ by 0.16, log-mel features by 1.4"))
    }
    if isCut { audit.append(.notice(.audio, "truncated", "after \(limits.audioSeconds) s")) }
    audit += AuditLine.stderrTail(.audio, stderrTail)
    return waveform
  }

  /// Decodes the stream to RIFF WAVE; nil if the stream has no packets.
  private func decode(
    _ stream: MediaProbe.Stream, _ mix: AudioMix
  ) async throws(MediaError) -> (bytes: [UInt8], StderrTail, AudioMix.Resampler)? {
    do {
      return try await decode(stream, mix.filter(.soxr)).map { ($0.bytes, $0.1, .soxr) }
    } catch .ffmpegFailed(let tool, let file, let ending, let message) {
      guard mix.resamples, message.contains(AudioMix.unavailable) else {
        throw .ffmpegFailed(tool: tool, file: file, ending: ending, message: message)
      }
    }
    return try await decode(stream, mix.filter(.own)).map { ($0.bytes, $0.1, .own) }
  }

  private func decode(
    _ stream: MediaProbe.Stream, _ filter: String
  ) async throws(MediaError) -> (bytes: [UInt8], StderrTail)? {
    var bytes: [UInt8] = []
    do {
      let stderrTail = try await tools.run(
        "ffmpeg",
        ["-nostdin"] + FFmpeg.caution + ["-i", FFmpeg.input, "-map", "0:\(stream.index)"]
          + ["-af", filter, "-t", "\(limits.audioSeconds)"]
          + ["-ac", "1", "-ar", "\(Waveform.sampleRate)"]
          + ["-map_metadata", "-1", "-c:a", "pcm_f32le", "-f", "wav", "-"], on: source
      ) { (piece) throws(MediaError) in
        piece.withUnsafeBytes { bytes.append(contentsOf: $0) }
        guard bytes.count <= limits.waveformBytes else {
          throw .fileTooLarge(file: path, bytes: bytes.count, limit: limits.waveformBytes)
        }
      }
      return bytes.isEmpty ? nil : (bytes, stderrTail)
    } catch .ffmpegFailed(let tool, let file, let ending, let message) {
      guard try await tools.packets(source, stream: stream.index).count > 0 else { return nil }
      throw .ffmpegFailed(tool: tool, file: file, ending: ending, message: message)
    }
  }

  /// Pads to ⌈samples × 16 000 / rate⌉ samples like the published resampler; ffmpeg rounds to the
  /// nearest number.
  private func publishedLength(
    _ waveform: Waveform, _ stream: MediaProbe.Stream
  ) async throws(MediaError) -> Waveform {
    guard let rate = stream.sampleRate.flatMap(Int.init), rate > 0, rate != Waveform.sampleRate
    else { return waveform }
    let count = Self.resampledCount(
      try await tools.countSamples(source, stream: stream.index), from: rate)
    // A larger difference has another cause, such as a rate that changes.
    guard abs(count - waveform.samples.count) <= 2, count > 0 else { return waveform }
    let kept = waveform.samples.prefix(count)
    return Waveform(samples: kept + [Float](repeating: 0, count: count - kept.count))
  }

  /// Number of samples after resampling, with the inexact arithmetic of the published code.
  static func resampledCount(_ samples: Int, from rate: Int) -> Int {
    Int((Double(samples) * (Double(Waveform.sampleRate) / Double(rate))).rounded(.up))
  }

  private func streamLine(_ stream: MediaProbe.Stream) -> AuditLine {
    let codec = (stream.codecName ?? "unknown").printable(limit: 40)
    let rate = stream.sampleRate.map { "\($0.printable(limit: 12)) Hz" } ?? "unknown rate"
    let channels =
      stream.channels.map { "\($0) \($0 == 1 ? "channel" : "channels")" } ?? "unknown channels"
    return AuditLine(.audio, "stream", "\(codec), \(rate), \(channels); converted to 16000 Hz mono")
  }
}
