import Basics
import Foundation

/// The parsed output of `ffprobe` for a media file.
struct MediaProbe: Decodable {
  struct Format: Decodable {
    let formatName: String?
    let duration: String?
  }

  struct Stream: Decodable {
    struct Disposition: Decodable {
      let `default`, attachedPic: Int?
    }

    struct SideData: Decodable {
      let rotation: Double?
    }

    let index: Int
    let codecType: String?
    let codecName: String?
    let pixFmt: String?
    let width, height: Int?
    let colorTransfer: String?
    let avgFrameRate, rFrameRate: String?
    let startTime, duration: String?
    let bitRate, sampleRate: String?
    let channels: Int?
    let disposition: Disposition?
    let sideDataList: [SideData]?
  }

  let format: Format?
  let streams: [Stream]?

  /// The video stream that the published reader uses: the one with the highest bit rate; the first
  /// wins ties. Cover pictures are excluded.
  var video: Stream? {
    best("video") { [Double($0.bitRate ?? "") ?? 0] }
  }

  /// The audio stream that the published reader uses: the default one, then the one with most
  /// channels; the first wins ties.
  var audio: Stream? {
    best("audio") { [$0.disposition?.default == 1 ? 1 : 0, Double($0.channels ?? 0)] }
  }

  private func best(_ type: String, _ rank: (Stream) -> [Double]) -> Stream? {
    let candidates = (streams ?? []).filter {
      $0.codecType == type && $0.disposition?.attachedPic != 1
    }
    // `max` returns the first of equal candidates.
    return candidates.max { rank($0).lexicographicallyPrecedes(rank($1)) }
  }

  var seconds: Double? {
    format?.duration.flatMap(Double.init).flatMap { $0.isFinite && $0 > 0 ? $0 : nil }
  }

  /// Parses the output of ffprobe.
  /// - Parameter answer: JSON text written by ffprobe
  init(parsing answer: [UInt8], file: String) throws(MediaError) {
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    do {
      self = try decoder.decode(MediaProbe.self, fromOutside: Data(answer))
    } catch {
      throw .unexpectedProbe(
        file: file, found: String(decoding: answer.prefix(200), as: UTF8.self).printable(limit: 200)
      )
    }
  }

  static let arguments =
    FFmpeg.caution + [
      "-of", "json", "-show_entries",
      "format=format_name,duration"
        + ":stream=index,codec_type,codec_name,pix_fmt,width,height,color_transfer,"
        + "avg_frame_rate,r_frame_rate,start_time,duration,bit_rate,sample_rate,channels"
        + ":stream_disposition=default,attached_pic"
        + ":stream_side_data=rotation",
    ]
}

extension MediaProbe.Stream {
  /// Range of valid frame rates, in frames per second.
  static let plausibleRates = 0.001...1_000

  /// The average frame rate, or the nominal one, in frames per second; nil if neither is valid.
  var frameRate: Double? {
    [avgFrameRate, rFrameRate].lazy.compactMap { $0.flatMap(Self.ratio) }
      .first { Self.plausibleRates.contains($0) }
  }

  /// Rotation for display, in degrees.
  var rotation: Double? {
    sideDataList?.lazy.compactMap(\.rotation).first { $0.isFinite && $0 != 0 }
  }

  /// Name of the HDR transfer function; nil for SDR.
  var highDynamicRange: String? {
    switch colorTransfer {
    case "smpte2084": "PQ"
    case "arib-std-b67": "HLG"
    default: nil
    }
  }

  var startSeconds: Double? { startTime.flatMap(Double.init) }

  /// Whether transparent pixels are blended with white as in the published code: for RGB, not for
  /// palettes or grey.
  var hasAlpha: Bool {
    ["rgba", "bgra", "argb", "abgr", "yuva", "gbrap"].contains {
      pixFmt?.hasPrefix($0) ?? false
    }
  }

  private static func ratio(_ text: String) -> Double? {
    let parts = text.split(separator: "/").compactMap { Double($0) }
    guard parts.count == 2, parts[1] > 0 else { return parts.count == 1 ? parts[0] : nil }
    return parts[0] / parts[1]
  }
}

extension FFmpeg {
  /// Runs ffprobe on a file.
  func probe(_ file: SourceFile) async throws(MediaError) -> MediaProbe {
    let answer: [UInt8]
    do {
      answer = try await ask(MediaProbe.arguments, file)
    } catch .ffmpegFailed(_, _, .exit, let message) {
      if message.contains("Format not on whitelist") { throw .formatNotRead(file: file.path) }
      throw .notMedia(file: file.path, message: message)
    }
    return try MediaProbe(parsing: answer, file: file.path)
  }

  /// Packet times of a stream, as stated in the container.
  func packets(_ file: SourceFile, stream: Int) async throws(MediaError) -> PacketTimes {
    try await lines(file, stream, "packet=pts_time,dts_time,duration_time,flags")
  }

  /// Number of decodable frames of a stream; slow, since it decodes all of them.
  func countDecodableFrames(_ file: SourceFile, stream: Int) async throws(MediaError) -> Int {
    try await lines(file, stream, "frame=pict_type").count
  }

  /// Number of decoded samples of an audio stream, at its own sample rate.
  func countSamples(_ file: SourceFile, stream: Int) async throws(MediaError) -> Int {
    var counter = SampleCounter()
    _ = try await run(
      "ffprobe", Self.listing("\(stream)", "frame=nb_samples"), on: file
    ) { (piece) throws(MediaError) in counter.read(piece) }
    return counter.total
  }

  /// EXIF orientation of the first picture of a stream; nil if absent.
  func orientation(_ file: SourceFile, stream: Int) async throws(MediaError) -> Int? {
    struct Answer: Decodable {
      struct Frame: Decodable {
        let tags: [String: String]?
      }
      let frames: [Frame]?
    }
    let arguments =
      Self.caution + [
        "-of", "json", "-select_streams", "\(stream)", "-read_intervals", "%+#1",
        "-show_entries", "frame=pict_type:frame_tags=Orientation",
      ]
    guard let answer = try? await ask(arguments, file),
      let frames = try? JSONDecoder().decode(Answer.self, fromOutside: Data(answer)).frames,
      let text = frames.first?.tags?["Orientation"]?.trimmed
    else { return nil }
    return Int(text)
  }

  private func ask(
    _ arguments: [String], _ file: SourceFile
  ) async throws(MediaError) -> [UInt8] {
    var answer: [UInt8] = []
    _ = try await run("ffprobe", arguments + [Self.input], on: file) {
      (piece) throws(MediaError) in
      piece.withUnsafeBytes { answer.append(contentsOf: $0) }
      // Rejects files with thousands of streams.
      guard answer.count <= 1 << 22 else {
        throw .unexpectedProbe(file: file.path, found: "more than 4 MB of stream information")
      }
    }
    return answer
  }

  /// Runs ffprobe with one output line per packet or frame, so that long files do not cause a
  /// timeout.
  private func lines(
    _ file: SourceFile, _ stream: Int, _ entries: String
  ) async throws(MediaError) -> PacketTimes {
    var times = PacketTimes()
    _ = try await run("ffprobe", Self.listing("\(stream)", entries), on: file) {
      (piece) throws(MediaError) in times.read(piece)
    }
    return times
  }

  private static func listing(_ stream: String, _ entries: String) -> [String] {
    caution + ["-select_streams", stream, "-show_entries", entries, "-of", "csv=p=0", input]
  }
}

/// Sums lines that contain a number; ignores other lines.
struct SampleCounter {
  private(set) var total = 0
  private var number = 0
  private var isNumber = true

  mutating func read(_ piece: RawSpan) {
    for offset in piece.byteOffsets {
      switch piece.unsafeLoad(fromByteOffset: offset, as: UInt8.self) {
      case UInt8(ascii: "\n"):
        // Limited to 2⁵⁰ samples.
        if isNumber { total = min(total + number, 1 << 50) }
        number = 0
        isNumber = true
      case let byte where (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte):
        number = min(number * 10 + Int(byte - UInt8(ascii: "0")), 1 << 40)
      case UInt8(ascii: ","), UInt8(ascii: "\r"): break
      default: isNumber = false
      }
    }
  }
}
