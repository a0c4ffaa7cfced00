import Basics
import Foundation
import Media
import OmniModel
import Runs
import Selection

/// The JSON report of a run, with schema `seats-top/report/1`.
///
/// Positions are indices in the full prompt, ascending. Scores belong to the sequence just before
/// the drop. Logits are those of the first generated token.
public struct RunReport: Encodable, Sendable {
  struct Model: Encodable {
    let name, architecture: String
    let layers, hidden: Int
    let dtype: String
    let compute: String
    /// What computed it, in words; absent for the engine of this program.
    let engine: String?
    let parameters: Int
    /// Files, keys and tensors that determine the model.
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
    /// Path of the clip, and the input settings in use by key, with presets expanded.
    let source: String
    let input: InputSettings
    /// Seconds per temporal grid in the token positions, null without video; for a conversation, of
    /// its first video.
    let secondsPerGrid: Nullable<Double>
    /// Media of a conversation, in order; left out for one clip and one question.
    let parts: [Part]?
  }

  struct Part: Encodable {
    let place, kind, title, source: String
    let seconds: Nullable<Double>
    let frames: Int
    /// Token counts of the prompt before any selection.
    let image, video: Int
    /// Number of audio tokens; null for a model without audio, as for all audio values of the
    /// report.
    let audio: Nullable<Int>
    let secondsPerGrid: Nullable<Double>
  }

  struct Tokens: Encodable {
    let text, video: Int
    let audio: Nullable<Int>
    let total, windows: Int
    /// Hash of pixels, audio samples, token ids and positions.
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
    /// Encoder scale λ and seed as set, even if the method does not use them.
    let encoderScale: Double
    let seed: UInt64
    /// Share of video and audio tokens that were processed, averaged over layers.
    let retentionReached: Double
  }

  /// Settings of the plan, enough to repeat the run.
  struct Settings: Encodable {
    let method: String
    let videoRatio, audioRatio, encoderScale: Double
    let dropLayers: [Int]
    let lateLayer: Nullable<Int>
    let gridsPerWindow, audioWindowSeconds: Int
    let windowTemperature: Float
    let seed: UInt64
    /// Method parameters that differ from their defaults.
    let parameters: [String: Double]?
    /// Tokens that are kept or dropped by hand; left out if there are none.
    let keep, drop: TokenList?
  }

  struct Stage1: Encodable {
    let kept: [Int]
    let videoKept: Int
    let audioKept: Nullable<Int>
    let ms: Double
    /// Merged tokens; left out if there are none.
    let merges: Merges?
  }

  /// Tokens merged into kept tokens: their positions, and weights relative to the kept token's own
  /// weight of 1.
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
    /// Merged tokens; left out if there are none.
    let merges: Merges?
  }

  struct Layer: Encodable {
    /// Layer number, tokens that the layer processed, its wall time without selection, and the
    /// bytes of its keys and values after the prefill.
    let layer, text, video: Int
    let audio: Nullable<Int>
    let ms, attentionMs, feedForwardMs: Double
    let kvBytes: Int
    let referenceFlops: Double
    /// What the lens shows; left out if it is off.
    let lens: LayerLens?
  }

  /// What the lens shows of a layer, and its cost, which is not part of the layer's.
  struct LayerLens: Encodable {
    struct Prediction: Encodable {
      let best: [LensRecord.Prediction.Candidate]
      let entropy: Double
      let kl: Nullable<Double>
    }

    struct Shares: Encodable {
      let text, video: Double
      let audio: Nullable<Double>
    }

    struct Attention: Encodable {
      let mean, most: Shares
      /// Of each head; left out unless the whole lens was asked for.
      let heads: [Shares]?
    }

    let wouldSay: Nullable<Prediction>
    let looksAt: Nullable<Attention>
    let ms, flops: Double
  }

  /// The lens of the run: what was asked for, what it cost, and from which layer on the answer
  /// stands.
  struct Lens: Encodable {
    let choice: LensChoice
    let ms, flops: Double
    let answerLayer: Nullable<Int>
    let notes: [String]
  }

  struct Flops: Encodable {
    let referenceFull, referenceSelected, reduction, executed: Double
  }

  struct Timing: Encodable {
    let mediaMs, visionEncoderMs: Double
    let audioEncoderMs: Nullable<Double>
    let stage1Ms, prefillMs, selectionMs: Double
    /// Source of encoder outputs: `cached`, or `mixed` if some were computed; left out if all were.
    let visionEncoderSource, audioEncoderSource: String?
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
    /// Peak memory of this process, in bytes.
    let peakBytes: Nullable<Int>
    /// Statistics of streamed weights; left out if all weights were resident.
    let streaming: Streaming?
  }

  struct Streaming: Encodable {
    /// Bytes of all weights, memory bound of the process, bytes read from files so far, and maximum
    /// bytes of weights in memory at one time.
    let weightBytes, boundBytes, readBytes, residentWeightBytes: Int
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
  let lens: Lens?
  let repeated: Repeated?
  let memory: Memory
  let answer: Answer
  let full: Full?
  public let notes: [String]

  enum CodingKeys: CodingKey {
    case schema, model, clip, tokens, promptIds, settings, plan, stage1, boundaries, layers, flops,
      timing
    case lens, repeated, memory, answer, full, notes
  }

  /// The report as JSON, with keys in snake case.
  public func json() throws -> Data {
    let encoder = JSONEncoder()
    encoder.keyEncodingStrategy = .convertToSnakeCase
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    return try encoder.encode(self).escapedJSON + Data("\n".utf8)
  }
}

/// A value that is written as `null` if it is missing, instead of being left out.
struct Nullable<Value: Encodable & Sendable>: Encodable, Sendable {
  let value: Value?

  init(_ value: Value?) { self.value = value }

  func encode(to encoder: any Encoder) throws {
    var single = encoder.singleValueContainer()
    try single.encode(value)
  }
}
