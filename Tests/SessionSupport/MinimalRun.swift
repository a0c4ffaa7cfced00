import OmniModel
import Runs
import Selection
import Sessions

extension SessionEvent {
  /// The first event of a run of a small model without media.
  public static let minimalRun = SessionEvent.opened(
    RunSubject(
      model: ModelSummary(
        name: "m", architecture: "a",
        decoder: DecoderShape(
          layers: 2, hidden: 4, keyValueWidth: 4, intermediate: 4, vocabulary: 9),
        dtype: "float32", parameters: 1),
      clip: ClipSummary(
        title: "t", source: "s", seconds: nil, frames: 0, question: "q", choices: [], answer: nil,
        audit: []),
      prompt: PromptSummary(modalities: [.text], windows: 0, tokensPerGrid: 0)),
    settings: SelectionSettings(dropLayers: [], lateLayer: nil), plan: .full)
}
