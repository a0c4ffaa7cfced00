import Foundation
import SafeJSON

/// What `ffprobe` says of a media file.
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

  /// The stream of moving pictures that the published reader takes: the one of the highest bit rate,
  /// then the first. A cover picture is none.
  var video: Stream? {
    best("video") { [Double($0.bitRate ?? "") ?? 0] }
  }

  /// The sound stream that the published reader takes: the one marked as default, then the one of
  /// most channels, then the first.
  var audio: Stream? {
    best("audio") { [$0.disposition?.default == 1 ? 1 : 0, Double($0.channels ?? 0)] }
  }

  private func best(_ type: String, _ rank: (Stream) -> [Double]) -> Stream? {
    let candidates = (streams ?? []).filter {
      $0.codecType == type && $0.disposition?.attachedPic != 1
    }
    // Of equals, the first.
    return candidates.max { rank($0).lexicographicallyPrecedes(rank($1)) }
  }

  var seconds: Double? {
    format?.duration.flatMap(Double.init).flatMap { $0.isFinite && $0 > 0 ? $0 : nil }
  }

  /// - Parameter answer: all that ffprobe wrote
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
  /// Frames per second that a video can have.
  static let plausibleRates = 0.001...1_000

  /// Frames per second: the average, or else the nominal one; nil when neither makes sense.
  var frameRate: Double? {
    [avgFrameRate, rFrameRate].lazy.compactMap { $0.flatMap(Self.ratio) }
      .first { Self.plausibleRates.contains($0) }
  }

  /// How far the decoded pictures are turned to be seen as they are meant, in degrees.
  var rotation: Double? {
    sideDataList?.lazy.compactMap(\.rotation).first { $0.isFinite && $0 != 0 }
  }

  /// The name of a brightness scale beyond that of ordinary screens.
  var highDynamicRange: String? {
    switch colorTransfer {
    case "smpte2084": "PQ"
    case "arib-std-b67": "HLG"
    default: nil
    }
  }

  var startSeconds: Double? { startTime.flatMap(Double.init) }

  /// Transparency that published preprocessing lays over white: that of full colour, not that of a
  /// palette or of grey.
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
  /// Asks what is in a file.
  func probe(_ file: SourceFile) async throws(MediaError) -> MediaProbe {
    let answer: [UInt8]
    do {
      answer = try await ask(MediaProbe.arguments, file)
    } catch .ffmpegFailed(_, _, .exit, let complaint) {
      if complaint.contains("Format not on whitelist") { throw .formatNotRead(file: file.path) }
      throw .notMedia(file: file.path, complaint: complaint)
    }
    return try MediaProbe(parsing: answer, file: file.path)
  }

  /// What the container says of the frames of a stream.
  func packets(_ file: SourceFile, stream: Int) async throws(MediaError) -> PacketTimes {
    try await lines(file, stream, "packet=pts_time,dts_time,duration_time,flags")
  }

  /// How many frames of a stream can really be decoded; slow.
  func countDecodableFrames(_ file: SourceFile, stream: Int) async throws(MediaError) -> Int {
    try await lines(file, stream, "frame=pict_type").count
  }

  /// How many samples a sound stream decodes to, at its own rate.
  func countSamples(_ file: SourceFile, stream: Int) async throws(MediaError) -> Int {
    var counter = SampleCounter()
    _ = try await run(
      "ffprobe", Self.listing("\(stream)", "frame=nb_samples"), on: file
    ) { (piece) throws(MediaError) in counter.read(piece) }
    return counter.total
  }

  /// How the first picture of a stream is turned, as its EXIF orientation says; nil where nothing is
  /// said.
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
      // A file with thousands of streams is no clip.
      guard answer.count <= 1 << 22 else {
        throw .unexpectedProbe(file: file.path, found: "more than 4 MB about the streams")
      }
    }
    return answer
  }

  /// One line per packet or frame, so that a long file shows signs of life.
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

/// Adds up the numbers that stand on lines of their own; other lines count as 0.
struct SampleCounter {
  private(set) var total = 0
  private var number = 0
  private var isNumber = true

  mutating func read(_ piece: RawSpan) {
    for offset in piece.byteOffsets {
      switch piece.unsafeLoad(fromByteOffset: offset, as: UInt8.self) {
      case UInt8(ascii: "\n"):
        // Beyond 2⁵⁰ samples it is no sound.
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
