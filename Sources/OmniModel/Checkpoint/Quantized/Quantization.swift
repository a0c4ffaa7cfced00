/// The quantisation of a checkpoint: its settings, and the tensors of each quantised module.
struct Quantization: Sendable {
  let settings: QuantizationSettings?
  /// Tensor names of every quantised module, by the module's plain name, which ends with a dot.
  private let modules: [String: Set<String>]

  /// Finds the quantised modules by their tensor names.
  /// - Parameters:
  ///   - all: names of all tensors in the checkpoint's files or index.
  ///   - names: tensor names of the thinker.
  init(
    _ directory: String, _ all: some Collection<String>, _ names: TensorNames
  ) throws(CheckpointError) {
    settings = try QuantizationSettings(directory: directory)
    var modules: [String: Set<String>] = [:]
    for (module, tensor) in names.written.keys.lazy.map(Self.split)
    where QuantizationScheme.marks.contains(String(tensor)) {
      modules[String(module), default: []].insert(String(tensor))
    }
    if !modules.isEmpty {
      for (module, tensor) in names.written.keys.lazy.map(Self.split) {
        modules[String(module)]?.insert(String(tensor))
      }
    }
    self.modules = modules
    if let settings, settings.isAtRoot, modules.isEmpty, settings.file.format != "dense",
      !all.contains(where: { QuantizationScheme.marks.contains(String(Self.split($0).1)) })
    {
      throw .quantized(
        .plainWeights(stated: settings.method, path: settings.path, place: settings.place))
    }
  }

  /// Whether any matrix of the checkpoint is quantised.
  var isUsed: Bool { !modules.isEmpty }

  var moduleNames: some Collection<String> { modules.keys }

  /// Tensor names of a quantised module; nil if the module is not quantised.
  func tensors(of module: String) -> Set<String>? { modules[module] }

  /// Tensor names of the module to which a quantised weight belongs; nil if the weight is not
  /// quantised.
  func tensors(ofWeight name: String) -> Set<String>? {
    name.hasSuffix(".weight") ? modules[String(name.dropLast("weight".count))] : nil
  }

  /// Whether a tensor is part of a quantised matrix.
  func isPart(_ name: String) -> Bool {
    let (module, tensor) = Self.split(name)
    guard tensor != "bias" else { return false }
    return modules[String(module)]?.contains(String(tensor)) == true
  }

  /// Splits a tensor's name into module, with its final dot, and the name within the module.
  private static func split(_ name: String) -> (Substring, Substring) {
    let end = name.lastIndex(of: ".").map { name.index(after: $0) } ?? name.startIndex
    return (name[..<end], name[end...])
  }
}
