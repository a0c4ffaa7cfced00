extension Checkpoint {
  /// A quantised matrix that is decoded on demand; nil if this weight is not quantised.
  /// - Parameter name: the name of the weight without prefixes.
  func quantized(_ name: String, shape: [Int]) throws(CheckpointError) -> StoredTensor? {
    guard name.hasSuffix(".weight") else { return nil }
    let module = String(name.dropLast("weight".count))
    do throws(QuantizationFault) {
      guard let parts = parts(of: module) else {
        try refuseUnknown(module)
        return nil
      }
      guard let scheme = try scheme(of: parts) else { return nil }
      guard shape.count == 2, shape.allSatisfy(StoredPart.sides.contains) else {
        throw .unknownTensors(
          module: module, tensors: parts.parts.keys.sorted(), scheme: nil, path: directory)
      }
      let rows = try scheme.rows(parts, shape[0], shape[1], quantization.settings)
      for tensor in scheme.tensors.subtracting(Self.activationScales) { read.note(module + tensor) }
      return StoredTensor(shape: shape, type: .float32, place: .made(rows))
    } catch {
      throw .quantized(error)
    }
  }

  /// All stored tensors of a quantised module.
  private func parts(of module: String) -> QuantizedParts? {
    guard let tensors = quantization.tensors(of: module) else { return nil }
    var parts: [String: StoredPart] = [:]
    for tensor in tensors { parts[tensor] = part(module + tensor) }
    return QuantizedParts(module: spelled(module), parts: parts)
  }

  /// The quantisation scheme of a module; nil for a plain weight that only has scales for
  /// activations, or tensors of a scheme that is not configured.
  private func scheme(
    of parts: QuantizedParts
  ) throws(QuantizationFault) -> QuantizationScheme? {
    let tensors = Set(parts.parts.keys).subtracting(["bias"])
    let type = parts["weight"]?.type
    if let type, ElementType(rawValue: type) != nil,
      quantization.settings == nil
        || tensors.subtracting(["weight"]).isSubset(of: Self.activationScales)
    {
      return nil
    }
    guard let scheme = QuantizationScheme.of(parts, quantization.settings),
      tensors.isSubset(of: scheme.tensors)
    else {
      throw .unknownTensors(
        module: parts.module, tensors: Self.named(tensors.sorted(), type),
        scheme: QuantizationScheme.guess(tensors.sorted(), type), path: directory)
    }
    if let settings = quantization.settings, !settings.allows(scheme) {
      throw .otherScheme(
        stated: settings.statement, found: scheme.name, module: parts.module,
        path: settings.path, place: settings.place)
    }
    return scheme
  }

  /// Names of tensors that quantise activations; they do not affect weights.
  private static let activationScales: Set<String> = [
    "input_scale", "input_zero_point", "activation_scale", "output_scale", "input_scale_ub",
  ]

  /// Throws for a matrix that has neither a plain weight nor tensors of a known scheme.
  private func refuseUnknown(_ module: String) throws(QuantizationFault) {
    let type = part(module + "weight")?.type
    guard type.map({ ElementType(rawValue: $0) == nil }) ?? true else { return }
    let found = tensorNames.filter { $0.hasPrefix(module) && $0 != module + "bias" }
      .map { String($0.dropFirst(module.count)) }.sorted()
    // An adapter that was not merged is reported as a different error.
    guard !found.isEmpty, names.adapters.isEmpty else { return }
    if found == ["weight"], type == nil { return }
    throw .unknownTensors(
      module: module, tensors: Self.named(found, type),
      scheme: QuantizationScheme.guess(found, type), path: directory)
  }

  /// Names of a matrix's tensors for an error message, with the element type if it is unusual.
  private static func named(_ tensors: [String], _ type: String?) -> [String] {
    guard let type, ElementType(rawValue: type) == nil else { return tensors }
    return tensors.map { $0 == "weight" ? "weight (\(type))" : $0 }
  }

  /// Audit facts on quantised matrices and on the configuration key that determined the scheme.
  var quantizationFacts: [CheckpointFact] {
    let settings = quantization.settings
    guard let content = quantizedContent() else {
      guard let settings else { return [] }
      return [
        CheckpointFact(
          "quantisation",
          "\(settings.place) states \(settings.statement), but the thinker's weights are not quantised and "
            + "are used as they are stored", isWarning: true)
      ]
    }
    let source = settings.map { "\($0.statement) in \($0.place)" } ?? "no configuration"
    let type = content.type == .float32 ? "" : ", rounded to \(content.type?.name ?? "their type")"
    return [
      CheckpointFact(
        "quantisation",
        "\(content.name) by the tensors, \(source): decoded as they are read\(type)")
    ]
  }

  /// The scheme of most quantised matrices, the type of their decoded values, and their number of
  /// parameters.
  func quantizedContent() -> (name: String, type: ElementType?, parameters: Int)? {
    var counts: [String: Int] = [:]
    var parameters = 0
    var type: ElementType?
    for module in quantization.moduleNames {
      guard let parts = parts(of: module), let scheme = try? scheme(of: parts),
        let shape = scheme.shape(parts)
      else { continue }
      guard StoredPart.sides.contains(shape.outputs), StoredPart.sides.contains(shape.inputs)
      else { continue }
      let count = shape.outputs * shape.inputs
      parameters &+= count
      counts["\(scheme.codes(parts)) (\(scheme.name))", default: 0] += count
      if type == nil {
        type = try? scheme.rows(
          parts, shape.outputs, shape.inputs, quantization.settings
        ).rounding.type
      }
    }
    guard let name = counts.max(by: { ($0.value, $1.key) < ($1.value, $0.key) })?.key else {
      return nil
    }
    return (name, type, parameters)
  }
}

extension QuantizationSettings {
  /// Whether the configuration allows this scheme.
  func allows(_ scheme: QuantizationScheme) -> Bool {
    guard scheme.methods.contains(method) else { return false }
    guard let packing, scheme.tensors.contains("qweight") else { return true }
    return packing.contains("awq") == !scheme.tensors.contains("g_idx")
  }

  /// The quantisation method as written in messages.
  var statement: String { packing.map { "\(method) \($0)" } ?? method }
}
