/// How a sound stream becomes 16 kHz mono, as the published code does it: decoded, the mean of its
/// channels, resampled by soxr.
struct AudioMix: Sendable {
  enum Resampler: Sendable {
    /// The SoX resampler at 20 bits, `soxr_hq` of librosa.
    case soxr
    /// ffmpeg's own, for builds without the other.
    case own
  }

  private let channels: Int?
  /// The published code reads what libsndfile opens as it is, and everything else, the sound of videos
  /// above all, through ffmpeg in 16 bits.
  private let isRounded: Bool
  /// Whether the stream has another rate.
  let resamples: Bool

  /// What ffmpeg says where it is built without soxr.
  static let unavailable = "resampling engine is unavailable"

  /// Formats that libsndfile opens, by ffmpeg's names.
  private static let plainFormats: Set<String> = [
    "wav", "aiff", "flac", "ogg", "mp3", "au", "caf", "w64", "voc", "nistsphere", "sf", "avr",
  ]

  init(_ stream: MediaProbe.Stream, _ probe: MediaProbe) {
    channels = stream.channels
    let names = (probe.format?.formatName ?? "").split(separator: ",").map(String.init)
    isRounded = probe.video != nil || !names.contains(where: Self.plainFormats.contains)
    resamples = stream.sampleRate.flatMap(Int.init) != Waveform.sampleRate
  }

  /// The filters of ffmpeg's `-af`.
  func filter(_ resampler: Resampler) -> String {
    // In floats, as ffmpeg would mix whole numbers in whole numbers.
    var steps = (isRounded ? ["aformat=sample_fmts=s16"] : []) + ["aformat=sample_fmts=fltp"]
    // ffmpeg's own mix weighs centre and surround differently, and may be louder than its parts.
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
