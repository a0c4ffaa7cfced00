import Selection
import Tensors

/// The parts of a prompt that a remote engine needs.
public struct EnginePrompt: Sendable {
  /// An image, a video or a sound, ready for its encoder.
  public struct Piece: Sendable, Equatable {
    public let modality: Modality
    /// Index among the prompt's clips.
    public let clip: Int
    /// Patches [patches, width], or a mel spectrogram [bands, frames].
    public let values: Tensor
    /// Patches in time, height and width, before merging; nil for sound.
    public let grid: (times: Int, rows: Int, columns: Int)?
    /// Encoder units (patches or frames) of a temporal grid of video, or of a second of sound.
    public let unitsPerStep: Int
    /// Tokens of a temporal grid of video; 0 for sound and images.
    public let tokensPerGrid: Int

    public static func == (left: Piece, right: Piece) -> Bool {
      left.modality == right.modality && left.clip == right.clip && left.values == right.values
    }
  }

  public let ids: [Int]
  /// Position (time, height, width) of each token.
  public let positions: [SIMD3<Float>]
  /// Position of the first token of an answer.
  public let nextPosition: Float
  /// Pieces of media, by clip, in the order audio, image, video.
  public let pieces: [Piece]
  /// Positions in the prompt of the tokens of each piece, ascending.
  public let places: [[Int]]
  public let decoder: DecoderConfiguration
  /// Ids of the tokens that end an answer, ascending.
  public let stopTokens: [Int]

  /// - Parameter stopTokens: ids of the tokens that end an answer.
  init(_ prompt: Prompt, _ configuration: OmniConfiguration, stopTokens: Set<Int>) {
    self.stopTokens = stopTokens.sorted()
    ids = prompt.ids
    positions = prompt.layout.positions
    nextPosition = prompt.layout.nextPosition
    decoder = configuration.text
    pieces = prompt.clips.enumerated().flatMap { Self.pieces($1, index: $0, configuration) }
    let (layout, modalities) = (prompt.layout, prompt.modalities)
    places = pieces.map { piece in
      modalities.indices.filter {
        modalities[$0] == piece.modality && layout.clips[$0] == piece.clip
      }
    }
  }

  private static func pieces(
    _ clip: PromptClip, index: Int, _ configuration: OmniConfiguration
  ) -> [Piece] {
    let group = configuration.vision.mergeGroup
    func seen(_ modality: Modality, _ patches: Patches?) -> Piece? {
      patches.map {
        Piece(
          modality: modality, clip: index, values: $0.values,
          grid: ($0.times, $0.rows, $0.columns),
          unitsPerStep: (clip.videoGrid?.perTime ?? 0) * group,
          tokensPerGrid: modality == .video ? clip.videoGrid?.perTime ?? 0 : 0)
      }
    }
    let sound = clip.mel.flatMap { mel in
      configuration.audio.map { _ in
        Piece(
          modality: .audio, clip: index, values: mel, grid: nil,
          unitsPerStep: configuration.definition.audio?.unitsPerSecond ?? 0, tokensPerGrid: 0)
      }
    }
    return [sound, seen(.image, clip.imagePatches), seen(.video, clip.videoPatches)]
      .compactMap { $0 }
  }
}
