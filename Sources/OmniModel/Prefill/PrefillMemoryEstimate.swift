import Basics
import Tensors

/// Upper bound of a prefill's memory in bytes, without the weights.
public struct PrefillMemoryEstimate: Sendable, Equatable {
  public let tokens: Int
  /// Peak working memory of the encoders or of a layer, including patches and encoder outputs, in
  /// bytes.
  public let computing: Int
  /// Keys and values of all layers and tokens, in bytes.
  public let keyValues: Int
  /// Hidden states kept for stepping back, in bytes.
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
    // Memory per row: its input twice (raster and window order), states before and after, queries,
    // keys, values and attention output. The MLP works on blocks of rows in bfloat16, but on all
    // rows at once in single precision.
    let inner = isSingle ? 2 * vision.intermediateSize : vision.width
    let encoding = Self.floats(
      (patches.max() ?? 0) * (vision.patchElements + 8 * vision.width + inner))
    let frames = prompt.clips.reduce(0) { $0 + ($1.mel?.columns ?? 0) }
    let audio = frames * (4 * (configuration.audio?.width ?? 0))
    // Patches, the last block's queries and keys, and the encoder outputs are kept.
    let kept =
      Self.floats(seen * (vision.patchElements + 2 * vision.width) + audio)
      + Self.floats(2 * tokens * text.hiddenSize)
    let width = text.heads * text.headWidth
    let thought = isSingle ? 2 * text.intermediateSize : text.hiddenSize
    let layer = Self.floats(
      tokens * (4 * text.hiddenSize + 3 * width + 3 * text.keyValueWidth + thought))
    computing = kept + max(encoding, layer)
    keyValues = Self.floats(text.layers * tokens * 2 * text.keyValueWidth)
    let state = tokens * text.hiddenSize
    // The last layer keeps only one row.
    snapshots = min(
      Self.floats((text.layers - 1) * state + text.hiddenSize), snapshotBytes + Self.floats(state))
  }

  private static func floats(_ count: Int) -> Int { count * MemoryLayout<Float>.size }

  /// Checks the estimate against the available memory and the bound.
  /// - Throws: `PrefillError.tooLarge` or `.beyondBound`.
  func check(
    _ thinker: Thinker, available: Int? = MachineMemory.available,
    resident: Int = MachineMemory.resident ?? 0
  ) throws(PrefillError) {
    let window = thinker.window
    // All streamed weights but one matrix can be evicted.
    let (loaded, least) = (window?.loadedBytes ?? 0, window?.leastBytes ?? 0)
    if case .process(let bound) = thinker.memory {
      let required = max(0, resident - loaded) + least + total
      if required > bound { throw .beyondBound(self, least: required, bound: bound) }
    }
    if let available, total > available + max(0, loaded - least) {
      throw .tooLarge(self, available: available)
    }
    window?.reserve(computing)
  }
}
