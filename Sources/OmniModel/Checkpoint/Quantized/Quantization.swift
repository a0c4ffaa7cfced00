/// The quantised matrices of a checkpoint, and its quantisation settings.
struct Quantization: Sendable {
  let settings: QuantizationSettings?
  /// The tensors of every quantised module, by name within the module; modules have plain names
  /// that end with a dot.
  private let modules: [String: Set<String>]

  /// - Parameters:
  ///   - all: all tensors of the checkpoint's files or index.
  ///   - names: tensors of the thinker.
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

  /// Whether any matrix is quantised.
  var isUsed: Bool { !modules.isEmpty }

  var moduleNames: some Collection<String> { modules.keys }

  /// Tensors of a quantised module; nil for others.
  func tensors(of module: String) -> Set<String>? { modules[module] }

  /// The tensors of a quantised weight.
  func tensors(ofWeight name: String) -> Set<String>? {
    name.hasSuffix(".weight") ? modules[String(name.dropLast("weight".count))] : nil
  }

  /// Whether a tensor belongs to a quantised matrix.
  func isPart(_ name: String) -> Bool {
    let (module, tensor) = Self.split(name)
    guard tensor != "bias" else { return false }
    return modules[String(module)]?.contains(String(tensor)) == true
  }

  /// The module of a tensor, with its dot, and the tensor's name within it.
  private static func split(_ name: String) -> (Substring, Substring) {
    let end = name.lastIndex(of: ".").map { name.index(after: $0) } ?? name.startIndex
    return (name[..<end], name[end...])
  }
}
