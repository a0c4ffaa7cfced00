import Foundation
import Media
import OmniModel
import Selection

/// One run in numbers: the `seats-top/report/1` object, field for field.
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
    /// Which files, keys and tensors decided about the model.
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
    /// Where it was read, and the settings in force, by their keys; presets are spelled out.
    let source: String
    let input: InputSettings
    /// What one temporal grid stands for in positions; null without video. Of a conversation, that of
    /// its first video.
    let secondsPerGrid: Nullable<Double>
    /// The media of a conversation, in order; left out for one clip and one question.
    let parts: [Part]?
  }

  struct Part: Encodable {
    let place, kind, title, source: String
    let seconds: Nullable<Double>
    let frames: Int
    /// Tokens before any selection.
    let image, video, audio: Int
    let secondsPerGrid: Nullable<Double>
  }

  struct Tokens: Encodable {
    let text, video, audio, total, windows: Int
    /// Stands for pixels, samples, ids and positions.
    let contentHash: String
  }

  struct Plan: Encodable {
    let method: String
    let videoRatio, audioRatio, encoderVideoRatio, encoderAudioRatio: Double
    let dropLayers: [Int]
    let lateLayer: Nullable<Int>
    let videoKeepRatios, audioKeepRatios: [Double]
    let gridsPerWindow, audioWindowSeconds: Int
    let windowTemperature: Float
    /// λ and the seed as they were asked for, whether the method uses them or not.
    let encoderScale: Double
    let seed: UInt64
    /// Video and audio retention together, averaged over layers, as it came out.
    let retentionReached: Double
  }

  /// What was asked for: the options that make the same run again.
  struct Settings: Encodable {
    let method: String
    let videoRatio, audioRatio, encoderScale: Double
    let dropLayers: [Int]
    let lateLayer: Nullable<Int>
    let gridsPerWindow, audioWindowSeconds: Int
    let windowTemperature: Float
    let seed: UInt64
    /// Parameters that methods declare themselves, where they are not at their defaults.
    let parameters: [String: Double]?
  }

  struct Stage1: Encodable {
    let kept: [Int]
    let videoKept, audioKept: Int
    let ms: Double
    /// Absent where nothing was merged.
    let merges: Merges?
  }

  /// Tokens that were merged into survivors: entry by entry, positions and the weight beside the
  /// survivor's own, which is 1.
  struct Merges: Encodable {
    let tokens, survivors: [Int]
    let weights: [Float]
  }

  struct Boundary: Encodable {
    let afterLayer: Int
    let kind: DropRecord.Kind
    let path: DropRecord.Path
    let kept: [Int]
    let video, audio: Int
    let scores: [Float]
    let windows: [WindowRecord]
    let ms: Double
    /// Absent where nothing was merged.
    let merges: Merges?
  }

  struct Layer: Encodable {
    /// Tokens the layer processed, its own wall time, and the keys and values it holds after the
    /// prefill.
    let layer, text, video, audio: Int
    let ms, attentionMs, feedForwardMs: Double
    let kvBytes: Int
    let referenceFlops: Double
  }

  struct Flops: Encodable {
    let referenceFull, referenceSelected, reduction, executed: Double
  }

  struct Timing: Encodable {
    let mediaMs, visionEncoderMs, audioEncoderMs, stage1Ms, prefillMs, selectionMs: Double
    let headMs: Double
    let decodeMsPerToken: Nullable<Double>
  }

  /// What repeating the prefill showed.
  struct Repeated: Encodable {
    struct Times: Encodable {
      let runs: Int
      let medianMs, leastMs, mostMs: Double
    }

    let prefill, fullPrefill: Times?
  }

  struct Memory: Encodable {
    /// The most this process held so far.
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

/// A value that is written as `null` where there is none, instead of being left out.
struct Nullable<Value: Encodable & Sendable>: Encodable, Sendable {
  let value: Value?

  init(_ value: Value?) { self.value = value }

  func encode(to encoder: any Encoder) throws {
    var single = encoder.singleValueContainer()
    try single.encode(value)
  }
}
