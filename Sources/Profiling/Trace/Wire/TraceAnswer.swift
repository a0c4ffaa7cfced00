// swift-format-ignore-file: AlwaysUseLowerCamelCase
// Keys as in the file.

/// `token`: one more answer token.
struct TraceToken: Codable, Equatable {
  var id: Int
  /// Appended text, after removing `back` Unicode scalars.
  var text: String?
  var back: Int?
  var ms_per_token: Double?
  /// Given with the first token.
  var top_logits: [TraceAnswer.Candidate]?
}

/// `answer`: the whole answer.
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

/// `full`: the full-token run.
struct TraceFull: Codable, Equatable {
  var answer: TraceAnswer?
  var prefill_ms: Double
  /// [layers].
  var layer_ms: [Double]?
  /// Parts of `layer_ms`: [layers].
  var attention_ms, feed_forward_ms: [Double]?
  var kv_bytes: Int?
  var executed_flops: Double?
}

/// `message`: a line for the log.
struct TraceMessage: Codable, Equatable {
  /// `note`, `warning`, `error`, or `saved`.
  var kind: String?
  var text: String
}

/// `end`: the end of the trace.
struct TraceEnd: Codable, Equatable {
  var peak_memory_bytes: Int?
}
