import Basics
import Foundation
import Media

/// A part of a message: text, image, video or audio.
public struct MessagePart: Sendable, Equatable {
  public enum Kind: String, Sendable, CaseIterable {
    case text, image, video, audio
  }

  public let kind: Kind
  /// Text of the message part; nil for media.
  public let text: String?
  /// Path of the media file, relative to the folder of the messages file; empty for text.
  public let path: String
  /// Input settings written in the message part.
  public let input: InputSettings
  /// Key path of the part in the messages file: `messages[0].content[1]`.
  public let place: String

  init(_ text: String, _ place: String) {
    (kind, self.text, path, input, self.place) = (.text, text, "", InputSettings(), place)
  }

  init(_ value: JSONValue, _ place: String, in folder: URL) throws(PlacedFault) {
    guard case .object(let keys) = value else {
      throw PlacedFault(
        place, .value(expected: "an object such as {\"type\": \"text\", …}", found: value.kind))
    }
    let part = PartReader(keys: keys, place: place, folder: folder)
    self.place = place
    kind = try part.kind()
    try part.checkKeys(kind)
    guard kind != .text else {
      (text, path, input) = (try part.words(), "", InputSettings())
      return
    }
    (text, path, input) = (nil, try part.path(kind), try part.settings())
  }
}

/// Reads the keys of one message part.
private struct PartReader {
  let keys: [String: JSONValue]
  let place: String
  let folder: URL

  /// Keys under which published code writes the path of a media file.
  private static func pathKeys(_ kind: MessagePart.Kind) -> [String] {
    [kind.rawValue, kind.rawValue + "_url", "path", "url"]
  }

  /// Keys of `qwen_omni_utils`, and the input setting that each one sets.
  private static let settings: [String: InputSettings.Field] = [
    "fps": .fps, "nframes": .frames, "max_frames": .maxFrames, "min_pixels": .minPixels,
    "max_pixels": .maxPixels, "total_pixels": .totalPixels,
  ]

  private static func settings(of kind: MessagePart.Kind) -> [String] {
    switch kind {
    case .video: settings.keys.sorted()
    case .image: ["max_pixels", "min_pixels"]
    case .audio, .text: []
    }
  }

  /// Known keys of a message part that are not supported, each with an alternative.
  private static let unfollowed = [
    "min_frames": "give nframes, or another fps",
    "video_start": "cut the file first", "video_end": "cut the file first",
    "audio_start": "cut the file first", "audio_end": "cut the file first",
    "resized_height": "give min_pixels and max_pixels",
    "resized_width": "give min_pixels and max_pixels",
    "base64": "name a file", "bytes": "name a file",
  ]

  func kind() throws(PlacedFault) -> MessagePart.Kind {
    let kinds = MessagePart.Kind.allCases
    guard let type = keys["type"] else {
      let named = kinds.filter { kind in Self.ownKeys(kind).contains { keys[$0] != nil } }
      if named.count == 1 { return named[0] }
      throw fault("type", expected)
    }
    let found = kinds.first { kind in
      type.string == kind.rawValue || (kind != .text && type.string == kind.rawValue + "_url")
    }
    guard let found else { throw fault("type", expected) }
    return found
  }

  private static func ownKeys(_ kind: MessagePart.Kind) -> [String] {
    kind == .text ? ["text"] : [kind.rawValue, kind.rawValue + "_url"]
  }

  private var expected: String {
    "one of " + MessagePart.Kind.allCases.map(\.rawValue).joined(separator: ", ")
  }

  private func fault(_ key: String, _ expected: String) -> PlacedFault {
    PlacedFault("\(place).\(key)", .value(expected: expected, found: keys[key].found))
  }

  func checkKeys(_ kind: MessagePart.Kind) throws(PlacedFault) {
    let known =
      ["type"] + (kind == .text ? ["text"] : Self.pathKeys(kind) + Self.settings(of: kind))
    for key in keys.keys.sorted() where !known.contains(key) {
      let fault = Self.unfollowed[key].map { MessagesFault.notFollowed(instead: $0) }
      throw PlacedFault("\(place).\(key)", fault ?? .unknownKey(known: known))
    }
  }

  func words() throws(PlacedFault) -> String {
    guard let text = keys["text"]?.string else { throw fault("text", "text") }
    return text
  }

  func path(_ kind: MessagePart.Kind) throws(PlacedFault) -> String {
    let given = Self.pathKeys(kind).filter { keys[$0] != nil }
    guard let key = given.first else { throw fault(kind.rawValue, "the path of a file") }
    guard given.count == 1 else {
      throw PlacedFault("\(place).\(key)", .both(given[0], given[1]))
    }
    var value = keys[key]
    // Chat servers write {"image_url": {"url": "a.png"}}.
    if case .object(let inner)? = value, key.hasSuffix("_url"), inner.count == 1 {
      value = inner["url"]
    }
    guard let text = value?.string, !text.isEmpty else {
      throw PlacedFault(
        "\(place).\(key)", .value(expected: "the path of a file", found: value.found))
    }
    return try local(text, key)
  }

  private func local(_ text: String, _ key: String) throws(PlacedFault) -> String {
    var text = text
    if text.lowercased().hasPrefix("file://"), !text.hasPrefix("file:///"),
      !text.hasPrefix("file://localhost/")
    {
      text = String(text.dropFirst("file://".count))
    }
    do throws(MediaError) {
      text = try MediaAddress.localPath(text)
    } catch {
      throw PlacedFault("\(place).\(key)", .notAPath(text))
    }
    if EngineFile(text) != nil { return text }
    return URL(filePath: text, relativeTo: folder).path
  }

  func settings() throws(PlacedFault) -> InputSettings {
    var input = InputSettings()
    for (key, field) in Self.settings.sorted(by: { $0.key < $1.key }) {
      guard let value = keys[key] else { continue }
      guard case .number = value, let text = value.text else {
        throw fault(key, field.expected)
      }
      do throws(InputFault) {
        try input.set(field, to: text)
      } catch {
        throw fault(key, field.expected)
      }
    }
    do throws(InputFault) {
      try input.check()
    } catch {
      throw PlacedFault(place, .setting(error))
    }
    return input
  }
}
