/// Converts an audio stream to 16 kHz mono as the published code does: mean of the channels,
/// resampled by soxr.
struct AudioMix: Sendable {
  enum Resampler: Sendable {
    /// The SoX resampler at 20 bits, which is `soxr_hq` of librosa.
    case soxr
    /// The built-in resampler of ffmpeg, for ffmpeg builds without soxr.
    case own
  }

  private let channels: Int?
  /// Whether samples are first rounded to 16 bits: the published code reads formats unknown to
  /// libsndfile, such as the audio of videos, through ffmpeg in 16 bits.
  private let isRounded: Bool
  /// Whether the stream's sample rate is not 16 kHz.
  let resamples: Bool

  /// The error message of ffmpeg builds without soxr.
  static let unavailable = "resampling engine is unavailable"

  /// Audio formats that libsndfile can open, by ffmpeg's names.
  private static let plainFormats: Set<String> = [
    "wav", "aiff", "flac", "ogg", "mp3", "au", "caf", "w64", "voc", "nistsphere", "sf", "avr",
  ]

  init(_ stream: MediaProbe.Stream, _ probe: MediaProbe) {
    channels = stream.channels
    let names = (probe.format?.formatName ?? "").split(separator: ",").map(String.init)
    isRounded = probe.video != nil || !names.contains(where: Self.plainFormats.contains)
    resamples = stream.sampleRate.flatMap(Int.init) != Waveform.sampleRate
  }

  /// The filter chain for ffmpeg's option `-af`.
  func filter(_ resampler: Resampler) -> String {
    // Samples are mixed as floats: ffmpeg would mix integers in integer arithmetic.
    var steps = (isRounded ? ["aformat=sample_fmts=s16"] : []) + ["aformat=sample_fmts=fltp"]
    // ffmpeg's own downmix weights channels differently and may clip.
    if let channels, (2...64).contains(channels) {
      let terms = (0..<channels).map { "\(1 / Double(channels))*c\($0)" }
      steps.append("pan=mono|c0=" + terms.joined(separator: "+"))
    }
    if resamples, resampler == .soxr {
      steps.append("aresample=\(Waveform.sampleRate):resampler=soxr:precision=20")
    }
    return steps.joined(separator: ",")
  }
}
