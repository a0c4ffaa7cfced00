/// What can be wrong with a scene or a benchmark file.
public enum SyntheticWorldError: Error, Equatable, Sendable {
  /// A number of the scene is outside what can be rendered: its path (as in `windows[2].sound.onset`) and value.
  case outOfRange(path: String, value: Int, allowed: ClosedRange<Int>)
  /// A list of the scene has the wrong number of elements: its path, the number wanted and found.
  case wrongCount(path: String, expected: Int, found: Int)
  /// The scene has no window.
  case emptyScene
  /// A line of a benchmark file is not a clip: the line's number from 1, and the decoder's reason.
  case unreadableLine(Int, reason: String)
  /// Text that should be a scene is not: the decoder's reason.
  case unreadableScene(reason: String)
}
