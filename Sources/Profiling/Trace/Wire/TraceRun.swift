// swift-format-ignore-file: AlwaysUseLowerCamelCase
// Keys are spelled as they stand in the file.

import Foundation

/// `run`: what is run, and by which plan.
struct TraceRun: Codable {
  struct Model: Codable, Equatable {
    var name: String
    var architecture: String?
    var layers: Int
    var hidden, kv_width, nominal_kv_width, intermediate, vocabulary: Int?
    var dtype: String?
    var parameters: Int?
    var family: String?
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
    /// Settings of the input in force, as text by their keys.
    var input: [String: String]?
    /// The media of a conversation, in order.
    var parts: [Part]?

    struct Part: Codable, Equatable {
      var place, kind, title, source: String?
      var seconds: Double?
      var frames: Int?
    }
  }

  /// Columns of one value per token.
  struct Tokens: Codable, Equatable {
    /// T, I, V or A for each token.
    var modality: String
    var ids: [Int]?
    /// Rotary positions.
    var t, h, w: [Float]?
    /// The clip of a conversation that each token comes from, −1 for text; left out for one clip.
    var clip: [Int]?
    /// −1 where a token has none.
    var window: [Int]?
    var seconds: [Double]?
    var grid, row, column: [Int]?
    var tokens_per_grid: Int?
    /// Hexadecimal; left out where pixels and samples are not known.
    var content_hash: String?
  }

  /// The clip in small, and what the text says.
  struct Media: Codable, Equatable {
    struct Video: Codable, Equatable {
      var times, rows, columns: Int
      var seconds_per_grid: Double
      var side: Int?
      /// [times, rows × side, columns × side, 3], base64.
      var rgb: Data?
    }

    struct Audio: Codable, Equatable {
      var tokens, bands: Int
      var seconds_per_token: Double
      /// [tokens, bands], base64.
      var levels: Data
    }

    /// What one clip shows and sounds like.
    struct Clip: Codable, Equatable {
      var video: Video?
      var audio: Audio?
    }

    var video: Video?
    var audio: Audio?
    /// Instead of the two above, where there are several.
    var clips: [Clip]?
    /// What each text token spells.
    var text: [String]?
  }

  var model: Model
  var clip: Clip?
  var tokens: Tokens
  var media: Media?
  var settings: TraceSettings?
  var plan: TracePlan?
}
