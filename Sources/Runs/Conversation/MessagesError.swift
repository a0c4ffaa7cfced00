import Media

/// Errors of reading a messages file.
public enum MessagesError: Error, Sendable, Equatable {
  case unreadable(file: String, reason: String)
  /// The file has an error at the key path `place`, such as `messages[2].content[1].type`.
  case fault(file: String, place: String, MessagesFault)
}

/// Kinds of errors in a messages file.
public enum MessagesFault: Error, Sendable, Equatable {
  /// The file is not valid JSON; with the message of the JSON parser.
  case syntax(String)
  /// A value is missing or has another type.
  case value(expected: String, found: String)
  /// A key is unknown; `known` lists the valid keys.
  case unknownKey(known: [String])
  /// A key is known but not supported; `instead` names an alternative.
  case notFollowed(instead: String)
  /// Two keys with the same meaning are both present.
  case both(String, String)
  /// A path is a URL or contains the media data itself.
  case notAPath(String)
  case setting(InputFault)
  /// The file at `path` has no media of the part's kind: `image`, `video` or `audio`.
  case holdsNone(kind: String, path: String, holds: String)
  /// The file contains no messages.
  case noMessages
}
