import Tensors

/// What a prefill will hold beside the weights, before it does: bytes, not less than it takes.
public struct PrefillForecast: Sendable, Equatable {
  public let tokens: Int
  /// The most that encoding, or a layer, needs on its way; patches and what the encoders leave
  /// included.
  public let computing: Int
  /// Of all layers and all tokens.
  public let keyValues: Int
  /// Hidden states that are kept for going back.
  public let snapshots: Int

  public var total: Int { computing + keyValues + snapshots }

  init(_ prompt: Prompt, _ thinker: Thinker, snapshotBytes: Int) {
    let configuration = thinker.configuration
    let (text, vision) = (configuration.text, configuration.vision)
    tokens = prompt.ids.count
    let patches = prompt.clips.flatMap { [$0.videoPatches, $0.imagePatches] }
      .map { $0?.values.rows ?? 0 }
    let seen = patches.reduce(0, +)
    let isSingle = thinker.precision == .single
    // A row is its input twice (as it came, and in the order of windows), then its state before and
    // after, queries, keys and values, and what is attended to. In bfloat16 the MLP takes rows in
    // turns, in single precision all at once.
    let inner = isSingle ? 2 * vision.intermediateSize : vision.width
    let encoding = Self.floats(
      (patches.max() ?? 0) * (vision.patchElements + 8 * vision.width + inner))
    let frames = prompt.clips.reduce(0) { $0 + ($1.mel?.columns ?? 0) }
    let heard = frames * (4 * (configuration.audio?.width ?? 0))
    // Patches stay, and so do the last block's queries and keys, and the tokens that came of them.
    let kept =
      Self.floats(seen * (vision.patchElements + 2 * vision.width) + heard)
      + Self.floats(2 * tokens * text.hiddenSize)
    let width = text.heads * text.headWidth
    let thought = isSingle ? 2 * text.intermediateSize : text.hiddenSize
    let layer = Self.floats(
      tokens * (4 * text.hiddenSize + 3 * width + 3 * text.keyValueWidth + thought))
    computing = kept + max(encoding, layer)
    keyValues = Self.floats(text.layers * tokens * 2 * text.keyValueWidth)
    let state = tokens * text.hiddenSize
    // Of the last layer only one row is ever made.
    snapshots = min(
      Self.floats((text.layers - 1) * state + text.hiddenSize), snapshotBytes + Self.floats(state))
  }

  private static func floats(_ count: Int) -> Int { count * MemoryLayout<Float>.size }

  /// - Throws: `.tooLarge` where it is more than there is.
  func check(available: Int? = MachineMemory.available) throws(PrefillError) {
    guard let available, total > available else { return }
    throw .tooLarge(self, available: available)
  }
}
