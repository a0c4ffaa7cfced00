// swift-format-ignore-file: AlwaysUseLowerCamelCase
// Keys as in the file.

/// `began`, and the name part of `step`: `encoders`, `stage1`, `layer` with its number, or `head`.
struct TraceStepName: Codable, Equatable {
  var step: String?
  var layer: Int?
}

/// `step`: a step is done.
struct TraceStep: Codable, Equatable {
  struct Counts: Codable, Equatable {
    var text, image, video, audio: Int?
  }

  struct Drop: Codable, Equatable {
    var kind: String
    var path: String?
    /// Kept positions, ascending.
    var kept: [Int]
    /// One per token before the drop.
    var scores: [Float]?
    var windows: [Window]?
    /// Merged positions, their survivors, and weights.
    var merged, merged_into: [Int]?
    var merge_weights: [Float]?
    var notes: [String]?
  }

  struct Window: Codable, Equatable {
    var video_weight, audio_weight, video_relevance, audio_relevance: Float?
    var budget, video_budget, audio_budget, video_tokens, audio_tokens: Int?
  }

  var step: String?
  var layer: Int?
  var entering, leaving: Counts?
  var ms, selection_ms: Double?
  /// Parts of `ms`.
  var attention_ms, feed_forward_ms: Double?
  var vision_ms, audio_ms: Double?
  var kv_bytes, rss_bytes: Int?
  var reference_flops, executed_flops: Double?
  /// Parts of `executed_flops`.
  var feed_forward_flops, selection_flops: Double?
  var drop: Drop?
}

/// `repeated`: a timed repetition of the prefill.
struct TraceRepeat: Codable, Equatable {
  /// Whether it ran with full tokens.
  var full: Bool?
  /// Stage I, layers 1…L and the head, each with its selection: [layers + 2].
  var step_ms: [Double]
}

/// `peak`: the machine's peak rate.
struct TracePeak: Codable, Equatable {
  var flops_per_second: Double
  var threads: Int?
  var precision: String?
}

/// `rewind`: only the first steps remain.
struct TraceRewind: Codable, Equatable {
  var steps: Int
}

/// `activity`: `idle`, `running`, `decoding`, `full` or `repeating`.
struct TraceActivity: Codable, Equatable {
  var state: String
}
