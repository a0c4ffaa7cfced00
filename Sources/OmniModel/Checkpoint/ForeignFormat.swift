import Basics
import Foundation

/// Detects unsupported checkpoint formats (GGUF, MLX, …), so that errors can name them.
enum ForeignFormat {
  /// Throws if the path is a file, or a directory with another format or with only an adapter.
  static func check(_ path: String) throws(CheckpointError) {
    var isDirectory: ObjCBool = false
    guard FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory) else {
      throw .notADirectory(path: path)
    }
    guard isDirectory.boolValue else {
      throw .foreignFormat(path: path, format: ofFile(path))
    }
    let names = Set((try? FileManager.default.contentsOfDirectory(atPath: path)) ?? [])
    let hasWeights =
      names.contains("model.safetensors") || names.contains("model.safetensors.index.json")
    guard !hasWeights || !names.contains("config.json") else { return }
    if names.contains(adapterConfiguration) || names.contains("adapter_model.safetensors")
      || names.contains("adapter_model.bin")
    {
      throw .adapterAlone(path: path, base: base(path + "/" + adapterConfiguration))
    }
    guard !hasWeights, let format = format(of: names) else { return }
    throw .foreignFormat(path: path, format: format)
  }

  static let adapterConfiguration = "adapter_config.json"

  /// The base model named in the configuration of an adapter; nil if absent.
  static func base(_ path: String) -> String? {
    let file = try? JSONFile.ifPresent(path)?.decode([String: JSONValue].self)
    return file?["base_model_name_or_path"]?.string.flatMap { $0.isEmpty ? nil : $0 }
  }

  /// Unsupported formats, recognised by file name.
  private static let formats: [(fits: @Sendable (String) -> Bool, format: String)] = [
    ({ $0.lowercased().hasSuffix(".gguf") }, "a directory of GGUF files"),
    (
      { $0 == "pytorch_model.bin" || $0.hasPrefix("pytorch_model") && $0.hasSuffix(".json") },
      "a directory with pytorch_model.bin (PyTorch pickles)"
    ),
    (
      { $0.hasPrefix("pytorch_model") && $0.hasSuffix(".bin") },
      "a directory with pytorch_model.bin (PyTorch pickles)"
    ),
    (
      { $0.hasSuffix(".pth") || $0.hasSuffix(".pt") || $0.hasSuffix(".ckpt") },
      "a directory of PyTorch pickles"
    ),
    ({ $0.hasSuffix(".distcp") }, "a directory of a distributed PyTorch checkpoint"),
    ({ $0.hasSuffix(".onnx") }, "a directory of ONNX files"),
    ({ $0 == "tf_model.h5" }, "a directory with TensorFlow weights"),
    ({ $0 == "flax_model.msgpack" }, "a directory with Flax weights"),
  ]

  private static func format(of names: Set<String>) -> String? {
    formats.first { entry in names.contains { entry.fits($0) } }?.format
  }

  private static func ofFile(_ path: String) -> String {
    let start = FileHandle(forReadingAtPath: path).flatMap { file in
      defer { try? file.close() }
      return try? file.read(upToCount: 4)
    }
    if start == Data("GGUF".utf8) || path.lowercased().hasSuffix(".gguf") { return "a GGUF file" }
    if path.hasSuffix(".safetensors") { return "a file of weights without its directory" }
    if start?.starts(with: Data("PK".utf8)) == true, !path.hasSuffix(".zip") {
      return "a PyTorch pickle"
    }
    return "a file"
  }
}
