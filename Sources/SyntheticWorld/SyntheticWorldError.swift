/// Errors of scenes and benchmark files.
public enum SyntheticWorldError: Error, Equatable, Sendable {
  /// A number out of range: its path (such as `windows[2].sound.onset`) and value.
  case outOfRange(path: String, value: Int, allowed: ClosedRange<Int>)
  /// A list with the wrong number of elements: its path, expected and found.
  case wrongCount(path: String, expected: Int, found: Int)
  /// The scene has no window.
  case emptyScene
  /// An invalid line of a benchmark file: number from 1, and the decoder's reason.
  case unreadableLine(Int, reason: String)
  /// Invalid text of a scene: the decoder's reason.
  case unreadableScene(reason: String)
}
