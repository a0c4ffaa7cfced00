extension QuantizationScheme {
  /// The `pack-quantized` scheme of compressed-tensors: `weight_packed` [outputs, ⌈inputs · bits /
  /// 32⌉] in I32, with 2^(bits − 1) added to every code; `weight_scale`, `weight_shape`, and for
  /// asymmetric codes `weight_zero_point`, packed along the outputs. Decoded like its
  /// `PackedQuantizationCompressor` 0.20: products are rounded to the type of the scales.
  static let packed = QuantizationScheme(
    name: "compressed-tensors pack-quantized",
    methods: ["compressed-tensors", "auto-round", "auto_round", "intel/auto-round"],
    tensors: [
      "weight_packed", "weight_scale", "weight_shape", "weight_zero_point", "weight_g_idx",
    ],
    holds: { parts, _ in parts["weight_packed"]?.type == "I32" },
    shape: { parts in
      guard let shape = parts["weight_shape"]?.integers, shape.count == 2 else { return nil }
      return (shape[0], shape[1])
    },
    codes: { parts in
      guard let words = parts["weight_packed"]?.shape.last,
        let inputs = parts["weight_shape"]?.integers?.last, inputs > 0
      else { return "int4" }
      return "int\(words * 32 / inputs)"
    },
    rows: { parts, outputs, inputs, settings throws(QuantizationFault) in
      try ScaledMatrix(
        "compressed-tensors pack-quantized", parts, outputs, inputs, settings
      ).packedRows()
    })

  /// Weights of 8 bits with scales: `weight` [outputs, inputs] in F8_E4M3 or I8, and `weight_scale`
  /// or `weight_scale_inv` with one scale for the matrix, or one per output, block or group.
  ///
  /// Covers float-quantized, int-quantized and naive-quantized of compressed-tensors, fp8 and
  /// fbgemm_fp8 of transformers, and FP8 of AutoRound. Products are rounded to the type of the
  /// scales for compressed-tensors, otherwise to the `dtype` of config.json, as the two libraries
  /// do.
  static let eightBit = QuantizationScheme(
    name: "8-bit weights with scales",
    methods: [
      "compressed-tensors", "fp8", "fbgemm_fp8", "auto-round", "auto_round", "intel/auto-round",
    ],
    tensors: [
      "weight", "weight_scale", "weight_scale_inv", "weight_zero_point", "weight_g_idx",
      "input_scale", "input_zero_point", "activation_scale", "output_scale",
      "input_scale_ub",
    ],
    holds: { parts, _ in ["F8_E4M3", "I8"].contains(parts["weight"]?.type) },
    shape: { parts in
      guard let shape = parts["weight"]?.shape, shape.count == 2 else { return nil }
      return (shape[0], shape[1])
    },
    codes: { parts in parts["weight"]?.type == "I8" ? "int8" : "float8" },
    rows: { parts, outputs, inputs, settings throws(QuantizationFault) in
      try ScaledMatrix("8-bit weights with scales", parts, outputs, inputs, settings).byteRows()
    })
}

/// The validated tensors of a matrix with scales in blocks.
private struct ScaledMatrix {
  let name: String
  let parts: QuantizedParts
  let outputs, inputs: Int
  let settings: QuantizationSettings?
  let scales: StoredPart

  init(
    _ name: String, _ parts: QuantizedParts, _ outputs: Int, _ inputs: Int,
    _ settings: QuantizationSettings?
  ) throws(QuantizationFault) {
    (self.name, self.parts, self.outputs, self.inputs) = (name, parts, outputs, inputs)
    self.settings = settings
    if let scales = parts["weight_scale_inv"] {
      self.scales = scales
    } else {
      scales = try parts.required("weight_scale", name)
    }
  }

  func packedRows() throws(QuantizationFault) -> DequantizedRows {
    let codes = try parts.required("weight_packed", name)
    let shape = try parts.required("weight_shape", name)
    guard shape.integers == [outputs, inputs] else {
      throw shape.wrong(name, "the shape of the matrix, \([outputs, inputs])")
    }
    let form = try form { form in
      !form.isFloat && (1...8).contains(form.bits)
        && codes.shape == [outputs, (inputs * form.bits + 31) / 32]
    }
    let half = Int32(1) << Int32(form.bits - 1)
    let grid = CodeGrid(
      part: codes, rows: outputs, columns: inputs, packing: .alongColumns(bits: form.bits),
      offset: half)
    return try rows(grid, form) { part, groups throws(QuantizationFault) in
      if form.strategy == .tensor { return try bytes(part, groups) }
      let words = (outputs * form.bits + 31) / 32
      guard part.type == "I32", part.shape == [words, groups] else {
        throw part.wrong(name, "I32 \([words, groups])")
      }
      return CodeGrid(
        part: part, rows: outputs, columns: groups, packing: .alongRows(bits: form.bits),
        offset: half)
    }
  }

  func byteRows() throws(QuantizationFault) -> DequantizedRows {
    let codes = try parts.required("weight", name)
    guard codes.shape == [outputs, inputs] else { throw codes.wrong(name, "\([outputs, inputs])") }
    let isFloat = codes.type == "F8_E4M3"
    let form = try form { $0.isFloat == isFloat && $0.bits <= 8 }
    let grid = CodeGrid(
      part: codes, rows: outputs, columns: inputs, packing: isFloat ? .float8 : .signedBytes)
    return try rows(grid, form, zeros: bytes)
  }

  /// One-byte zero points in the layout of the scales.
  private func bytes(_ part: StoredPart, _ groups: Int) throws(QuantizationFault) -> CodeGrid {
    guard ["I8", "F8_E4M3"].contains(part.type), part.count == scales.count else {
      throw part.wrong(name, "I8 \(scales.shape)")
    }
    return CodeGrid(
      part: part, rows: scales.count / max(1, groups), columns: groups,
      packing: part.type == "I8" ? .signedBytes : .float8)
  }

  private func rows(
    _ codes: CodeGrid, _ form: WeightForm,
    zeros: (StoredPart, _ groups: Int) throws(QuantizationFault) -> CodeGrid
  ) throws(QuantizationFault) -> DequantizedRows {
    let type = try parts.scaleType(scales, name)
    let block = form.block(outputs: outputs, inputs: inputs)
    let groups = (inputs + block.inputs - 1) / block.inputs
    return DequantizedRows(
      outputs: outputs, inputs: inputs, codes: codes,
      scales: ScaleGrid(part: scales, type: type, block: block, columns: groups),
      zeros: try parts["weight_zero_point"].map { part throws(QuantizationFault) in
        try zeros(part, groups)
      },
      groups: try order(groups, block.inputs), rounding: rounding(type))
  }

  /// The type to which products with scales of this type are rounded.
  private func rounding(_ type: ScaleGrid.Kind) -> Rounding {
    if settings?.method == "compressed-tensors", let rounding = type.rounding { return rounding }
    return settings?.rounding ?? type.rounding ?? .bfloat16
  }

  /// The configured form that matches the tensors; throws if none or several match.
  private func form(
    _ fits: (WeightForm) -> Bool
  ) throws(QuantizationFault) -> WeightForm {
    let stated = try settings?.forms() ?? Self.every(inputs: inputs, scales: scales)
    let hasZeros = parts["weight_zero_point"] != nil
    let possible = stated.filter { form in
      // Older writers also stored zero points for symmetric 8-bit codes.
      fits(form) && (form.isSymmetric != hasZeros || hasZeros && parts["weight"] != nil)
        && form.scaleShapes(outputs: outputs, inputs: inputs).contains(scales.shape)
    }
    // Equivalent forms count once: a group of all inputs is the same as a channel.
    let different = Dictionary(
      possible.map { form in
        let block = form.block(outputs: outputs, inputs: inputs)
        return ([form.bits, min(outputs, block.outputs), min(inputs, block.inputs)], form)
      }, uniquingKeysWith: { first, _ in first })
    if let form = different.values.first, different.count == 1 { return form }
    guard different.isEmpty else {
      throw .ambiguous(
        scheme: name, module: parts.module, path: scales.path, missing: "config_groups")
    }
    let codes = parts["weight_packed"] ?? parts["weight"] ?? scales
    let expected = Set(stated.map(\.sentence)).sorted().joined(separator: " or ")
    throw scales.wrong(
      name,
      "the tensors of \([outputs, inputs]) as \(expected); the codes are "
        + "\(codes.type) \(codes.shape)\(hasZeros ? ", with zero points" : "")")
  }

  /// All possible forms, for checkpoints without a quantisation configuration.
  private static func every(inputs: Int, scales: StoredPart) -> [WeightForm] {
    var strategies: [WeightForm.Strategy] = [.tensor, .channel]
    if scales.shape.count == 2, let groups = scales.shape.last, groups > 1, inputs % groups == 0 {
      strategies.append(.group(inputs / groups))
    }
    let integers = (1...8).flatMap { bits in
      strategies.flatMap { strategy in
        [true, false].map {
          WeightForm(bits: bits, isFloat: false, isSymmetric: $0, strategy: strategy)
        }
      }
    }
    strategies.append(.block(outputs: 128, inputs: 128))
    return integers
      + strategies.map {
        WeightForm(bits: 8, isFloat: true, isSymmetric: true, strategy: $0)
      }
  }

  /// The group index of each input, from `weight_g_idx`; nil if groups are consecutive (−1).
  private func order(_ count: Int, _ size: Int) throws(QuantizationFault) -> InputGroups? {
    guard let part = parts["weight_g_idx"] else { return nil }
    guard part.shape == [inputs], let order = part.integers else {
      throw part.wrong(name, "I32 \([inputs])")
    }
    if order.contains(-1) { return nil }
    var counts = [Int](repeating: 0, count: count)
    for group in order where (0..<count).contains(group) { counts[group] += 1 }
    guard counts.allSatisfy({ $0 == size }) else {
      throw part.wrong(name, "\(size) inputs in each of \(count) groups")
    }
    return InputGroups(ofInput: order.map { Int32($0) }, count: count)
  }
}
