import Foundation

/// The tensors of the thinker in a Hugging Face directory, in one file or in shards named by an
/// index. Whatever else the directory holds (talker, vocoder) is not opened.
public struct Checkpoint: Sendable {
  public let directory: String
  /// What the thinker's tensors are named below: `thinker.` in a whole model, nothing in a thinker.
  let prefix: String
  /// File by tensor name.
  private let files: [String: SafetensorsFile]
  /// Every file that holds a tensor of the thinker.
  let opened: [SafetensorsFile]

  private static let thinkerPrefix = "thinker."

  /// Opens `model.safetensors`, or the shards of `model.safetensors.index.json`.
  public init(_ directory: String) throws(CheckpointError) {
    self.directory = directory
    let single = directory + "/model.safetensors"
    let index = directory + "/model.safetensors.index.json"
    if FileManager.default.fileExists(atPath: single) {
      let file = try SafetensorsFile(single)
      prefix = Self.prefix(file.entries.keys)
      files = file.entries.mapValues { _ in file }
      opened = [file]
    } else if FileManager.default.fileExists(atPath: index) {
      let map = try JSONFile(index).decode(ShardIndex.self).weight_map
      prefix = Self.prefix(map.keys)
      (files, opened) = try Self.shards(map, prefix, index, directory)
    } else {
      throw .missingFile(path: single)
    }
  }

  private static func prefix(_ names: some Sequence<String>) -> String {
    names.contains { $0.hasPrefix(thinkerPrefix) } ? thinkerPrefix : ""
  }

  private static func shards(
    _ map: [String: String], _ prefix: String, _ index: String, _ directory: String
  ) throws(CheckpointError) -> ([String: SafetensorsFile], [SafetensorsFile]) {
    let map = map.filter { $0.key.hasPrefix(prefix) }
    var opened: [String: SafetensorsFile] = [:]
    for name in Set(map.values) {
      guard !name.contains("/"), !name.isEmpty, name.utf8.allSatisfy({ $0 >= 32 }) else {
        throw .badJSON(
          path: index, place: "weight_map", reason: "\(name) is not a file of the directory")
      }
      opened[name] = try SafetensorsFile(directory + "/" + name)
    }
    var files: [String: SafetensorsFile] = [:]
    for (tensor, name) in map.sorted(by: { $0.key < $1.key }) {
      guard let file = opened[name], file.entries[tensor] != nil else {
        throw .wrongIndex(name: tensor, index: index, path: directory + "/" + name)
      }
      files[tensor] = file
    }
    return (files, Array(opened.values))
  }

  /// Names of the thinker's tensors, without the prefix.
  var tensorNames: [String] {
    files.keys.filter { $0.hasPrefix(prefix) }.map { String($0.dropFirst(prefix.count)) }
  }

  /// The stored type that most of the thinker's numbers have, and how many there are.
  var content: (type: ElementType?, parameters: Int) {
    var counts: [ElementType: Int] = [:]
    var parameters = 0
    for (name, file) in files where name.hasPrefix(prefix) {
      guard let entry = file.entries[name] else { continue }
      let count = entry.shape.reduce(1, *)
      parameters += count
      if let type = ElementType(rawValue: entry.type) { counts[type, default: 0] += count }
    }
    return (counts.max { $0.value < $1.value }?.key, parameters)
  }

  /// A tensor of this shape.
  /// - Parameter name: without the prefix.
  func stored(_ name: String, shape: [Int]) throws(CheckpointError) -> StoredTensor {
    let name = prefix + name
    guard let file = files[name], let entry = file.entries[name] else {
      throw .missingTensor(name: name, path: directory)
    }
    guard entry.shape == shape else {
      throw .shapeMismatch(
        name: name, path: file.file.path, expected: shape, found: entry.shape)
    }
    guard let type = ElementType(rawValue: entry.type) else {
      throw .unsupportedType(name: name, path: file.file.path, found: entry.type)
    }
    return StoredTensor(shape: shape, type: type, place: .mapped(file.file, entry.range))
  }
}
