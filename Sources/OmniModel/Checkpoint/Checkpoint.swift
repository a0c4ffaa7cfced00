import Foundation
import Tensors

/// The tensors of a Hugging Face directory, in one file or in shards named by an index.
public struct Checkpoint: Sendable {
  public let directory: String
  /// File by tensor name.
  private let files: [String: SafetensorsFile]

  /// Opens `model.safetensors`, or the shards of `model.safetensors.index.json`.
  public init(_ directory: String) throws(CheckpointError) {
    self.directory = directory
    let single = directory + "/model.safetensors"
    let index = directory + "/model.safetensors.index.json"
    if FileManager.default.fileExists(atPath: single) {
      let file = try SafetensorsFile(single)
      files = file.entries.mapValues { _ in file }
    } else if FileManager.default.fileExists(atPath: index) {
      files = try Self.shards(index, directory)
    } else {
      throw .missingFile(path: single)
    }
  }

  private static func shards(
    _ index: String, _ directory: String
  ) throws(CheckpointError) -> [String: SafetensorsFile] {
    let map = try JSONFile(index).decode(ShardIndex.self).weight_map
    var opened: [String: SafetensorsFile] = [:]
    for name in Set(map.values) {
      guard !name.contains("/"), !name.isEmpty, name.utf8.allSatisfy({ $0 >= 32 }) else {
        throw .badJSON(
          path: index, place: "weight_map", reason: "\(name) is not a file of the directory")
      }
      opened[name] = try SafetensorsFile(directory + "/" + name)
    }
    var files: [String: SafetensorsFile] = [:]
    for (tensor, name) in map {
      guard let file = opened[name], file.entries[tensor] != nil else {
        throw .missingTensor(name: tensor, path: directory + "/" + name)
      }
      files[tensor] = file
    }
    return files
  }

  public var tensorNames: some Collection<String> { files.keys }

  /// The stored type that most numbers under `prefix` have, and how many numbers there are.
  func content(under prefix: String) -> (type: ElementType?, parameters: Int) {
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

  /// Reads a tensor in single precision.
  func tensor(_ name: String, shape: [Int]) throws(CheckpointError) -> Tensor {
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
    return Tensor(shape, file.file.withBytes(entry.range) { type.floats($0) })
  }
}
