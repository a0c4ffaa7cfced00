/// The lengths of temporal windows.
public struct SelectionWindows: Sendable, Equatable {
  /// Temporal grids per video window (`grid_in_window`).
  public var grids: Int
  /// Seconds per audio window (`sec_in_audio_window`).
  public var audioSeconds: Int

  public init(grids: Int = 2, audioSeconds: Int = 2) {
    self.grids = grids
    self.audioSeconds = audioSeconds
  }

  /// Audio tokens in a selection window: 25 per second for every model family, as in the reference.
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
