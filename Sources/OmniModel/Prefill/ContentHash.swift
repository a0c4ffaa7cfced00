import Basics
import Tensors

/// A hash of the model input: pixels, samples, token ids and positions, independent of file names.
/// Not cryptographic.
struct ContentHash: Sendable {
  private var hash = FNV1a()

  var value: UInt64 { hash.value }

  mutating func add(_ word: UInt64) { hash.add(word) }

  mutating func add(_ count: Int) { add(UInt64(bitPattern: Int64(count))) }

  /// Adds the bytes of an array; the element type must not have padding.
  mutating func add<Element: BitwiseCopyable>(_ elements: [Element]) {
    add(elements.count)
    add(elements.withUnsafeBytes { Checksum.of($0) ?? 0 })
  }
}

extension ContentHash {
  /// Hash of the sampled frames and audio of clips.
  init(media clips: [ClipInput]) {
    for clip in clips { add(media: clip) }
  }

  private mutating func add(media clip: ClipInput) {
    for pictures in [clip.video, clip.image] {
      add(pictures?.frames.count ?? 0)
      guard let pictures else { continue }
      add(pictures.height)
      add(pictures.width)
      for frame in pictures.frames { add(frame) }
    }
    add(clip.waveform ?? [])
  }

  /// Combines the hash with the token ids and positions of the prompt.
  func joined(by layout: PromptLayout) -> ContentHash {
    var hash = self
    hash.add(layout.ids)
    for axis in 0..<3 { hash.add(layout.positions.map { $0[axis] }) }
    return hash
  }
}
