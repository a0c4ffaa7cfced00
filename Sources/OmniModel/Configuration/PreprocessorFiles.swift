import Basics
import Foundation

/// The settings of one preprocessor, with their file and key path.
struct PreprocessorPart: Sendable {
  /// Path of the file, and key path of the object with a final dot (`image_processor.`) or empty.
  let path, place: String
  let keys: [String: JSONValue]

  /// Name of the file and of the object for messages: `processor_config.json image_processor`.
  var name: String {
    ([(path as NSString).lastPathComponent] + (place.isEmpty ? [] : [String(place.dropLast())]))
      .joined(separator: " ")
  }

  /// The JSON value of a key; nil if absent or null.
  subscript(key: String) -> JSONValue? { keys[key].flatMap { $0 == .null ? nil : $0 } }

  func wrong(_ key: String, _ value: JSONValue, _ expected: String) -> CheckpointError {
    .badConfiguration(path: path, key: place + key, value: value.summary, expected: expected)
  }

  func integer(_ key: String) throws(CheckpointError) -> Int? {
    guard let value = self[key] else { return nil }
    guard let integer = value.integer else { throw wrong(key, value, "an integer") }
    return integer
  }

  /// Three finite numbers, one per colour channel; nil if the key is absent.
  func channels(_ key: String) throws(CheckpointError) -> [Float]? {
    guard let value = self[key] else { return nil }
    guard let numbers = value.numbers, numbers.count == 3, numbers.allSatisfy(\.isFinite) else {
      throw wrong(key, value, "three numbers")
    }
    return numbers.map { Float($0) }
  }
}

/// The preprocessor files of a checkpoint, in the layout of either transformers version:
/// `processor_config.json` with one object per preprocessor, or `preprocessor_config.json` and
/// `video_preprocessor_config.json`.
struct PreprocessorFiles: Sendable {
  /// Settings per medium, in the newer and then the older layout; transformers 5.23 uses the first.
  let image, video, sound: [PreprocessorPart]

  init(directory: String) throws(CheckpointError) {
    func keys(_ name: String) throws(CheckpointError) -> (path: String, keys: [String: JSONValue])?
    {
      let path = directory + "/" + name
      guard let file = try JSONFile.ifPresent(path) else { return nil }
      return (path, try file.decode([String: JSONValue].self))
    }
    let together = try keys("processor_config.json")
    if let together { try Self.checkTop(together.keys, together.path) }
    func inside(_ names: String...) throws(CheckpointError) -> PreprocessorPart? {
      guard let together, let name = names.first(where: { together.keys[$0] != nil }),
        let value = together.keys[name], value != .null
      else { return nil }
      guard let object = value.object else {
        throw .badConfiguration(
          path: together.path, key: name, value: value.summary, expected: "an object")
      }
      return PreprocessorPart(path: together.path, place: name + ".", keys: object)
    }
    func alone(_ name: String) throws(CheckpointError) -> PreprocessorPart? {
      try keys(name).map { PreprocessorPart(path: $0.path, place: "", keys: $0.keys) }
    }
    let older = try alone("preprocessor_config.json")
    let olderVideo = try alone("video_preprocessor_config.json")
    image = [try inside("image_processor"), older].compactMap { $0 }
    let ownVideo = [try inside("video_processor"), olderVideo].compactMap { $0 }
    // The image file also applies to videos if there is no video file.
    video = ownVideo.isEmpty ? [older].compactMap { $0 } : ownVideo
    sound = [try inside("feature_extractor", "audio_processor"), older].compactMap { $0 }
    guard image.isEmpty == video.isEmpty else {
      throw .badConfiguration(
        path: directory + "/processor_config.json",
        key: image.isEmpty ? "image_processor" : "video_processor", value: "absent",
        expected: "present, since the settings of the other medium are")
    }
  }

  var isEmpty: Bool { image.isEmpty && video.isEmpty && sound.isEmpty }

  /// Rejects preprocessor keys outside their object, which transformers does not read as intended.
  private static func checkTop(
    _ keys: [String: JSONValue], _ path: String
  ) throws(CheckpointError) {
    for (key, value) in keys.sorted(by: { $0.key < $1.key })
    where value != .null && PreprocessorKeys.isPreprocessor(key) {
      throw .unknownKey(path: path, key: key, value: value.summary)
    }
  }
}
