// swift-format-ignore-file: AlwaysUseLowerCamelCase
// Keys as in the file.

import Foundation

/// Event `run` of a trace: model, clip, prompt and plan.
struct TraceRun: Codable {
  struct Model: Codable, Equatable {
    var name: String
    var architecture: String?
    var layers: Int
    var hidden, kv_width, nominal_kv_width, intermediate, vocabulary: Int?
    var dtype: String?
    var parameters: Int?
    var family: String?
    var engine: String?
    var number_bytes: Int?
  }

  struct Clip: Codable, Equatable {
    struct Fact: Codable, Equatable {
      var subject, fact: String
      var warning: Bool?
    }

    var title, source: String?
    var seconds: Double?
    var frames: Int?
    var question: String?
    var choices: [String]?
    var answer: String?
    var audit: [Fact]?
    /// Input settings in use, as text by key.
    var input: [String: String]?
    /// Media parts of a conversation, in order.
    var parts: [Part]?

    struct Part: Codable, Equatable {
      var place, kind, title, source: String?
      var seconds: Double?
      var frames: Int?
    }
  }

  /// Columns with one value per prompt token.
  struct Tokens: Codable, Equatable {
    /// Modality of each token: T, I, V or A.
    var modality: String
    var ids: [Int]?
    /// Rotary positions of each token, along time, height and width.
    var t, h, w: [Float]?
    /// Index of each token's clip, −1 for text; left out for one clip.
    var clip: [Int]?
    /// Index of each token's temporal window, −1 for tokens outside of windows.
    var window: [Int]?
    var seconds: [Double]?
    var grid, row, column: [Int]?
    var tokens_per_grid: Int?
    /// Content hash of the prompt in hexadecimal; left out if unknown.
    var content_hash: String?
  }

  /// Thumbnails, audio levels and text of the prompt.
  struct Media: Codable, Equatable {
    struct Video: Codable, Equatable {
      var times, rows, columns: Int
      var seconds_per_grid: Double
      var side: Int?
      /// Pixels in base64, [times, rows × side, columns × side, 3].
      var rgb: Data?
    }

    struct Audio: Codable, Equatable {
      var tokens, bands: Int
      var seconds_per_token: Double
      /// Audio levels in base64, [tokens, bands].
      var levels: Data
    }

    /// Thumbnails and audio levels of one clip.
    struct Clip: Codable, Equatable {
      var video: Video?
      var audio: Audio?
    }

    var video: Video?
    var audio: Audio?
    /// Media of several clips, instead of `video` and `audio`.
    var clips: [Clip]?
    /// Text of each text token.
    var text: [String]?
  }

  var model: Model
  var clip: Clip?
  var tokens: Tokens
  var media: Media?
  var settings: TraceSettings?
  var plan: TracePlan?
}
