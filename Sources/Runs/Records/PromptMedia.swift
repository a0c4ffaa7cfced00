import Foundation
import OmniModel

/// Thumbnails, audio levels and texts of the prompt's tokens, for display. The i-th video token of
/// a clip here is the i-th video position of that clip in the prompt; the same holds for audio and
/// text.
public struct PromptMedia: Sendable, Equatable, Codable {
  /// Media of the clips, in order.
  public let clips: [ClipMedia]
  /// Text of each text token, and names of special tokens; may contain control characters. Image
  /// tokens count as text.
  public let text: [String]

  public init(clips: [ClipMedia], text: [String] = []) {
    self.clips = clips
    self.text = text
  }

  /// Media of a prompt with one clip.
  public init(video: VideoPictures? = nil, audio: AudioLevels? = nil, text: [String] = []) {
    self.init(clips: [ClipMedia(video: video, audio: audio)], text: text)
  }
}

/// Thumbnails and audio levels of a clip.
public struct ClipMedia: Sendable, Equatable, Codable {
  /// Thumbnails of the video; nil without video. `audio` is nil without audio.
  public let video: VideoPictures?
  public let audio: AudioLevels?

  public init(video: VideoPictures? = nil, audio: AudioLevels? = nil) {
    (self.video, self.audio) = (video, audio)
  }
}

/// Thumbnails of the vision encoder's input, one per temporal grid.
public struct VideoPictures: Sendable, Equatable, Codable {
  /// Size of the token grid: times × rows × columns, also their order in the prompt.
  public let times, rows, columns: Int
  public let secondsPerGrid: Double
  /// Edge length of a token in the thumbnail, in pixels.
  public let side: Int
  /// Pixels as RGB bytes, [times, rows × side, columns × side, 3].
  public let pixels: Data

  /// Thumbnails of a video; nil if the number of pixels does not match.
  public init?(
    times: Int, rows: Int, columns: Int, secondsPerGrid: Double, side: Int, pixels: Data
  ) {
    guard min(times, rows, columns, side) > 0, secondsPerGrid > 0 else { return nil }
    let size = [times, rows, columns, side, side, 3].reduce(1.0) { $0 * Double($1) }
    guard size == Double(pixels.count) else { return nil }
    self.times = times
    self.rows = rows
    self.columns = columns
    self.secondsPerGrid = secondsPerGrid
    self.side = side
    self.pixels = pixels
  }

  /// Maximum size of the pixels in bytes, unless one pixel per token needs more.
  static let mostBytes = 1 << 20

  /// The largest edge length of a token, in pixels, within `mostBytes`.
  static func side(tokens: Int) -> Int {
    [8, 4, 2].first { tokens * $0 * $0 * 3 <= mostBytes } ?? 1
  }
}

/// Loudness levels of the audio encoder's input, for display.
public struct AudioLevels: Sendable, Equatable, Codable {
  public let tokens: Int
  /// Number of frequency bands, which are equal parts of the mel scale from low to high.
  public let bands: Int
  public let secondsPerToken: Double
  /// Levels, [tokens, bands], from 0 (80 dB below the loudest) to 255.
  public let levels: Data

  /// Levels of an audio track; nil if their number does not match.
  public init?(tokens: Int, bands: Int, secondsPerToken: Double, levels: Data) {
    guard tokens > 0, bands > 0, secondsPerToken > 0,
      Double(tokens) * Double(bands) == Double(levels.count)
    else { return nil }
    self.tokens = tokens
    self.bands = bands
    self.secondsPerToken = secondsPerToken
    self.levels = levels
  }
}

// Values decoded from a trace are validated by these initialisers.
extension VideoPictures {
  public init(from decoder: any Decoder) throws {
    let fields = try decoder.container(keyedBy: CodingKeys.self)
    let pictures = VideoPictures(
      times: try fields.decode(Int.self, forKey: .times),
      rows: try fields.decode(Int.self, forKey: .rows),
      columns: try fields.decode(Int.self, forKey: .columns),
      secondsPerGrid: try fields.decode(Double.self, forKey: .secondsPerGrid),
      side: try fields.decode(Int.self, forKey: .side),
      pixels: try fields.decode(Data.self, forKey: .pixels))
    guard let pictures else {
      throw DecodingError.dataCorruptedError(
        forKey: .pixels, in: fields, debugDescription: "the sizes do not fit the pixels")
    }
    self = pictures
  }
}

extension AudioLevels {
  public init(from decoder: any Decoder) throws {
    let fields = try decoder.container(keyedBy: CodingKeys.self)
    let levels = AudioLevels(
      tokens: try fields.decode(Int.self, forKey: .tokens),
      bands: try fields.decode(Int.self, forKey: .bands),
      secondsPerToken: try fields.decode(Double.self, forKey: .secondsPerToken),
      levels: try fields.decode(Data.self, forKey: .levels))
    guard let levels else {
      throw DecodingError.dataCorruptedError(
        forKey: .levels, in: fields, debugDescription: "the sizes do not fit the levels")
    }
    self = levels
  }
}

extension PromptMedia {
  init(_ prompt: Prompt, _ thinker: Thinker) {
    let tokens = prompt.clips.reduce(0) { $0 + ($1.videoGrid?.count ?? 0) }
    let side = VideoPictures.side(tokens: tokens)
    let clips = prompt.clips.map { ClipMedia($0, thinker, side: side) }
    self.init(clips: clips, text: prompt.textPieces(for: thinker))
  }
}

extension ClipMedia {
  init(_ clip: PromptClip, _ thinker: Thinker, side: Int) {
    let bands = 16
    let video = clip.videoGrid.flatMap { grid in
      VideoPictures(
        times: grid.times, rows: grid.rows, columns: grid.columns,
        secondsPerGrid: clip.secondsPerGrid, side: side,
        pixels: Data(clip.videoPixels(side: side, for: thinker)))
    }
    let audio = AudioLevels(
      tokens: clip.audioTokens, bands: bands,
      secondsPerToken: 1 / Double(clip.audioTokensPerSecond),
      levels: Data(clip.melLevels(bands: bands, for: thinker)))
    self.init(video: video, audio: audio)
  }
}
