import Basics
import Foundation
import Media
import OmniModel
import Selection

/// The JSON report of a run: `seats-top/report/1`.
///
/// Positions index the full prompt, ascending; scores align with the sequence just before the drop;
/// logits are those of the first generated token.
public struct RunReport: Encodable, Sendable {
  struct Model: Encodable {
    let name, architecture: String
    let layers, hidden: Int
    let dtype: String
    let compute: String
    let parameters: Int
    /// Deciding files, keys and tensors of the model.
    let checkpoint: [Decision]
  }

  struct Decision: Encodable {
    let subject, fact: String
    let isWarning: Bool
  }

  struct Clip: Encodable {
    let title: String
    let seconds: Nullable<Double>
    let frames: Int
    let question: String
    let expectedAnswer: Nullable<String>
    /// Its path, and the effective settings by key, with presets expanded.
    let source: String
    let input: InputSettings
    /// Seconds per temporal grid in positions; null without video. For a conversation, of its first
    /// video.
    let secondsPerGrid: Nullable<Double>
    /// The media of a conversation, in order; absent for one clip and one question.
    let parts: [Part]?
  }

  struct Part: Encodable {
    let place, kind, title, source: String
    let seconds: Nullable<Double>
    let frames: Int
    /// Tokens before any selection.
    let image, video: Int
    /// Null for a model that takes no sound, as everywhere below.
    let audio: Nullable<Int>
    let secondsPerGrid: Nullable<Double>
  }

  struct Tokens: Encodable {
    let text, video: Int
    let audio: Nullable<Int>
    let total, windows: Int
    /// Hash of pixels, samples, ids and positions.
    let contentHash: String
  }

  struct Plan: Encodable {
    let method: String
    let videoRatio: Double
    let audioRatio: Nullable<Double>
    let encoderVideoRatio: Double
    let encoderAudioRatio: Nullable<Double>
    let dropLayers: [Int]
    let lateLayer: Nullable<Int>
    let videoKeepRatios: [Double]
    let audioKeepRatios: Nullable<[Double]>
    let gridsPerWindow, audioWindowSeconds: Int
    let windowTemperature: Float
    /// λ and the seed as set, even if the method does not use them.
    let encoderScale: Double
    let seed: UInt64
    /// Retention reached for video and audio together, averaged over layers.
    let retentionReached: Double
  }

  /// The settings, sufficient to repeat the run.
  struct Settings: Encodable {
    let method: String
    let videoRatio, audioRatio, encoderScale: Double
    let dropLayers: [Int]
    let lateLayer: Nullable<Int>
    let gridsPerWindow, audioWindowSeconds: Int
    let windowTemperature: Float
    let seed: UInt64
    /// Parameters declared by methods, if not at their defaults.
    let parameters: [String: Double]?
  }

  struct Stage1: Encodable {
    let kept: [Int]
    let videoKept: Int
    let audioKept: Nullable<Int>
    let ms: Double
    /// Absent without merges.
    let merges: Merges?
  }

  /// Tokens merged into survivors: positions, and weights relative to the survivor's own, which is
  /// 1.
  struct Merges: Encodable {
    let tokens, survivors: [Int]
    let weights: [Float]
  }

  struct Boundary: Encodable {
    let afterLayer: Int
    let kind: DropRecord.Kind
    let path: DropRecord.Path
    let kept: [Int]
    let video: Int
    let audio: Nullable<Int>
    let scores: [Float]
    let windows: [WindowRecord]
    let ms: Double
    /// Absent without merges.
    let merges: Merges?
  }

  struct Layer: Encodable {
    /// Tokens the layer processed, its own wall time, and the keys and values it holds after the
    /// prefill.
    let layer, text, video: Int
    let audio: Nullable<Int>
    let ms, attentionMs, feedForwardMs: Double
    let kvBytes: Int
    let referenceFlops: Double
  }

  struct Flops: Encodable {
    let referenceFull, referenceSelected, reduction, executed: Double
  }

  struct Timing: Encodable {
    let mediaMs, visionEncoderMs: Double
    let audioEncoderMs: Nullable<Double>
    let stage1Ms, prefillMs, selectionMs: Double
    let headMs: Double
    let decodeMsPerToken: Nullable<Double>
  }

  /// Times of repeated prefills.
  struct Repeated: Encodable {
    struct Times: Encodable {
      let runs: Int
      let medianMs, leastMs, mostMs: Double
    }

    let prefill, fullPrefill: Times?
  }

  struct Memory: Encodable {
    /// Peak memory of this process.
    let peakBytes: Nullable<Int>
  }

  struct Answer: Encodable {
    struct Logit: Encodable {
      let id: Int
      let logit: Float
    }

    let text: String
    let tokenIds: [Int]
    let topLogits: [Logit]
  }

  struct Full: Encodable {
    let answer: Answer
    let timing: FullTiming
    let kvBytes: Int
    let executedFlops: Double
    let sameAnswer: Bool
  }

  struct FullTiming: Encodable {
    let prefillMs, headMs: Double
    let decodeMsPerToken: Nullable<Double>
  }

  let schema = "seats-top/report/1"
  let model: Model
  let clip: Clip
  let tokens: Tokens
  let promptIds: [Int]
  let settings: Settings
  let plan: Plan
  let stage1: Stage1
  let boundaries: [Boundary]
  let layers: [Layer]
  let flops: Flops
  let timing: Timing
  let repeated: Repeated?
  let memory: Memory
  let answer: Answer
  let full: Full?
  public let notes: [String]

  enum CodingKeys: CodingKey {
    case schema, model, clip, tokens, promptIds, settings, plan, stage1, boundaries, layers, flops,
      timing
    case repeated, memory, answer, full, notes
  }

  /// The object as JSON, keys in snake case.
  public func json() throws -> Data {
    let encoder = JSONEncoder()
    encoder.keyEncodingStrategy = .convertToSnakeCase
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    return try encoder.encode(self).escapedJSON + Data("\n".utf8)
  }
}

/// A value that is written as `null` instead of being left out.
struct Nullable<Value: Encodable & Sendable>: Encodable, Sendable {
  let value: Value?

  init(_ value: Value?) { self.value = value }

  func encode(to encoder: any Encoder) throws {
    var single = encoder.singleValueContainer()
    try single.encode(value)
  }
}
