import Foundation

/// The quantisation settings in a checkpoint's configuration files.
struct QuantizationSettings: Sendable {
  /// Path of the file with the quantisation settings, and their key.
  let path, place: String
  /// The quantisation method: `quant_method`.
  let method: String
  let file: QuantizationFile
  /// Type to which decoded values are rounded in schemes with single-precision scales: `dtype` of
  /// config.json.
  let rounding: Rounding?
  /// Whether transformers reads the settings from this place too.
  let isAtRoot: Bool

  /// Configuration files that some quantisers write next to config.json.
  static let ownFiles = ["quantize_config.json", "quant_config.json"]

  /// Reads the quantisation settings of a directory; nil if there are none.
  /// - Throws: `.quantized(.unknownScheme)` for an unsupported scheme.
  init?(directory: String) throws(CheckpointError) {
    let path = directory + "/config.json"
    guard let config = try JSONFile.ifPresent(path)?.decode(QuantizedConfigFile.self) else {
      return nil
    }
    let places: [(String, QuantizationFile?)] = [
      ("quantization_config", config.quantization_config),
      ("compression_config", config.compression_config),
      ("thinker_config.quantization_config", config.thinker_config?.quantization_config),
      (
        "thinker_config.text_config.quantization_config",
        config.thinker_config?.text_config?.quantization_config
      ),
      ("text_config.quantization_config", config.text_config?.quantization_config),
    ]
    rounding = Self.rounding(
      config.dtype ?? config.torch_dtype ?? config.thinker_config?.dtype
        ?? config.thinker_config?.torch_dtype)
    if let (place, file) = places.lazy.compactMap({ key, file in file.map { (key, $0) } }).first {
      self.path = path
      self.place = place
      self.file = file
      isAtRoot = !place.contains(".")
    } else {
      var found: (path: String, file: QuantizationFile)?
      for name in Self.ownFiles where found == nil {
        let path = directory + "/" + name
        if let file = try JSONFile.ifPresent(path)?.decode(QuantizationFile.self) {
          found = (path, file)
        }
      }
      guard let found else { return nil }
      (self.path, place, file, isAtRoot) = (found.path, "the file", found.file, false)
    }
    method = Self.method(file, path: self.path)
    try check()
  }

  /// `quant_method`, or the method implied by other keys.
  private static func method(_ file: QuantizationFile, path: String) -> String {
    if let method = file.quant_method { return method.lowercased() }
    if file.load_in_4bit == true || file.load_in_8bit == true { return "bitsandbytes" }
    if file.config_groups != nil { return "compressed-tensors" }
    if path.hasSuffix("/quantize_config.json") { return "gptq" }
    if path.hasSuffix("/quant_config.json") { return "awq" }
    return file.quant_algo?.lowercased() ?? "unknown"
  }

  private static func rounding(_ name: String?) -> Rounding? {
    switch name?.split(separator: ".").last {
    case "bfloat16": .bfloat16
    case "float16", "half": .float16
    case "float32", "float": .single
    default: nil
    }
  }

  /// Throws for unsupported schemes, and for variants whose weights cannot be decoded exactly.
  private func check() throws(CheckpointError) {
    guard QuantizationScheme.all.contains(where: { $0.methods.contains(method) }) else {
      throw unknown(method)
    }
    let format =
      (method == "awq" ? file.version ?? file.format : file.checkpoint_format ?? file.format)?
      .lowercased()
    switch method {
    case "awq" where !["gemm", nil].contains(format): throw unknown("awq \(format ?? "")")
    case "gptq" where !["gptq", "gptq_v2", nil].contains(format) || file.is_marlin_format == true:
      throw unknown("gptq \(format ?? "marlin")")
    case "gptq" where !["int32", "torch.int32", nil].contains(file.pack_dtype):
      throw unknown("gptq packed in \(file.pack_dtype ?? "")")
    case "compressed-tensors": try checkCompressedTensors()
    default: break
    }
    if let format = file.fmt, !["e4m3", "float8_e4m3fn", "e4m3fn"].contains(format.lowercased()) {
      throw unknown("\(method) \(format)")
    }
  }

  private func checkCompressedTensors() throws(CheckpointError) {
    let formats = [file.format] + (file.config_groups?.values.map(\.format) ?? [])
    let read = [
      "pack-quantized", "int-quantized", "float-quantized", "naive-quantized", "mixed-precision",
      "dense", "frozen", "fakequant",
    ]
    for format in formats.compactMap({ $0 }) where !read.contains(format) {
      throw unknown("compressed-tensors \(format)")
    }
    if let groups = file.transform_config?.config_groups, !groups.isEmpty {
      throw unknown("compressed-tensors with transform_config")
    }
    if let sparse = file.sparsity_config?.format, sparse != "dense" {
      throw unknown("compressed-tensors \(sparse)")
    }
  }

  private func unknown(_ scheme: String) -> CheckpointError {
    .quantized(.unknownScheme(scheme, path: path, place: place))
  }
}
