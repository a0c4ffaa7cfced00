import Selection
import Tensors

/// What an encoder rule may ask of the thinker.
extension EncoderInputs {
  init(_ encoded: EncodedMedia, _ prompt: Prompt, _ thinker: Thinker) {
    let grid = prompt.videoGrid?.perTime
    let group = thinker.configuration.vision.mergeGroup
    let audioUnits = thinker.configuration.family.audioUnitsPerSecond
    self.init(
      modalities: prompt.modalities, gridTokens: grid ?? 0,
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
  /// Rows `kept` of a sequence, as a rule has changed them.
  func gatherRows(_ kept: [Int], changedBy outcome: RuleOutcome) -> Tensor {
    guard !outcome.changed.isEmpty else { return gatherRows(kept) }
    var changed = self
    for change in outcome.changed { changed.scatterRows(change.rows, to: change.offsets) }
    return changed.gatherRows(kept)
  }
}
