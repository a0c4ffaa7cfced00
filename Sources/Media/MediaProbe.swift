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
      let attachedPic: Int?
    }

    let index: Int
    let codecType: String?
    let codecName: String?
    let pixFmt: String?
    let width, height: Int?
    let avgFrameRate, rFrameRate: String?
    let startTime, duration: String?
    let sampleRate: String?
    let channels: Int?
    let disposition: Disposition?
  }

  let format: Format?
  let streams: [Stream]?

  /// The first stream of moving pictures; a cover picture is none.
  var video: Stream? {
    streams?.first { $0.codecType == "video" && $0.disposition?.attachedPic != 1 }
  }

  /// The first sound stream.
  var audio: Stream? {
    streams?.first { $0.codecType == "audio" }
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
        + ":stream=index,codec_type,codec_name,pix_fmt,width,height,avg_frame_rate,r_frame_rate,"
        + "start_time,duration,sample_rate,channels"
        + ":stream_disposition=attached_pic",
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

  var startSeconds: Double? { startTime.flatMap(Double.init) }

  /// Transparency that published preprocessing lays over white.
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
  func probe(_ path: String) async throws(MediaError) -> MediaProbe {
    var answer: [UInt8] = []
    do {
      _ = try await run("ffprobe", MediaProbe.arguments + [Self.input(path)], on: path) {
        (piece) throws(MediaError) in
        piece.withUnsafeBytes { answer.append(contentsOf: $0) }
        // A file with thousands of streams is no clip.
        guard answer.count <= 1 << 22 else {
          throw .unexpectedProbe(file: path, found: "more than 4 MB about the streams")
        }
      }
    } catch .ffmpegFailed(_, _, .exit, let complaint) {
      throw .notMedia(file: path, complaint: complaint)
    }
    return try MediaProbe(parsing: answer, file: path)
  }

  /// Counts frames: those the container promises, or (slower) those that can really be decoded.
  func countFrames(_ path: String, stream: Int, decoding: Bool) async throws(MediaError) -> Int {
    // One line per packet or frame, so that a long file shows signs of life.
    let entries = decoding ? "frame=pict_type" : "packet=flags"
    var counter = LineCounter()
    _ = try await run(
      "ffprobe",
      Self.caution + [
        "-select_streams", "\(stream)", "-show_entries", entries, "-of", "csv=p=0",
        Self.input(path),
      ], on: path
    ) { (piece) throws(MediaError) in counter.read(piece) }
    return counter.count
  }
}

/// Counts lines such as `K__` or `P`, but not those of packets to be discarded (`_D_`).
struct LineCounter {
  private(set) var count = 0
  private var isLineEmpty = true
  private var isDiscarded = false

  mutating func read(_ piece: RawSpan) {
    for offset in piece.byteOffsets {
      let byte = piece.unsafeLoad(fromByteOffset: offset, as: UInt8.self)
      guard byte == UInt8(ascii: "\n") else {
        isLineEmpty = false
        isDiscarded = isDiscarded || byte == UInt8(ascii: "D")
        continue
      }
      if !isLineEmpty && !isDiscarded { count += 1 }
      isLineEmpty = true
      isDiscarded = false
    }
  }
}
