import Basics
import Foundation
import Media
import OmniModel

/// A conversation file in the chat format of transformers' processors: a list of messages, or an
/// object with the key `messages`. Media files are not opened here.
///
/// `[{"role": "user", "content": [{"type": "video", "video": "a.mp4"}, {"type": "text", "text": "What is this?"}]}]`
public struct MessagesFile: Sendable, Equatable {
  public struct Message: Sendable, Equatable {
    public let role: Conversation.Role
    public let parts: [MessagePart]
  }

  public let path: String
  public let messages: [Message]

  /// Maximum size of a messages file, in bytes.
  public static let sizeLimit = 16 << 20

  /// Reads the file at `path`.
  /// - Throws: `MessagesError`.
  public init(_ path: String) throws(MessagesError) {
    let data: Data
    do {
      data = try FileInput.read(path, limit: Self.sizeLimit)
    } catch {
      throw .unreadable(file: path, reason: error.reason)
    }
    try self.init(data, path: path)
  }

  /// Parses the contents of a messages file.
  /// - Parameter path: path of the file; media paths are relative to its folder.
  init(_ data: Data, path: String) throws(MessagesError) {
    self.path = path
    let root: JSONValue
    do {
      root = try JSONDecoder().decode(JSONValue.self, fromOutside: data)
    } catch {
      throw .fault(file: path, place: "", .syntax(Self.words(error)))
    }
    let reader = MessagesReader(folder: URL(filePath: path).deletingLastPathComponent())
    do throws(PlacedFault) {
      messages = try reader.messages(root)
    } catch {
      throw .fault(file: path, place: error.place, error.fault)
    }
    guard media.count <= Self.mostMedia else {
      throw .fault(
        file: path, place: media[Self.mostMedia].place,
        .value(expected: "at most \(Self.mostMedia) media in total", found: "\(media.count)"))
    }
  }

  /// Maximum number of media.
  public static let mostMedia = 1_000

  private static func words(_ error: any Error) -> String {
    guard case DecodingError.dataCorrupted(let context) = error else { return "\(error)" }
    let underlying = (context.underlyingError as NSError?)?.userInfo["NSDebugDescription"]
    return (underlying as? String) ?? context.debugDescription
  }

  /// Media parts of all messages, in order.
  public var media: [MessagePart] { messages.flatMap(\.parts).filter { $0.kind != .text } }

  /// Text of the first system message; nil if there is none.
  var system: String? {
    guard let first = messages.first, first.role == .system else { return nil }
    return first.parts.compactMap(\.text).joined()
  }
}

/// An error of a messages file, with the key path where it occurs.
struct PlacedFault: Error {
  let place: String
  let fault: MessagesFault

  init(_ place: String, _ fault: MessagesFault) { (self.place, self.fault) = (place, fault) }
}

/// Reads the messages of parsed JSON.
private struct MessagesReader {
  let folder: URL

  func messages(_ root: JSONValue) throws(PlacedFault) -> [MessagesFile.Message] {
    var list = root
    if case .object(let keys) = root {
      if let key = keys.keys.sorted().first(where: { $0 != "messages" }) {
        throw PlacedFault(key, .unknownKey(known: ["messages"]))
      }
      list = keys["messages"] ?? .null
    }
    guard case .array(let items) = list else {
      throw PlacedFault("messages", .value(expected: "a list of messages", found: list.kind))
    }
    guard !items.isEmpty else { throw PlacedFault("messages", .noMessages) }
    var messages: [MessagesFile.Message] = []
    for (index, item) in items.enumerated() {
      messages.append(try message(item, "messages[\(index)]"))
    }
    return messages
  }

  private func message(
    _ item: JSONValue, _ place: String
  ) throws(PlacedFault) -> MessagesFile.Message {
    guard case .object(let keys) = item else {
      throw PlacedFault(place, .value(expected: "an object", found: item.kind))
    }
    for key in keys.keys.sorted() where key != "role" && key != "content" {
      throw PlacedFault("\(place).\(key)", .unknownKey(known: ["role", "content"]))
    }
    let roles = Conversation.Role.allCases.map(\.rawValue)
    guard let role = keys["role"]?.string.flatMap(Conversation.Role.init) else {
      throw PlacedFault(
        "\(place).role",
        .value(expected: "one of " + roles.joined(separator: ", "), found: keys["role"].found))
    }
    return .init(role: role, parts: try parts(keys["content"], "\(place).content"))
  }

  private func parts(
    _ content: JSONValue?, _ place: String
  ) throws(PlacedFault) -> [MessagePart] {
    switch content {
    case .string(let text): return [MessagePart(text, place)]
    case .array(let items):
      var parts: [MessagePart] = []
      for (index, item) in items.enumerated() {
        parts.append(try MessagePart(item, "\(place)[\(index)]", in: folder))
      }
      return parts
    default:
      throw PlacedFault(place, .value(expected: "text or a list of parts", found: content.found))
    }
  }
}

extension JSONValue {
  /// Name of the JSON type, for error messages.
  var kind: String {
    switch self {
    case .null: "null"
    case .bool: "true or false"
    case .number: "a number"
    case .string: "text"
    case .array: "a list"
    case .object: "an object"
    }
  }
}

extension JSONValue? {
  /// The value as shown in error messages: the text, or else the name of its type; `nothing` for a
  /// missing key.
  var found: String {
    switch self {
    case nil: "missing"
    case .string(let text)?: "\"\(text.printable.prefix(80))\""
    case let value?: value.kind
    }
  }
}
