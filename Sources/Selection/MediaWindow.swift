/// A window of one modality: consecutive tokens of one clip that cover a stretch of time, as in
/// SEATS Stage I. The last window of a clip may be short.
public struct MediaWindow: Sendable, Hashable, Codable {
  public let modality: Modality
  /// Index of the clip in the prompt, from 0.
  public let clip: Int
  /// Index of the window among those of its modality in the prompt, from 0.
  public let index: Int
  /// Ordinals of the tokens within their modality in the whole prompt, from 0.
  public let ordinals: Range<Int>

  public init(modality: Modality, clip: Int, index: Int, ordinals: Range<Int>) {
    (self.modality, self.clip, self.index) = (modality, clip, index)
    self.ordinals = ordinals
  }

  /// The tokens of the window.
  public var tokens: TokenList {
    modality == .video ? TokenList(video: ordinals) : TokenList(audio: ordinals)
  }

  /// All windows of a prompt: those of video, then those of audio.
  /// - Parameter windows: length of the windows.
  public static func all(in prompt: PromptShape, _ windows: SelectionWindows) -> [MediaWindow] {
    func all(_ modality: Modality, _ count: (ClipShape) -> (tokens: Int, each: Int)) -> [Self] {
      var (found, first) = ([MediaWindow](), 0)
      for (clip, shape) in prompt.eachClip.enumerated() {
        let (tokens, each) = count(shape)
        for start in stride(from: 0, to: tokens, by: max(1, each)) {
          let end = min(tokens, start + max(1, each))
          found.append(
            MediaWindow(
              modality: modality, clip: clip, index: found.count,
              ordinals: first + start..<first + end))
        }
        first += tokens
      }
      return found
    }
    return all(.video) {
      ($0.video, $0.tokensPerGrid > 0 ? windows.grids * $0.tokensPerGrid : $0.video)
    }
      + all(.audio) { ($0.audio, windows.audioTokens) }
  }
}
