import Foundation

/// Properties of a LoRA directory that can be read before its base model is known.
public enum LoRADirectory {
  /// Whether a directory contains an adapter but no model.
  public static func isAlone(in directory: String) -> Bool {
    func has(_ name: String) -> Bool {
      FileManager.default.fileExists(atPath: directory + "/" + name)
    }
    let isModel =
      has("config.json") && (has("model.safetensors") || has("model.safetensors.index.json"))
    return has(ForeignFormat.adapterConfiguration) && !isModel
  }

  /// The base model named by `base_model_name_or_path`: a directory or a Hub repository; nil if
  /// absent.
  /// - Throws: `CheckpointError` for an unsupported configuration.
  public static func baseName(of directory: String) throws(CheckpointError) -> String? {
    let name = try AdapterConfiguration(directory: directory).file.base_model_name_or_path
    return name?.isEmpty == true ? nil : name
  }
}
