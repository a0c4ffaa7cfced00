extension QuantizationScheme {
  /// The GPTQ scheme: `qweight` [inputs · bits / 32, outputs] and `qzeros` [groups, outputs · bits
  /// / 32] in I32, `scales` [groups, outputs], and with `desc_act` `g_idx` [inputs], the group of
  /// every input. The first format stores zero points minus 1, `gptq_v2` unchanged. Decoded like
  /// `dequantize_weight` of gptqmodel 7.7: products are rounded to the type of the scales.
  static let gptq = QuantizationScheme(
    name: "GPTQ", methods: ["gptq", "auto-round", "auto_round", "intel/auto-round"],
    tensors: ["qweight", "qzeros", "scales", "g_idx"],
    holds: { parts, settings in
      guard parts["qweight"] != nil else { return false }
      return parts.scalesPerWord.map { $0 == 1 } ?? (settings?.isAWQ != true)
    },
    shape: { parts in
      guard let weight = parts["qweight"], weight.shape.count == 2, let zeros = parts["qzeros"],
        zeros.shape.count == 2, weight.shape[1] > 0
      else { return nil }
      let bits = zeros.shape[1] * 32 / weight.shape[1]
      if let order = parts["g_idx"] { return (weight.shape[1], order.count) }
      return bits > 0 ? (weight.shape[1], weight.shape[0] * 32 / bits) : nil
    },
    codes: { parts in
      guard let weight = parts["qweight"], let zeros = parts["qzeros"], weight.shape.count == 2,
        zeros.shape.count == 2, weight.shape[1] > 0
      else { return "int4" }
      return "int\(zeros.shape[1] * 32 / weight.shape[1])"
    },
    rows: { parts, outputs, inputs, settings throws(QuantizationFault) in
      try GPTQMatrix(parts, outputs, inputs, settings).rows()
    })
}

/// The validated tensors of a GPTQ matrix.
private struct GPTQMatrix {
  private static let name = "GPTQ"

  let parts: QuantizedParts
  let outputs, inputs: Int
  let settings: QuantizationSettings

  init(
    _ parts: QuantizedParts, _ outputs: Int, _ inputs: Int, _ settings: QuantizationSettings?
  ) throws(QuantizationFault) {
    guard let settings else {
      throw .ambiguous(
        scheme: Self.name, module: parts.module, path: parts["qweight"]?.path ?? "",
        missing: "checkpoint_format")
    }
    (self.parts, self.outputs, self.inputs, self.settings) = (parts, outputs, inputs, settings)
  }

  /// Whether zero points are stored minus 1.
  private var isLessOne: Bool {
    if let packing = settings.packing {
      return packing.contains("gptq") && !packing.contains("gptqmodel")
    }
    return settings.file.checkpoint_format?.lowercased() != "gptq_v2"
      && settings.file.format?.lowercased() != "gptq_v2"
  }

  func rows() throws(QuantizationFault) -> DequantizedRows {
    let weight = try parts.required("qweight", Self.name)
    let bits = try bits(weight)
    let scales = try parts.required("scales", Self.name)
    let type = try parts.scaleType(scales, Self.name)
    let (size, count) = try groups(bits, scales)
    guard scales.shape == [count, outputs], let rounding = type.rounding else {
      throw scales.wrong(Self.name, "\([count, outputs])")
    }
    _ = try parts.required(
      "qweight", Self.name, type: "I32", shape: [inputs * bits / 32, outputs])
    let zeros = try parts.required(
      "qzeros", Self.name, type: "I32", shape: [count, outputs * bits / 32])
    return DequantizedRows(
      outputs: outputs, inputs: inputs,
      codes: CodeGrid(
        part: weight, rows: inputs, columns: outputs, packing: .alongRows(bits: bits)),
      scales: ScaleGrid(
        part: scales, type: type, block: .init(outputs: 1, inputs: size), columns: outputs,
        isTransposed: true),
      zeros: CodeGrid(
        part: zeros, rows: count, columns: outputs, packing: .alongColumns(bits: bits),
        isLessOne: isLessOne),
      groups: try order(count), rounding: rounding, isTransposed: true)
  }

  /// Bits per code, derived from the shapes: single modules may differ from the configuration.
  private func bits(_ weight: StoredPart) throws(QuantizationFault) -> Int {
    let stated = ([settings.file.bits] + exceptions.map(\.bits)).compactMap { $0 }
      .filter { (1...32).contains($0) }
    for bits in [2, 3, 4, 8]
    where stated.contains(bits) && weight.shape == [inputs * bits / 32, outputs]
      && inputs * bits % 32 == 0 && outputs * bits % 32 == 0
    {
      return bits
    }
    if let bits = settings.file.bits, ![2, 3, 4, 8].contains(bits) {
      throw .unknownScheme("gptq of \(bits) bits", path: settings.path, place: settings.place)
    }
    let expected = Set(stated).sorted().map { "[\(inputs * $0 / 32), \(outputs)]" }
    throw weight.wrong(
      Self.name,
      "I32 \(expected.joined(separator: " or ")) for a matrix of \([outputs, inputs]) "
        + "in words of 32 bits")
  }

  /// Number of inputs per group, and number of groups. The last group may be smaller.
  private func groups(
    _ bits: Int, _ scales: StoredPart
  ) throws(QuantizationFault) -> (size: Int, count: Int) {
    var sizes = [try settings.groupSize(inputs: inputs)]
    for case .inputs(let size)? in exceptions.map(\.group_size) {
      sizes.append(StoredPart.sides.contains(size) ? size : inputs)
    }
    let found = scales.shape.first
    let fitting = Set(sizes.map { min($0, inputs) }).filter { (inputs + $0 - 1) / $0 == found }
    guard let size = fitting.first, fitting.count == 1 else {
      let expected = Set(sizes.map { (inputs + $0 - 1) / $0 }).sorted()
      throw scales.wrong(
        Self.name,
        "\(expected.map(String.init).joined(separator: " or ")) groups of "
          + "\(sizes.map(String.init).joined(separator: " or ")) of \(inputs) inputs")
    }
    return (size, (inputs + size - 1) / size)
  }

  private func order(_ count: Int) throws(QuantizationFault) -> InputGroups? {
    guard let part = parts["g_idx"] else { return nil }
    guard part.type == "I32" || part.type == "I64", part.shape == [inputs],
      let order = part.integers, order.allSatisfy({ (0..<count).contains($0) })
    else { throw part.wrong(Self.name, "I32 [\(inputs)], groups below \(count)") }
    return InputGroups(ofInput: order.map { Int32($0) }, count: count)
  }

  private var exceptions: [QuantizationFile.Exception] {
    Array((settings.file.dynamic ?? [:]).values) + Array((settings.file.extra_config ?? [:]).values)
  }
}
