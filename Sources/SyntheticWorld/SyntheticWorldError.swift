/// Errors in scenes and benchmark files.
public enum SyntheticWorldError: Error, Equatable, Sendable {
  /// A number is out of range; `path` is its key path, such as `windows[2].sound.onset`.
  case outOfRange(path: String, value: Int, allowed: ClosedRange<Int>)
  /// A list has the wrong number of elements; `path` is its key path.
  case wrongCount(path: String, expected: Int, found: Int)
  /// The scene has no windows.
  case emptyScene
  /// A line of a benchmark file is invalid: its number from 1, and the decoder's reason.
  case unreadableLine(Int, reason: String)
  /// The text of a scene is invalid; `reason` is the decoder's.
  case unreadableScene(reason: String)
}
