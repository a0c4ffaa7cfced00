extension QuantizationScheme {
  /// AutoAWQ's `gemm` layout with 4 bits: `qweight` [inputs, outputs / 8] and `qzeros` [groups,
  /// outputs / 8] in I32, `scales` [groups, outputs]. Decoded like `dequantize_gemm` of autoawq
  /// 0.2.9: products are rounded to the type of the scales.
  static let awq = QuantizationScheme(
    name: "AWQ", methods: ["awq", "auto-round", "auto_round", "intel/auto-round"],
    tensors: ["qweight", "qzeros", "scales"],
    holds: { parts, settings in
      guard parts["qweight"] != nil, parts["g_idx"] == nil else { return false }
      return parts.scalesPerWord.map { $0 == 8 } ?? (settings?.isAWQ == true)
    },
    shape: { parts in
      guard let weight = parts["qweight"], weight.shape.count == 2 else { return nil }
      return (weight.shape[1] * 8, weight.shape[0])
    },
    codes: { _ in "int4" },
    rows: { parts, outputs, inputs, settings throws(QuantizationFault) in
      let name = "AWQ"
      if let bits = settings?.file.bits, bits != 4 {
        throw .unknownScheme(
          "awq of \(bits) bits", path: settings?.path ?? "", place: settings?.place ?? "")
      }
      let scales = try parts.required("scales", name)
      let size = try settings?.groupSize(inputs: inputs)
      let groups = size.map { inputs / max(1, $0) } ?? scales.shape.first ?? 0
      guard groups > 0, inputs % groups == 0, size == nil || size == inputs / groups,
        outputs % 8 == 0
      else {
        throw scales.wrong(
          name,
          "groups of \(size.map(String.init) ?? "all") inputs that divide \(inputs) inputs, and "
            + "a multiple of 8 outputs, not \(outputs)")
      }
      guard scales.shape == [groups, outputs] else {
        throw scales.wrong(name, "\([groups, outputs])")
      }
      let weight = try parts.required(
        "qweight", name, type: "I32", shape: [inputs, outputs / 8])
      let zeros = try parts.required("qzeros", name, type: "I32", shape: [groups, outputs / 8])
      let type = try parts.scaleType(scales, name)
      guard let rounding = type.rounding else { throw scales.wrong(name, "F16, BF16 or F32") }
      return DequantizedRows(
        outputs: outputs, inputs: inputs,
        codes: CodeGrid(part: weight, rows: inputs, columns: outputs, packing: .awq),
        scales: ScaleGrid(
          part: scales, type: type, block: .init(outputs: 1, inputs: inputs / groups),
          columns: outputs, isTransposed: true),
        zeros: CodeGrid(part: zeros, rows: groups, columns: outputs, packing: .awq),
        groups: nil, rounding: rounding, isTransposed: true)
    })
}

extension QuantizedParts {
  /// Number of outputs per 32-bit word of `qweight`: 8 in AWQ, 1 in GPTQ, which packs along the
  /// inputs; nil if the shapes fit neither.
  var scalesPerWord: Int? {
    guard let words = parts["qweight"]?.shape.last, let scales = parts["scales"]?.shape.last,
      words > 0
    else { return nil }
    return [1, 8].first { words * $0 == scales }
  }
}

extension QuantizationSettings {
  /// Whether the settings state AutoAWQ's layout for 4-bit matrices.
  var isAWQ: Bool { method == "awq" || packing?.contains("awq") == true }

  /// Packing of AutoRound: `packing_format`, in older files `backend`.
  var packing: String? {
    method.contains("auto") ? (file.packing_format ?? file.backend) : nil
  }

  /// Number of inputs in a quantisation group; all inputs if `group_size` is −1 or absent.
  func groupSize(inputs: Int) throws(QuantizationFault) -> Int {
    switch file.group_size {
    case .inputs(let size)? where StoredPart.sides.contains(size): return size
    case .inputs(-1)?, nil: return inputs
    default:
      throw .unknownScheme("\(method) with another group_size", path: path, place: place)
    }
  }
}
