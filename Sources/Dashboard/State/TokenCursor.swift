import Selection

extension TokenSources {
  /// Index of the frame of a token within its clip; for text, of the token before it.
  func frame(of position: Int) -> Int {
    let clip = clip(of: position)
    switch modalities[position] {
    case .video: return ordinal(position) / clip.tokensPerGrid
    case .audio:
      let time = (Double(ordinal(position)) + 0.5) * clip.secondsPerAudioToken
      return Int(bounded: time / clip.secondsPerGrid)
    case .text, .image:
      let before = modalities[..<position].lastIndex(where: \.isDroppable)
      return before.map { frame(of: $0) } ?? 0
    }
  }
}

/// Movements of the token cursor, as tokens are laid out on the screen: within a frame, to the next
/// frame, down to its audio and to the text, and from clip to clip.
struct TokenCursor {
  private let prompt: TokenSources
  private let places: ClipSources
  private let layout: FrameLayout

  /// Movements in a layout.
  /// - Parameter clip: the clip that is visible.
  init(_ prompt: TokenSources, _ clip: ClipSources, _ layout: FrameLayout) {
    self.prompt = prompt
    places = clip
    self.layout = layout
  }

  /// The position to which a movement leads; nil if there is no such token.
  func from(_ position: Int, _ move: Move) -> Int? {
    let ordinal = prompt.ordinal(position)
    let modality = prompt.modalities[position]
    switch move {
    case .top: return ends(modality).first
    case .bottom: return ends(modality).last
    case .pageUp, .pageDown: return page(position, move == .pageUp ? -1 : 1)
    case .left, .right: return beside(position, move == .left ? -1 : 1)
    case .up where !modality.isDroppable: return places.audio.last ?? places.video.last ?? position
    case .down where !modality.isDroppable: return position
    case .up where modality == .audio: return above(sound: ordinal) ?? position
    case .down where modality == .audio:
      return below(frame: prompt.frame(of: position), sound: ordinal) ?? position
    case .up, .down: return vertical(position, ordinal, down: move == .down)
    }
  }

  /// First and last position of a modality in the prompt.
  private func ends(_ modality: Modality) -> [Int] {
    guard modality.isDroppable else { return prompt.text }
    return prompt.clips.flatMap { modality == .video ? $0.video : $0.audio }
  }

  private func beside(_ position: Int, _ step: Int) -> Int {
    let ordinal = prompt.ordinal(position)
    let all = prompt.positions(like: position)
    guard all.indices.contains(ordinal + step) else { return beyond(position, step) }
    guard prompt.modalities[position] == .video else { return all[ordinal + step] }
    let column = ordinal % places.columns + step
    if (0..<places.columns).contains(column) { return all[ordinal + step] }
    let place = ordinal % places.tokensPerGrid
    let row = place / places.columns
    return video(
      frame: ordinal / places.tokensPerGrid + step, row: row,
      column: step > 0 ? 0 : places.columns - 1) ?? beyond(position, step)
  }

  /// The nearest token of the previous or next clip, of the same modality if possible.
  private func beyond(_ position: Int, _ step: Int) -> Int {
    guard prompt.modalities[position].isDroppable else { return position }
    let isVideo = prompt.modalities[position] == .video
    let rest = step > 0 ? prompt.clips[(places.index + 1)...] : prompt.clips[..<places.index]
    let next = step > 0 ? rest.first { $0.first != nil } : rest.last { $0.first != nil }
    guard let next else { return position }
    let wanted = isVideo ? next.video : next.audio
    let found = wanted.isEmpty ? (isVideo ? next.audio : next.video) : wanted
    return (step > 0 ? found.first : found.last) ?? position
  }

  private func vertical(_ position: Int, _ ordinal: Int, down: Bool) -> Int {
    let frame = ordinal / places.tokensPerGrid
    let place = ordinal % places.tokensPerGrid
    let (row, column) = (place / places.columns + (down ? 1 : -1), place % places.columns)
    if (0..<places.rows).contains(row) {
      return video(frame: frame, row: row, column: column) ?? position
    }
    guard down else {
      let above = frame - layout.perRow
      guard layout.page.contains(above) else { return position }
      return places.audio.isEmpty
        ? video(frame: above, row: places.rows - 1, column: column) ?? position
        : sound(frame: above, column: column) ?? position
    }
    return sound(frame: frame, column: column) ?? below(frame: frame, sound: nil) ?? position
  }

  /// The video token above an audio token, or the audio token in the row above.
  private func above(sound ordinal: Int) -> Int? {
    let time = (Double(ordinal) + 0.5) * places.secondsPerAudioToken / places.secondsPerGrid
    let frame = Int(bounded: time)
    let column = Int((time - Double(frame)) * Double(places.columns))
    if let found = video(frame: frame, row: places.rows - 1, column: column) { return found }
    let each = places.secondsPerGrid / places.secondsPerAudioToken
    let other = ordinal - Int(bounded: (each * Double(layout.perRow)).rounded())
    return layout.page.contains(frame - layout.perRow) && places.audio.indices.contains(other)
      ? places.audio[other] : nil
  }

  /// The token in the row below, or the text.
  private func below(frame: Int, sound ordinal: Int?) -> Int? {
    let next = frame + layout.perRow
    if layout.page.contains(next) {
      if let found = video(frame: next, row: 0, column: 0) { return found }
      let each = places.secondsPerGrid / places.secondsPerAudioToken
      let other = (ordinal ?? 0) + Int(bounded: (each * Double(layout.perRow)).rounded())
      if places.audio.indices.contains(other) { return places.audio[other] }
    }
    return prompt.text.last
  }

  private func page(_ position: Int, _ step: Int) -> Int {
    let frames = step * layout.perPage
    let ordinal = prompt.ordinal(position)
    let all = prompt.positions(like: position)
    let distance: Int
    switch prompt.modalities[position] {
    case .video: distance = frames * places.tokensPerGrid
    case .audio:
      let each = places.secondsPerGrid / places.secondsPerAudioToken
      distance = Int(bounded: (Double(frames) * each).rounded())
    case .text, .image: distance = step * 20
    }
    let target = min(all.count - 1, max(0, ordinal + distance))
    return target == ordinal ? beyond(position, step) : all[target]
  }

  private func video(frame: Int, row: Int, column: Int) -> Int? {
    guard frame >= 0 else { return nil }
    let ordinal = frame * places.tokensPerGrid + row * places.columns + column
    return places.video.indices.contains(ordinal) ? places.video[ordinal] : nil
  }

  private func sound(frame: Int, column: Int) -> Int? {
    let part = (Double(column) + 0.5) / Double(places.columns)
    let time = (Double(frame) + part) * places.secondsPerGrid
    let ordinal = Int(bounded: time / places.secondsPerAudioToken)
    return places.audio.indices.contains(ordinal) ? places.audio[ordinal] : nil
  }
}

extension TokenCursor {
  /// The position of the token at a cell; nil if there is none.
  func position(x: Int, y: Int) -> Int? {
    switch layout.spot(x: x, y: y) {
    case .picture(let frame, let row, let column):
      return video(frame: frame, row: row, column: column)
    case .sound(let frame, let cell):
      let tokens = SoundSpan(frame, places, cells: layout.width).tokens(under: cell)
      return tokens.first.map { places.audio[$0] }
    case nil: return nil
    }
  }
}
