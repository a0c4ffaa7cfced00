/// OmniZip (arXiv 2511.14582): before the decoder, audio keeps the tokens that receive most
/// attention, and a few anchors into which others are merged. In each window, the share of audio
/// kept determines the share of video kept. The published bounds of that share, 25 to 65 %,
/// determine the proportions between windows; the total counts are those of the budget.
///
/// Cost: O(A·V·d) for A audio and V video tokens of width d.
enum OmniZip {
  static let methods = [
    MethodDefinition(
      method: .omnizip, summary: "OmniZip: video budget per window from its audio scores",
      parameters: [.budget, .gridsPerWindow, .audioWindowSeconds, VisionZip.anchors],
      plan: { settings, _ in
        SelectionPlan(
          method: .omnizip,
          encoderRule: AudioGuidedRule(
            video: settings.budget.video, audio: settings.budget.audio,
            contextual: settings[VisionZip.anchors], windows: settings.windows))
      })
  ]
}

extension SelectionMethod {
  public static let omnizip = SelectionMethod(named: "omnizip")
}
