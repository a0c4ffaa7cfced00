import Basics
import Foundation
import Media
import OmniModel
import Runs
import Selection

extension RunSubject {
  init(_ run: TraceRun, _ origin: RunOrigin) throws(TraceProblem) {
    let prompt = try PromptSummary(run.tokens)
    self.init(
      model: try ModelSummary(run.model), clip: try ClipSummary(run.clip, prompt), prompt: prompt,
      media: try PromptMedia(run.media, prompt), origin: origin)
  }
}

extension ModelSummary {
  init(_ model: TraceRun.Model) throws(TraceProblem) {
    func size(_ value: Int?, _ key: String) throws(TraceProblem) -> Int {
      try TraceCheck.count(value, "model.\(key)", in: 0...1 << 24)
    }
    var decoder = DecoderShape(
      layers: try TraceCheck.count(model.layers, "model.layers", in: 1...TraceLimits.layers),
      hidden: try size(model.hidden, "hidden"),
      keyValueWidth: try size(model.kv_width, "kv_width"),
      intermediate: try size(model.intermediate, "intermediate"),
      vocabulary: try size(model.vocabulary, "vocabulary"))
    if let bytes = model.number_bytes {
      decoder.bytesPerNumber = try TraceCheck.count(bytes, "model.number_bytes", in: 1...8)
    }
    if let nominal = model.nominal_kv_width {
      decoder.nominalKeyValueWidth = try size(nominal, "nominal_kv_width")
    }
    self.init(
      name: model.name, architecture: model.architecture ?? "", decoder: decoder,
      dtype: model.dtype ?? "",
      parameters: try TraceCheck.count(
        model.parameters, "model.parameters", in: 0...TraceLimits.memory),
      family: model.family.flatMap { $0.isEmpty ? nil : ModelFamily(rawValue: $0) })
    engine = model.engine
  }
}

extension ClipSummary {
  init(_ clip: TraceRun.Clip?, _ prompt: PromptSummary) throws(TraceProblem) {
    let parts = clip?.parts ?? []
    guard parts.count <= max(1, prompt.clips.count) else {
      throw TraceCheck.bad("clip.parts", "\(parts.count)", "the count of clips in tokens.clip")
    }
    let counts = ClipCounts.of(prompt)
    var known: [ClipPart] = []
    for (index, part) in parts.enumerated() { known.append(try ClipPart(part, counts[index])) }
    self.init(
      title: clip?.title ?? "", source: clip?.source ?? "",
      seconds: try clip?.seconds.map { seconds throws(TraceProblem) in
        try TraceCheck.number(seconds, "clip.seconds", in: 0...1e9)
      },
      frames: try TraceCheck.count(clip?.frames, "clip.frames", in: 0...1 << 24),
      question: clip?.question ?? "", choices: clip?.choices ?? [], answer: clip?.answer,
      audit: (clip?.audit ?? []).map {
        AuditEntry($0.subject, $0.fact, isWarning: $0.warning ?? false)
      }, input: try Self.input(clip?.input ?? [:]), parts: known)
  }

  private static func input(_ values: [String: String]) throws(TraceProblem) -> InputSettings {
    do {
      return try InputSettings(
        values.sorted { $0.key < $1.key }.map { (key: $0.key, text: $0.value) })
    } catch {
      throw TraceCheck.bad("clip.input", error.words, "input settings as text")
    }
  }
}

extension ClipPart {
  init(_ part: TraceRun.Clip.Part, _ counts: ModalityCounts) throws(TraceProblem) {
    self.init(
      place: part.place ?? "", kind: part.kind ?? "", title: part.title ?? "",
      source: part.source ?? "",
      seconds: try part.seconds.map { seconds throws(TraceProblem) in
        try TraceCheck.number(seconds, "clip.parts.seconds", in: 0...1e9)
      }, frames: try TraceCheck.count(part.frames, "clip.parts.frames", in: 0...1 << 24),
      image: counts.image, video: counts.video, audio: counts.audio)
  }
}

/// Token counts of each clip, without text tokens.
private enum ClipCounts {
  static func of(_ prompt: PromptSummary) -> [ModalityCounts] {
    guard !prompt.clips.isEmpty else {
      var all = prompt.counts
      all.text = 0
      return [all]
    }
    var counts = prompt.clips.map { _ in ModalityCounts() }
    for (clip, modality) in zip(prompt.clipOfToken, prompt.modalities) {
      if let clip { counts[clip][modality] += 1 }
    }
    return counts
  }
}

extension PromptSummary {
  init(_ tokens: TraceRun.Tokens) throws(TraceProblem) {
    let modalities = try Self.modalities(tokens.modality)
    let columns = try TokenColumns(tokens, modalities)
    self.init(
      modalities: modalities,
      windows: TemporalWindows(modalities, clips: columns.clips).windows.count,
      tokensPerGrid: columns.perGrid, tokens: columns.rows,
      contentHash: try Self.contentHash(tokens.content_hash), clips: columns.shapes)
  }

  private static func contentHash(_ text: String?) throws(TraceProblem) -> UInt64 {
    guard let text else { return 0 }
    guard let hash = UInt64(text, radix: 16) else {
      throw TraceCheck.bad("tokens.content_hash", text, "up to 16 hexadecimal digits")
    }
    return hash
  }

  private static func modalities(_ letters: String) throws(TraceProblem) -> [Modality] {
    guard 1...TraceLimits.tokens ~= letters.utf8.count else {
      let found = "\(letters.utf8.count) tokens"
      throw TraceCheck.bad("tokens.modality", found, "1 to \(TraceLimits.tokens)")
    }
    var modalities: [Modality] = []
    modalities.reserveCapacity(letters.utf8.count)
    for letter in letters.utf8 {
      switch letter {
      case UInt8(ascii: "T"): modalities.append(.text)
      case UInt8(ascii: "I"): modalities.append(.image)
      case UInt8(ascii: "V"): modalities.append(.video)
      case UInt8(ascii: "A"): modalities.append(.audio)
      default:
        let found = String(decoding: [letter], as: UTF8.self)
        throw TraceCheck.bad("tokens.modality", found, "the letters T, I, V and A")
      }
    }
    return modalities
  }
}

/// The token columns of a `run` line, validated and converted to one row per token.
private struct TokenColumns {
  let rows: [PromptToken]
  let perGrid: Int
  /// Index of the clip of each token, and token counts of each clip; empty for one clip.
  let clips: [Int?]
  let shapes: [ClipShape]

  init(_ tokens: TraceRun.Tokens, _ modalities: [Modality]) throws(TraceProblem) {
    let count = modalities.count
    let ids = try TraceCheck.column(tokens.ids, "tokens.ids", count: count)
    let t = try Self.positions(tokens.t, "tokens.t", count)
    let h = try Self.positions(tokens.h, "tokens.h", count)
    let w = try Self.positions(tokens.w, "tokens.w", count)
    let seconds = try TraceCheck.column(tokens.seconds, "tokens.seconds", count: count)
    if let odd = seconds.first(where: { !($0 >= -1 && $0 < 1e9) }) {
      throw TraceCheck.bad("tokens.seconds", "\(odd)", "seconds, or -1")
    }
    let clip = try Self.places(tokens.clip, "tokens.clip", count)
    if let odd = clip.first(where: { $0 >= TraceLimits.clips }) {
      throw TraceCheck.bad("tokens.clip", "\(odd)", "less than \(TraceLimits.clips)")
    }
    let window = try Self.places(tokens.window, "tokens.window", count)
    let grid = try Self.places(tokens.grid, "tokens.grid", count)
    let row = try Self.places(tokens.row, "tokens.row", count)
    let column = try Self.places(tokens.column, "tokens.column", count)
    let hasPositions = !t.isEmpty && !h.isEmpty && !w.isEmpty
    let rows = modalities.indices.map { index in
      PromptToken(
        id: ids.isEmpty ? nil : ids[index], modality: modalities[index],
        position: hasPositions ? SIMD3(t[index], h[index], w[index]) : nil,
        clip: Self.at(index, clip), window: Self.at(index, window),
        seconds: Self.at(index, seconds),
        grid: Self.at(index, grid), row: Self.at(index, row), column: Self.at(index, column))
    }
    self.rows = rows
    clips = clip.isEmpty ? [] : rows.map(\.clip)
    shapes = Self.shapes(rows)
    let first = rows.first { $0.modality == .video }?.grid
    let counted = first.map { first in
      rows.count { $0.modality == .video && $0.grid == first }
    }
    perGrid = try TraceCheck.count(
      tokens.tokens_per_grid, "tokens.tokens_per_grid", in: 0...TraceLimits.tokens,
      default: counted ?? 0)
  }

  private static func shapes(_ rows: [PromptToken]) -> [ClipShape] {
    guard let last = rows.lazy.compactMap(\.clip).max() else { return [] }
    var shapes = [ClipShape](
      repeating: .init(video: 0, audio: 0, tokensPerGrid: 0), count: last + 1)
    var firstGrids = [Int?](repeating: nil, count: last + 1)
    for row in rows {
      guard let clip = row.clip else { continue }
      if row.modality == .audio { shapes[clip].audio += 1 }
      guard row.modality == .video else { continue }
      if shapes[clip].video == 0 { firstGrids[clip] = row.grid }
      shapes[clip].video += 1
      if row.grid == firstGrids[clip] { shapes[clip].tokensPerGrid += 1 }
    }
    return shapes
  }

  private static func positions(
    _ values: [Float]?, _ key: String, _ count: Int
  ) throws(TraceProblem) -> [Float] {
    let column = try TraceCheck.column(values, key, count: count)
    if let odd = column.first(where: { !(abs($0) < 1e9) }) {
      throw TraceCheck.bad(key, "\(odd)", "positions below 1e9")
    }
    return column
  }

  private static func places(
    _ values: [Int]?, _ key: String, _ count: Int
  ) throws(TraceProblem) -> [Int] {
    let column = try TraceCheck.column(values, key, count: count)
    if let odd = column.first(where: { $0 < -1 || $0 > TraceLimits.tokens }) {
      throw TraceCheck.bad(key, "\(odd)", "-1 to \(TraceLimits.tokens)")
    }
    return column
  }

  private static func at<Value: SignedNumeric & Comparable>(
    _ index: Int, _ column: [Value]
  ) -> Value? {
    column.isEmpty || column[index] < 0 ? nil : column[index]
  }
}

extension PromptMedia {
  /// Validates the media of a trace.
  /// - Parameter prompt: the prompt, whose token counts must match.
  init(_ media: TraceRun.Media?, _ prompt: PromptSummary) throws(TraceProblem) {
    let text = media?.text ?? []
    guard text.isEmpty || text.count == prompt.counts.text else {
      throw TraceCheck.bad("media.text", "\(text.count)", "\(prompt.counts.text) text tokens")
    }
    guard let clips = media?.clips else {
      self.init(
        clips: [
          try ClipMedia(
            .init(video: media?.video, audio: media?.audio), video: prompt.counts.video,
            audio: prompt.counts.audio)
        ], text: text)
      return
    }
    guard clips.count == prompt.clips.count else {
      let expected = "\(prompt.clips.count), as in tokens.clip"
      throw TraceCheck.bad("media.clips", "\(clips.count)", expected)
    }
    var all: [ClipMedia] = []
    for (clip, shape) in zip(clips, prompt.clips) {
      all.append(try ClipMedia(clip, video: shape.video, audio: shape.audio))
    }
    self.init(clips: all, text: text)
  }
}

extension ClipMedia {
  /// Validates the media of one clip.
  /// - Parameter video, audio: token counts of the clip, which must match.
  init(_ clip: TraceRun.Media.Clip, video: Int, audio: Int) throws(TraceProblem) {
    self.init(
      video: try clip.video.map { pictures throws(TraceProblem) in
        try VideoPictures(pictures, tokens: video)
      },
      audio: try clip.audio.map { levels throws(TraceProblem) in
        try AudioLevels(levels, tokens: audio)
      })
  }
}

extension VideoPictures {
  /// Validates thumbnails; without pixels they are grey.
  init(_ video: TraceRun.Media.Video, tokens: Int) throws(TraceProblem) {
    let size = [video.times, video.rows, video.columns].reduce(1.0) { $0 * Double($1) }
    guard size == Double(tokens) else {
      let found = "\(video.times) × \(video.rows) × \(video.columns)"
      throw TraceCheck.bad("media.video.times", found, "\(tokens) video tokens")
    }
    let side = video.rgb == nil ? 1 : video.side ?? 1
    let pictures = VideoPictures(
      times: video.times, rows: video.rows, columns: video.columns,
      secondsPerGrid: try TraceCheck.number(
        video.seconds_per_grid, "media.video.seconds_per_grid", in: 1e-9...1e6), side: side,
      pixels: video.rgb ?? Data(repeating: 128, count: tokens * 3))
    guard let pictures else {
      let expected = "times × rows × columns × side² × 3"
      throw TraceCheck.bad("media.video.rgb", "\(video.rgb?.count ?? 0) bytes", expected)
    }
    self = pictures
  }
}

extension AudioLevels {
  init(_ audio: TraceRun.Media.Audio, tokens: Int) throws(TraceProblem) {
    guard audio.tokens == tokens else {
      throw TraceCheck.bad("media.audio.tokens", "\(audio.tokens)", "\(tokens) audio tokens")
    }
    let levels = AudioLevels(
      tokens: tokens, bands: audio.bands,
      secondsPerToken: try TraceCheck.number(
        audio.seconds_per_token, "media.audio.seconds_per_token", in: 1e-9...1e6),
      levels: audio.levels)
    guard let levels else {
      let found = "\(audio.levels.count) bytes"
      throw TraceCheck.bad("media.audio.levels", found, "tokens × bands")
    }
    self = levels
  }
}

extension RunOrigin {
  /// The origin of a recorded run. A method counts as known only if the trace contains its ratios.
  init(_ run: TraceRun, _ header: TraceHeader?) {
    let name = run.settings?.method ?? run.plan?.method
    let unstated = TraceSettings.unstatedKeys(run.settings)
    let hasRatios = !unstated.contains("video_ratio") && !unstated.contains("audio_ratio")
    let isOurs = hasRatios && name.map { SelectionMethod(named: $0).definition != nil } ?? false
    self.init(
      writer: header?.writer, method: isOurs ? nil : name ?? "recorded",
      statesPlan: run.plan != nil, unstatedSettings: unstated, runID: header?.run_id)
  }
}
