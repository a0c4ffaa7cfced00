import Selection

/// A prompt token and its source; unknown values are nil.
public struct PromptToken: Sendable, Equatable, Codable {
  /// Its row in the vocabulary.
  public let id: Int?
  public let modality: Modality
  /// (time, height, width) of the rotary embedding.
  public let position: SIMD3<Float>?
  /// Its clip, from 0; nil for text, and with one clip.
  public let clip: Int?
  /// Its temporal window, from 0; nil for text.
  public let window: Int?
  /// Its start time in the clip, in seconds; nil for text.
  public let seconds: Double?
  /// Its temporal grid, row and column, from 0; nil if not a vision token.
  public let grid, row, column: Int?

  public init(
    id: Int? = nil, modality: Modality, position: SIMD3<Float>? = nil, clip: Int? = nil,
    window: Int? = nil, seconds: Double? = nil, grid: Int? = nil, row: Int? = nil,
    column: Int? = nil
  ) {
    self.id = id
    self.modality = modality
    self.position = position
    self.clip = clip
    self.window = window
    self.seconds = seconds
    self.grid = grid
    self.row = row
    self.column = column
  }
}

extension Prompt {
  /// The tokens in order, with their sources.
  public var tokens: [PromptToken] {
    let windows = windowOfEachToken
    return ids.indices.map { index in
      let place = place(index)
      return PromptToken(
        id: ids[index], modality: modalities[index], position: layout.positions[index],
        clip: clipOfToken.isEmpty ? nil : clipOfToken[index], window: windows[index],
        seconds: place.seconds, grid: place.grid, row: place.row,
        column: place.column)
    }
  }

  private typealias Place = (seconds: Double?, grid: Int?, row: Int?, column: Int?)

  private func place(_ token: Int) -> Place {
    guard let clip = layout.clips[token].map({ clips[$0] }) else { return (nil, nil, nil, nil) }
    switch layout.sources[token] {
    case .text: return (nil, nil, nil, nil)
    case .audio(let index): return (Double(index) / Double(audioTokensPerSecond), nil, nil, nil)
    case .image(let index): return Self.place(index, in: clip.imageGrid, secondsPerGrid: nil)
    case .video(let index):
      return Self.place(index, in: clip.videoGrid, secondsPerGrid: clip.secondsPerGrid)
    }
  }

  private static func place(_ index: Int, in grid: TokenGrid?, secondsPerGrid: Double?) -> Place {
    guard let grid else { return (nil, nil, nil, nil) }
    let (time, rest) = index.quotientAndRemainder(dividingBy: grid.perTime)
    return (
      secondsPerGrid.map { Double(time) * $0 }, time, rest / grid.columns, rest % grid.columns
    )
  }

  private var windowOfEachToken: [Int?] {
    var windows = [Int?](repeating: nil, count: ids.count)
    for (index, window) in TemporalWindows(modalities, clips: clipOfToken).windows.enumerated() {
      for position in Array(window.video) + Array(window.audio) { windows[position] = index }
    }
    return windows
  }
}
