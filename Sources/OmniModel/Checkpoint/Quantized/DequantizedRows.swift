/// A quantised matrix that is decoded row by row: (code − zero point) · scale, rounded as the
/// scheme's published decoder does.
struct DequantizedRows: RowSource {
  let outputs, inputs: Int
  /// Quantised codes, [outputs, inputs] or transposed.
  private(set) var codes: CodeGrid
  private(set) var scales: ScaleGrid
  /// Zero points in the layout of the scales; nil for symmetric quantisation.
  private(set) var zeros: CodeGrid?
  /// The group index of every input; nil if groups are consecutive.
  let groups: InputGroups?
  let rounding: Rounding
  /// Whether the codes are stored as [inputs, outputs].
  var isTransposed = false

  var columns: Int { inputs }

  func write(_ rows: Range<Int>, to floats: UnsafeMutablePointer<Float>) {
    mapped.decode(rows, to: floats)
  }

  /// The same rows, whose parts stay mapped during the lifetime of the copy.
  private var mapped: DequantizedRows {
    var rows = self
    rows.codes.part = codes.part.mapped
    rows.scales.part = scales.part.mapped
    if let zeros { rows.zeros?.part = zeros.part.mapped }
    return rows
  }

  private func decode(_ rows: Range<Int>, to floats: UnsafeMutablePointer<Float>) {
    if isTransposed {
      codes.write(columns: rows, to: floats)
    } else {
      codes.write(rows: rows, to: floats)
    }
    var next = floats
    for row in rows {
      if let groups { scale(row, next, groups) } else { scale(row, next) }
      next += inputs
    }
  }

  var files: [FileRange] {
    [codes.part, scales.part, zeros?.part].compactMap { $0 }.map {
      FileRange(file: $0.file, range: $0.range)
    }
  }

  func release() {
    codes.part.release()
    scales.part.release()
    zeros?.part.release()
  }

  /// Subtracts zero points and multiplies by scales in one row with consecutive groups.
  private func scale(_ row: Int, _ numbers: UnsafeMutablePointer<Float>) {
    let size = scales.block.inputs
    for (group, first) in stride(from: 0, to: inputs, by: size).enumerated() {
      let (scale, zero) = (scales.value(row, group: group), zero(row, group))
      let range = first..<min(inputs, first + size)
      switch rounding {
      case .single:
        for index in range { numbers[index] = (numbers[index] - zero) * scale }
      case .bfloat16:
        for index in range {
          numbers[index] = Rounding.toBFloat16((numbers[index] - zero) * scale)
        }
      case .float16:
        for index in range {
          numbers[index] = Rounding.toFloat16((numbers[index] - zero) * scale)
        }
      }
    }
  }

  /// Subtracts zero points and multiplies by scales in one row with a group index per input.
  private func scale(_ row: Int, _ numbers: UnsafeMutablePointer<Float>, _ groups: InputGroups) {
    let table = (0..<groups.count).map { (scales.value(row, group: $0), zero(row, $0)) }
    for (index, group) in groups.ofInput.enumerated() {
      let (scale, zero) = table[Int(group)]
      let product = (numbers[index] - zero) * scale
      numbers[index] =
        switch rounding {
        case .single: product
        case .bfloat16: Rounding.toBFloat16(product)
        case .float16: Rounding.toFloat16(product)
        }
    }
  }

  private func zero(_ row: Int, _ group: Int) -> Float {
    guard let zeros else { return 0 }
    let row = row / scales.block.outputs
    return scales.isTransposed ? zeros.value(group, row) : zeros.value(row, group)
  }
}

/// Quantisation groups whose inputs are not consecutive (`g_idx` of GPTQ).
struct InputGroups: Sendable {
  /// Group index of each input, below `count`: [inputs].
  let ofInput: [Int32]
  let count: Int
}
