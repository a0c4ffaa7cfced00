/// What can be opened: a clip, a conversation, a model, a trace, or a file of questions.
public struct OpenPlace: Sendable, Equatable {
  /// Kind of the file or directory.
  public enum Kind: String, Sendable, Codable, CaseIterable {
    /// A clip directory or a media file.
    case clip
    /// A messages file.
    case conversation
    case model
    case trace
    /// A task file or a benchmark.
    case questions
    /// A directory that holds other files.
    case folder
  }

  public let kind: Kind
  /// Absolute path, or a path as typed.
  public let path: String
  /// Where it comes from: `sample`, `recent`; empty for a path.
  public let group: String

  public init(_ kind: Kind, _ path: String, group: String = "") {
    (self.kind, self.path, self.group) = (kind, path, group)
  }
}

/// Files and directories whose paths begin with a typed text.
public struct PathMatches: Sendable, Equatable {
  /// The text as typed.
  public let typed: String
  /// Matches, by name; at most a few hundred.
  public let places: [OpenPlace]
  /// Why the directory cannot be read; nil if it was read.
  public let problem: String?

  public init(_ typed: String, _ places: [OpenPlace], problem: String? = nil) {
    (self.typed, self.places, self.problem) = (typed, places, problem)
  }

  /// Whether a text is a path rather than words.
  public static func isPath(_ text: String) -> Bool {
    text.hasPrefix("/") || text.hasPrefix("./") || text.hasPrefix("../") || text.hasPrefix("~/")
  }

  /// The longest text with which all matches begin; nil if it is not longer than the typed one.
  public var completion: String? {
    guard var common = places.first.map(Self.text) else { return nil }
    for place in places.dropFirst() {
      common = String(zip(common, Self.text(place)).prefix { $0.0 == $0.1 }.map(\.0))
    }
    return common.count > typed.count && common.hasPrefix(typed) ? common : nil
  }

  /// The path of a place; directories of other files end with a slash.
  public static func text(_ place: OpenPlace) -> String {
    place.kind == .folder ? place.path + "/" : place.path
  }
}
