// swift-format-ignore-file: AlwaysUseLowerCamelCase
// Keys as in the file.

/// Event `began` of a trace, and the name in `step`: `encoders`, `stage1`, `layer` with its number,
/// or `head`.
struct TraceStepName: Codable, Equatable {
  var step: String?
  var layer: Int?
}

/// Event `step` of a trace: a step is finished.
struct TraceStep: Codable, Equatable {
  struct Counts: Codable, Equatable {
    var text, image, video, audio: Int?
  }

  struct Drop: Codable, Equatable {
    var kind: String
    var path: String?
    /// Positions of the kept tokens, ascending.
    var kept: [Int]
    /// Score of each token before the drop.
    var scores: [Float]?
    var windows: [Window]?
    /// Positions of merged tokens, of the tokens they are merged into, and weights.
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
  /// Milliseconds of attention and of MLP, parts of `ms`.
  var attention_ms, feed_forward_ms: Double?
  var vision_ms, audio_ms: Double?
  /// Source of encoder outputs: `cached` or `mixed`; left out if the encoders ran.
  var vision_source, audio_source: String?
  var kv_bytes, rss_bytes: Int?
  var reference_flops, executed_flops: Double?
  /// FLOPs of the MLP and of the selection, parts of `executed_flops`.
  var feed_forward_flops, selection_flops: Double?
  var drop: Drop?
}

/// Event `repeated` of a trace: a timed repetition of the prefill.
struct TraceRepeat: Codable, Equatable {
  /// Whether the repetition ran with full tokens.
  var full: Bool?
  /// Milliseconds of Stage I, layers 1…L and head, each including its selection, [layers + 2].
  var step_ms: [Double]
}

/// Event `peak` of a trace: peak rate of the machine.
struct TracePeak: Codable, Equatable {
  var flops_per_second: Double
  var threads: Int?
  var precision: String?
}

/// Event `rewind` of a trace: only the first steps remain.
struct TraceRewind: Codable, Equatable {
  var steps: Int
}

/// Event `activity` of a trace: `idle`, `running`, `decoding`, `full` or `repeating`.
struct TraceActivity: Codable, Equatable {
  var state: String
}
