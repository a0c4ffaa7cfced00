/// OmniZip (arXiv 2511.14582): before the decoder, audio keeps its most attended tokens and a few
/// anchors into which others are merged; the share of audio kept in a window sets the share of its
/// video. The published bounds on that share, 25 to 65 %, set the proportions between windows; the
/// totals are those of the budget.
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
