import Media

/// Why a messages file cannot be used.
public enum MessagesError: Error, Sendable, Equatable {
  case unreadable(file: String, reason: String)
  /// Something at a place of the file, such as `messages[2].content[1].type`.
  case fault(file: String, place: String, MessagesFault)
}

/// What is wrong at a place of a messages file.
public enum MessagesFault: Error, Sendable, Equatable {
  /// No JSON; the parser's own words.
  case syntax(String)
  /// A value of another type, or none where one is needed.
  case value(expected: String, found: String)
  /// A key that is not known there; `known` are those that are.
  case unknownKey(known: [String])
  /// A key whose meaning is known and that is not followed.
  case notFollowed(instead: String)
  /// Two keys that say the same thing.
  case both(String, String)
  /// An address, or media written into the file itself.
  case notAPath(String)
  case setting(InputFault)
  /// The file at `path` has nothing of the kind that the part is: `image`, `video` or `audio`.
  case holdsNone(kind: String, path: String, holds: String)
  /// Nothing is asked.
  case noMessages
}
