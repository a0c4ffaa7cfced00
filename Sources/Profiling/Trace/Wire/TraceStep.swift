// swift-format-ignore-file: AlwaysUseLowerCamelCase
// Keys are spelled as they stand in the file.

/// `began`, and the beginning of `step`: `encoders`, `stage1`, `layer` with its number, or `head`.
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
    /// Positions in the prompt that remain, ascending.
    var kept: [Int]
    /// One for each token that was there.
    var scores: [Float]?
    var windows: [Window]?
    /// Positions dropped that were merged into a survivor, the survivor of each, and its weight.
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

/// `repeated`: the prefill was timed once more.
struct TraceRepeat: Codable, Equatable {
  /// Every token was kept; else the plan was followed.
  var full: Bool?
  /// Stage I, layers 1…L and the head, each with its selection: [layers + 2].
  var step_ms: [Double]
}

/// `peak`: what the machine can do at most.
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
