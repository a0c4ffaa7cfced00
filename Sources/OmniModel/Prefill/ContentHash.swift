import Tensors

/// A number that stands for what a model is given: the same for the same pixels, samples and prompt,
/// whatever the files are called and wherever they lie. Against accidents, not against people.
struct ContentHash: Sendable {
  /// FNV-1a, a word at a time.
  private(set) var value: UInt64 = 0xcbf2_9ce4_8422_2325

  mutating func add(_ word: UInt64) { value = (value ^ word) &* 0x100_0000_01b3 }

  mutating func add(_ count: Int) { add(UInt64(bitPattern: Int64(count))) }

  /// Elements without padding, by their bytes.
  mutating func add<Element: BitwiseCopyable>(_ elements: [Element]) {
    add(elements.count)
    add(elements.withUnsafeBytes { Checksum.of($0) ?? 0 })
  }
}

extension ContentHash {
  /// Of the media of clips, as sampled.
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

  /// The same with the prompt that was made of it: ids and positions.
  func joined(by layout: PromptLayout) -> ContentHash {
    var hash = self
    hash.add(layout.ids)
    for axis in 0..<3 { hash.add(layout.positions.map { $0[axis] }) }
    return hash
  }
}
