/// The length of temporal windows for selection.
public struct SelectionWindows: Sendable, Equatable {
  /// Number of temporal grids in a video window (`grid_in_window`).
  public var grids: Int
  /// Number of seconds in an audio window (`sec_in_audio_window`).
  public var audioSeconds: Int

  public init(grids: Int = 2, audioSeconds: Int = 2) {
    self.grids = grids
    self.audioSeconds = audioSeconds
  }

  /// Number of audio tokens in a window: 25 per second for every model family, as in the reference
  /// implementation.
  public var audioTokens: Int { 25 * audioSeconds }
}

extension SelectionWindows: Codable {
  private enum CodingKeys: String, CodingKey {
    case grids = "grids_per_window"
    case audioSeconds = "audio_window_seconds"
  }

  public init(from decoder: any Decoder) throws {
    let keys = try decoder.container(keyedBy: CodingKeys.self)
    grids = try keys.count(.grids, in: 1...10_000) ?? 2
    audioSeconds = try keys.count(.audioSeconds, in: 1...10_000) ?? 2
  }
}
