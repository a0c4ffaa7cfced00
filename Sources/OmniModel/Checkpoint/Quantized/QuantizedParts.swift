/// The stored tensors of one quantised matrix, by name within its module.
struct QuantizedParts: Sendable {
  /// Stored name of the module, with prefixes.
  let module: String
  let parts: [String: StoredPart]

  subscript(name: String) -> StoredPart? { parts[name] }

  /// The tensor of this name; throws if it is missing.
  func required(_ name: String, _ scheme: String) throws(QuantizationFault) -> StoredPart {
    guard let part = parts[name] else {
      throw .missingTensor(
        scheme: scheme, name: module + name, path: parts.values.first?.path ?? "")
    }
    return part
  }

  /// The tensor of this name; throws if it is missing or has another type or shape.
  func required(
    _ name: String, _ scheme: String, type: String, shape: [Int]
  ) throws(QuantizationFault) -> StoredPart {
    let part = try required(name, scheme)
    guard part.type == type, part.shape == shape else {
      throw part.wrong(scheme, "\(type) \(shape)")
    }
    return part
  }

  /// The element type of a scale tensor; throws if it is not supported.
  func scaleType(_ part: StoredPart, _ scheme: String) throws(QuantizationFault) -> ScaleGrid.Kind {
    guard let type = ScaleGrid.Kind(rawValue: part.type) else {
      throw part.wrong(scheme, "F16, BF16 or F32")
    }
    return type
  }
}

extension StoredPart {
  func wrong(_ scheme: String, _ expected: String) -> QuantizationFault {
    .wrongTensor(
      scheme: scheme, name: name, path: path, found: "\(type) \(shape)", expected: expected)
  }
}
