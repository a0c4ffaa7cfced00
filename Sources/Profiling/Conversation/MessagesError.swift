import Media

/// Errors of reading a messages file.
public enum MessagesError: Error, Sendable, Equatable {
  case unreadable(file: String, reason: String)
  /// A fault at a key path, such as `messages[2].content[1].type`.
  case fault(file: String, place: String, MessagesFault)
}

/// A fault in a messages file.
public enum MessagesFault: Error, Sendable, Equatable {
  /// Invalid JSON; the parser's message.
  case syntax(String)
  /// A missing value, or one of another type.
  case value(expected: String, found: String)
  /// An unknown key; `known` are the valid ones.
  case unknownKey(known: [String])
  /// A known but unsupported key.
  case notFollowed(instead: String)
  /// Two equivalent keys.
  case both(String, String)
  /// A URL, or embedded data.
  case notAPath(String)
  case setting(InputFault)
  /// The file at `path` has no media of the part's kind: `image`, `video` or `audio`.
  case holdsNone(kind: String, path: String, holds: String)
  /// No messages.
  case noMessages
}
