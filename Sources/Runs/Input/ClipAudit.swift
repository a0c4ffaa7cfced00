import Basics
import Foundation
import Media
import OmniModel
import Selection

extension ClipSummary {
  /// Summary of the loaded clips and of their preprocessing.
  init(_ loaded: LoadedConversation, _ prompt: Prompt, _ thinker: Thinker) {
    let clips = loaded.parts.map(\.clip)
    let only = clips.count == 1 ? clips.first : nil
    let seconds = clips.reduce(0) { $0 + $1.seconds }
    self.init(
      title: only?.title ?? URL(filePath: loaded.source).lastPathComponent,
      source: loaded.source, seconds: seconds > 0 ? seconds : nil,
      frames: clips.reduce(0) { $0 + ($1.video?.frames.count ?? 0) },
      question: loaded.conversation.question, choices: only?.choices ?? [], answer: only?.answer,
      audit: Self.audit(loaded, prompt, thinker), input: loaded.settings,
      parts: zip(loaded.parts, prompt.clips).filter { !$0.0.place.isEmpty }.map(ClipPart.init))
  }

  /// Audit entries about clips and model. If there are several clips, each entry names its clip.
  public static func audit(
    _ loaded: LoadedConversation?, _ prompt: Prompt, _ thinker: Thinker
  ) -> [AuditEntry] {
    var entries: [AuditEntry] = []
    for (index, clip) in prompt.clips.enumerated() {
      let part = loaded?.parts[index]
      let lines = (part?.clip.audit ?? []).map {
        AuditEntry("\($0.subject.rawValue) \($0.name)", $0.value, isWarning: $0.isNotice)
      }
      let input = part.map { InputAudit($0.clip, clip.audit, thinker).entries } ?? []
      let own = lines + (part?.notices ?? []) + prepared(clip.audit) + input
      guard prompt.clips.count > 1 else {
        entries += own
        continue
      }
      let name = "clip \(index + 1)"
      if let part { entries.append(AuditEntry(name, ClipPart(part, clip).fact)) }
      entries += own.map { AuditEntry("\(name) \($0.subject)", $0.fact, isWarning: $0.isWarning) }
    }
    if let fact = prompt.chatFact {
      entries.append(AuditEntry(fact.subject, fact.fact, isWarning: fact.isWarning))
    }
    return entries + model(thinker) + layers(thinker) + checkpoint(thinker)
  }

  /// Audit entries about the model.
  private static func model(_ thinker: Thinker) -> [AuditEntry] {
    guard thinker.isDummy else { return [] }
    let fact =
      "random weights for \(thinker.directory): times are valid, answers are not; "
      + "without a vocabulary, a token is a byte"
    return [AuditEntry("model", fact, isWarning: true)]
  }

  /// Audit entries about the default drop layers; none if they are published for the model.
  private static func layers(_ thinker: Thinker) -> [AuditEntry] {
    let layers = thinker.configuration.text.layers
    let scaled = SelectionSettings(defaultsForLayers: layers)
    guard thinker.publishedDrops == nil, let late = scaled.lateLayer else { return [] }
    let dropsNothing = thinker.configuration.family.published.depthsWithoutDrops.contains(layers)
    let reason = dropsNothing ? "the published ones have no layer drops" : "none are published"
    let drops = scaled.dropLayers.map(String.init).joined(separator: "-")
    let fact =
      "for \(layers) layers \(reason): \(drops.isEmpty ? "no drops" : drops) and late layer \(late) "
      + "are 16-18-20 and 24 of 28, scaled"
    return [AuditEntry("plan layers", fact)]
  }

  /// Audit entries about files and keys of the checkpoint.
  private static func checkpoint(_ thinker: Thinker) -> [AuditEntry] {
    thinker.facts.map { AuditEntry($0.subject, $0.fact, isWarning: $0.isWarning) }
  }

  private static func prepared(_ prompt: PromptAudit) -> [AuditEntry] {
    var entries: [AuditEntry] = []
    if let from = prompt.frameSize, let to = prompt.resizedFrame {
      entries.append(AuditEntry("video resized", resizing(from, to)))
    }
    if let grid = prompt.grid {
      entries.append(
        AuditEntry(
          "video tokens",
          "\(grid.count) = \(grid.times) grids × \(grid.rows) rows × \(grid.columns) columns"))
    }
    if let from = prompt.imageSize, let to = prompt.resizedImage {
      entries.append(AuditEntry("image resized", resizing(from, to)))
      let isLarge = prompt.imageTokens > Self.manyImageTokens
      entries.append(
        AuditEntry(
          "image tokens",
          isLarge
            ? "\(prompt.imageTokens) from one image: scale it down for a shorter prefill"
            : "\(prompt.imageTokens)", isWarning: isLarge))
    }
    if let frames = prompt.melFrames, let seconds = prompt.usedAudioSeconds {
      let used = String(format: "%d mel frames, %.2f s", frames, seconds)
      entries.append(AuditEntry("audio used", used))
      entries.append(AuditEntry("audio tokens", "\(prompt.audioTokens)"))
    }
    if prompt.unusedAudioSeconds > 0, prompt.usedAudioSeconds == nil {
      let unused = String(
        format: "%.1f s not used: the model accepts no audio here", prompt.unusedAudioSeconds)
      entries.append(AuditEntry("no audio", unused, isWarning: true))
    } else if prompt.unusedAudioSeconds > 0 {
      let cut = String(
        format: "the last %.1f s are not used: at most %.0f s",
        prompt.unusedAudioSeconds, prompt.usedAudioSeconds ?? 0)
      entries.append(AuditEntry("audio cut", cut, isWarning: true))
    }
    return entries
  }

  /// Number of image tokens above which a notice is given; 4000 tokens are 3.1 megapixels.
  private static let manyImageTokens = 4000

  private static func resizing(
    _ from: (height: Int, width: Int), _ to: (height: Int, width: Int)
  ) -> String {
    let size = "\(to.width)×\(to.height) pixels"
    return from == to ? size : "\(from.width)×\(from.height) to \(size)"
  }
}

extension ClipPart {
  init(_ part: LoadedConversation.Part, _ clip: PromptClip) {
    self.init(
      place: part.place, kind: part.kind.rawValue, title: part.clip.title,
      source: part.clip.source, seconds: part.clip.seconds > 0 ? part.clip.seconds : nil,
      frames: part.clip.video?.frames.count ?? 0, image: clip.imageGrid?.count ?? 0,
      video: clip.videoGrid?.count ?? 0, audio: clip.audioTokens)
  }

  /// Kind, path and token counts of a media part, as text.
  public var fact: String {
    let counts = [(image, "image"), (video, "video"), (audio, "audio")].filter { $0.0 > 0 }
      .map { "\($0.0) \($0.1)" }.joined(separator: ", ")
    return "\(kind) \(title), \(place): \(counts.isEmpty ? "no" : counts) tokens"
  }
}
