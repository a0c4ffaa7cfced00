import Basics
import Selection

/// A token of the prompt and where it comes from; values that are unknown are nil.
public struct PromptToken: Sendable, Equatable, Codable {
  /// Token id in the model's vocabulary.
  public let id: Int?
  public let modality: Modality
  /// Position (time, height, width) of the token for the rotary embedding.
  public let position: SIMD3<Float>?
  /// Index of the token's clip, from 0; nil for text, and if there is one clip.
  public let clip: Int?
  /// Index of the token's temporal window, from 0; nil for text.
  public let window: Int?
  /// Start time of the token in its clip, in seconds; nil for text.
  public let seconds: Double?
  /// Temporal grid, row and column of a vision token, from 0; nil for other tokens.
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
  /// All tokens of the prompt in order, with their sources.
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
