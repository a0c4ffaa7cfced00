import Foundation
import Media
import OmniModel

/// Audit entries about input settings: their effects, and differences from published preprocessing.
struct InputAudit {
  private let clip: Clip
  private let prompt: PromptAudit
  private let family: ModelFamily
  private let framesPerGrid: Int
  private let settings: InputSettings

  init(_ clip: Clip, _ prompt: PromptAudit, _ thinker: Thinker) {
    (self.clip, self.prompt) = (clip, prompt)
    family = thinker.configuration.family
    framesPerGrid = thinker.configuration.framesPerGrid
    settings = clip.settings
  }

  var entries: [AuditEntry] {
    settings.entries.map { AuditEntry("input \($0.field.rawValue)", $0.text) } + pixels + positions
  }

  /// Audit entries about pixel limits that reduced the frames or could not be met.
  private var pixels: [AuditEntry] {
    guard !clip.isPrepared, let video = clip.video, let resized = prompt.resizedFrame else {
      return []
    }
    let sizes = MediaFrameResizing(settings, for: family)
    let bounds = sizes.bounds(frames: video.frames.count)
    var entries: [AuditEntry] = []
    if bounds.isLowered {
      entries.append(
        .warning(
          "video pixels",
          "min_pixels lowered to max_pixels, \(Int(bounds.most)); qwen_omni_utils rejects this"))
    }
    if bounds.isCapped, let asked = settings.maxPixels {
      entries.append(
        .warning(
          "video pixels",
          "max_pixels is \(asked) and a frame may have \(Int(bounds.most)): the published limit, or "
            + "what total_pixels leaves each of \(video.frames.count) frames"))
    } else if Self.isFull(video.height, video.width, bounds.most, sizes.unit) {
      entries.append(
        .warning(
          "video pixels", "frames scaled to at most \(Int(bounds.most)) pixels each"))
    }
    let area = resized.height * resized.width
    if let most = settings.maxPixels, area > most, area > video.height * video.width {
      entries.append(
        .warning(
          "video pixels",
          "frames scaled up to the minimum of \(area) pixels, above max_pixels"))
    }
    return entries
  }

  /// Whether the frame has as many pixels as the limit allows.
  private static func isFull(
    _ height: Int, _ width: Int, _ most: Double, _ unit: Int
  ) -> Bool {
    Double(height * width) <= most && Double((height + unit) * (width + unit)) > most
  }

  /// Audit entries about seconds per grid that differ from the sampling rate or from the published
  /// value.
  private var positions: [AuditEntry] {
    guard let video = clip.video else { return [] }
    let used = settings.secondsPerGrid(
      rate: video.framesPerSecond, family, framesPerGrid: framesPerGrid)
    let actual = Double(framesPerGrid) / video.framesPerSecond
    let published =
      family.published.secondsPerGrid.map { $0 * Double(framesPerGrid) / 2 } ?? actual
    let isActual = abs(used - actual) < 1e-9 * actual
    let isPublished = abs(used - published) < 1e-9
    if isActual, isPublished { return [] }
    var facts = ["a grid counts as \(Self.text(used)) s"]
    if !isActual { facts.append("spans \(Self.text(actual)) s as sampled") }
    if !isPublished { facts.append("counts as \(Self.text(published)) s in the published scripts") }
    return [.warning("positions", facts.joined(separator: ", "))]
  }

  private static func text(_ seconds: Double) -> String { String(format: "%.3f", seconds) }
}

extension AuditEntry {
  static func warning(_ subject: String, _ fact: String) -> AuditEntry {
    AuditEntry(subject, fact, isWarning: true)
  }
}
