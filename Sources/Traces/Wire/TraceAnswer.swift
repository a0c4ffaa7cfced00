// swift-format-ignore-file: AlwaysUseLowerCamelCase
// Keys as in the file.

/// Event `token` of a trace: one more token of the answer.
struct TraceToken: Codable, Equatable {
  var id: Int
  /// Text to append, after removing the last `back` Unicode scalars.
  var text: String?
  var back: Int?
  var ms_per_token: Double?
  /// The most probable first tokens; present with the first token only.
  var top_logits: [TraceAnswer.Candidate]?
}

/// Event `answer` of a trace: the whole answer so far.
struct TraceAnswer: Codable, Equatable {
  struct Candidate: Codable, Equatable {
    var id: Int
    var text: String?
    var logit: Float
  }

  var text: String
  var token_ids: [Int]?
  var top_logits: [Candidate]?
  var ms_per_token: Double?
  var complete: Bool?
}

/// Event `full` of a trace: the full-token run.
struct TraceFull: Codable, Equatable {
  var answer: TraceAnswer?
  var prefill_ms: Double
  /// Milliseconds of each layer, [layers].
  var layer_ms: [Double]?
  /// Milliseconds of attention and of MLP in each layer, [layers]; parts of `layer_ms`.
  var attention_ms, feed_forward_ms: [Double]?
  var kv_bytes: Int?
  var executed_flops: Double?
  /// The lens with full tokens.
  var lens: [TraceLens.Layer]?
}

/// Event `message` of a trace: a line for the log screen.
struct TraceMessage: Codable, Equatable {
  /// Kind of the message: `note`, `warning`, `error` or `saved`.
  var kind: String?
  var text: String
}

/// Event `end` of a trace, its last line.
struct TraceEnd: Codable, Equatable {
  var peak_memory_bytes: Int?
}
