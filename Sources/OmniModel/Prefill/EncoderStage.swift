import Selection
import Tensors

/// Inputs of an encoder rule from the thinker.
extension EncoderInputs {
  /// One per clip, with tokens of other clips as text; at least one.
  static func each(
    _ encoded: EncodedMedia, _ prompt: Prompt, _ thinker: Thinker
  ) -> [EncoderInputs] {
    guard prompt.clips.count > 1 else {
      return [
        EncoderInputs(
          encoded.clips.first ?? EncodedClip(), prompt.clips.first, prompt.modalities, thinker)
      ]
    }
    return prompt.clips.indices.map { clip in
      let modalities = prompt.modalities.enumerated().map { position, modality in
        prompt.clipOfToken[position] == clip ? modality : .text
      }
      return EncoderInputs(encoded.clips[clip], prompt.clips[clip], modalities, thinker)
    }
  }

  private init(
    _ encoded: EncodedClip, _ clip: PromptClip?, _ modalities: [Modality], _ thinker: Thinker
  ) {
    let grid = clip?.videoGrid?.perTime
    let group = thinker.configuration.vision.mergeGroup
    let audioUnits = thinker.configuration.definition.audio?.unitsPerSecond ?? 0
    self.init(
      modalities: modalities, gridTokens: grid ?? 0, gridColumns: clip?.videoGrid?.columns ?? 0,
      video: encoded.video.flatMap { video in
        grid.map { grid in
          WindowedTokens(encoded: video) { $0.grids * grid * group }
        }
      },
      audio: encoded.audio.map { audio in
        WindowedTokens(encoded: audio) { $0.audioSeconds * audioUnits }
      })
  }
}

/// Tokens of an encoder, with the lengths of its windows.
private struct WindowedTokens: EncodedTokens {
  let encoded: EncodedModality
  /// Encoder units (patches, frames) in a window.
  let units: @Sendable (SelectionWindows) -> Int

  var features: Tensor { encoded.features }

  func attentionReceived(in windows: SelectionWindows) -> [Float] {
    encoded.attention.received(windowUnits: units(windows))
  }

  func attentionFlops(in windows: SelectionWindows) -> Double {
    encoded.attention.flops(windowUnits: units(windows))
  }

  func keyMeans() -> Tensor { encoded.attention.keyMeans() }
}

extension Tensor {
  /// Rows `kept` of a sequence, with the rule's changes.
  func gatherRows(_ kept: [Int], changedBy outcome: RuleOutcome) -> Tensor {
    guard !outcome.changed.isEmpty else { return gatherRows(kept) }
    var changed = self
    for change in outcome.changed { changed.scatterRows(change.rows, to: change.offsets) }
    return changed.gatherRows(kept)
  }
}
