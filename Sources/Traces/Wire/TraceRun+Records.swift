import Basics
import Foundation
import Runs
import Selection

extension TraceRun {
  init(_ subject: RunSubject, _ settings: SelectionSettings, _ plan: SelectionPlan) {
    model = Model(subject.model)
    clip = Clip(subject.clip)
    tokens = Tokens(subject.prompt)
    media = Media(subject.media)
    self.settings = TraceSettings(settings)
    self.plan = TracePlan(plan)
  }
}

extension TraceRun.Model {
  init(_ model: ModelSummary) {
    let decoder = model.decoder
    let nominal = decoder.nominalKeyValueWidth
    self.init(
      name: model.name, architecture: model.architecture, layers: decoder.layers,
      hidden: decoder.hidden, kv_width: decoder.keyValueWidth,
      nominal_kv_width: nominal == decoder.keyValueWidth ? nil : nominal,
      intermediate: decoder.intermediate,
      vocabulary: decoder.vocabulary, dtype: model.dtype, parameters: model.parameters,
      family: model.family.rawValue, engine: model.engine,
      number_bytes: decoder.bytesPerNumber == 4 ? nil : decoder.bytesPerNumber)
  }
}

extension TraceRun.Clip {
  init(_ clip: ClipSummary) {
    self.init(
      title: clip.title, source: clip.source, seconds: clip.seconds, frames: clip.frames,
      question: clip.question, choices: clip.choices, answer: clip.answer,
      audit: clip.audit.map {
        Fact(subject: $0.subject, fact: $0.fact, warning: $0.isWarning ? true : nil)
      }, input: clip.input.isEmpty ? nil : clip.input.byKey)
    guard !clip.parts.isEmpty else { return }
    parts = clip.parts.map {
      Part(
        place: $0.place, kind: $0.kind, title: $0.title, source: $0.source, seconds: $0.seconds,
        frames: $0.frames)
    }
  }
}

extension TraceRun.Tokens {
  init(_ prompt: PromptSummary) {
    let letters: [Character] = prompt.modalities.map {
      switch $0 {
      case .text: "T"
      case .image: "I"
      case .video: "V"
      case .audio: "A"
      }
    }
    self.init(modality: String(letters), tokens_per_grid: prompt.tokensPerGrid)
    let tokens = prompt.tokens
    if prompt.contentHash != 0 { content_hash = prompt.contentHash.hexadecimal }
    guard !tokens.isEmpty else { return }
    ids = Self.column(tokens) { $0.id }
    t = Self.column(tokens) { $0.position?.x }
    h = Self.column(tokens) { $0.position?.y }
    w = Self.column(tokens) { $0.position?.z }
    clip = Self.sparse(tokens) { $0.clip }
    window = Self.sparse(tokens) { $0.window }
    seconds = Self.sparse(tokens) { $0.seconds }
    grid = Self.sparse(tokens) { $0.grid }
    row = Self.sparse(tokens) { $0.row }
    column = Self.sparse(tokens) { $0.column }
  }

  /// A column with one value per token; nil if any token has no value.
  private static func column<Value>(
    _ tokens: [PromptToken], _ value: (PromptToken) -> Value?
  ) -> [Value]? {
    let column = tokens.compactMap(value)
    return column.count == tokens.count ? column : nil
  }

  /// A column with −1 for tokens without a value; nil if no token has one.
  private static func sparse<Value: SignedNumeric>(
    _ tokens: [PromptToken], _ value: (PromptToken) -> Value?
  ) -> [Value]? {
    let column = tokens.map(value)
    return column.contains { $0 != nil } ? column.map { $0 ?? -1 } : nil
  }
}

extension TraceRun.Media {
  init(_ media: PromptMedia) {
    let all = media.clips.map(Clip.init)
    let only = all.count == 1 ? all.first : nil
    self.init(
      video: only?.video, audio: only?.audio, clips: all.count > 1 ? all : nil, text: media.text)
  }
}

extension TraceRun.Media.Clip {
  init(_ clip: ClipMedia) {
    self.init(
      video: clip.video.map {
        .init(
          times: $0.times, rows: $0.rows, columns: $0.columns,
          seconds_per_grid: $0.secondsPerGrid, side: $0.side, rgb: $0.pixels)
      },
      audio: clip.audio.map {
        .init(
          tokens: $0.tokens, bands: $0.bands, seconds_per_token: $0.secondsPerToken,
          levels: $0.levels)
      })
  }
}

extension TraceSettings {
  init(_ settings: SelectionSettings) {
    self.init(
      method: settings.method.rawValue, video_ratio: settings.budget.video,
      audio_ratio: settings.budget.audio, encoder_scale: settings.encoderScale,
      drop_layers: settings.dropLayers, late_layer: settings.lateLayer,
      grids_per_window: settings.windows.grids,
      audio_window_seconds: settings.windows.audioSeconds,
      window_temperature: settings.windowTemperature, seed: settings.seed,
      parameters: settings.values.isEmpty ? nil : settings.values,
      keep: settings.forced.kept.isEmpty ? nil : settings.forced.kept.entries,
      drop: settings.forced.dropped.isEmpty ? nil : settings.forced.dropped.entries)
  }
}

extension TracePlan {
  init(_ plan: SelectionPlan) {
    self.init(
      method: plan.method.rawValue, stage1: plan.encoderRule.map(EncoderRuleEntry.init),
      boundaries: plan.boundaries.map(BoundaryEntry.init), notes: plan.notes)
  }
}
