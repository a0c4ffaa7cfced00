extension MediaFile {
  /// The sound stream as 16 kHz mono: the mean of its channels, then resampled, as published.
  func waveform(
    _ stream: MediaProbe.Stream, _ probe: MediaProbe, _ audit: inout [AuditLine]
  ) async throws(MediaError) -> Waveform {
    var bytes: [UInt8] = []
    let complaints = try await tools.run(
      "ffmpeg",
      ["-nostdin"] + FFmpeg.caution + ["-i", FFmpeg.input(path), "-map", "0:\(stream.index)"]
        + ["-af", Self.mean(ofChannels: stream.channels), "-t", "\(limits.audioSeconds)"]
        + ["-ac", "1", "-ar", "\(Waveform.sampleRate)"]
        + ["-map_metadata", "-1", "-c:a", "pcm_f32le", "-f", "wav", "-"], on: path
    ) { (piece) throws(MediaError) in
      piece.withUnsafeBytes { bytes.append(contentsOf: $0) }
      guard bytes.count <= limits.waveformBytes else {
        throw .fileTooLarge(file: path, bytes: bytes.count, limit: limits.waveformBytes)
      }
    }
    let sound = try WaveformFile(bytes, file: path, isStreamed: true)
    audit.append(streamLine(stream))
    audit += AuditLine.lines(for: sound)
    let cut = limits.audioSeconds * Waveform.sampleRate
    if sound.waveform.samples.count >= cut, (probe.seconds ?? .infinity) > sound.waveform.seconds {
      audit.append(.notice(.audio, "cut off", "after \(limits.audioSeconds) s"))
    }
    audit += AuditLine.complaints(.audio, complaints)
    return sound.waveform
  }

  /// ffmpeg's own mix weighs centre and surround differently, and may be louder than its parts.
  static func mean(ofChannels channels: Int?) -> String {
    guard let channels, (2...64).contains(channels) else { return "anull" }
    let terms = (0..<channels).map { "\(1 / Double(channels))*c\($0)" }
    return "pan=mono|c0=" + terms.joined(separator: "+")
  }

  private func streamLine(_ stream: MediaProbe.Stream) -> AuditLine {
    let codec = (stream.codecName ?? "unknown").printable(limit: 40)
    let rate = stream.sampleRate.map { "\($0.printable(limit: 12)) Hz" } ?? "unknown rate"
    let channels =
      stream.channels.map { "\($0) \($0 == 1 ? "channel" : "channels")" } ?? "unknown channels"
    return AuditLine(.audio, "stream", "\(codec), \(rate), \(channels); fed as 16000 Hz mono")
  }
}
