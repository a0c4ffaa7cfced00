import CKernels

/// A weight matrix packed as panels of 8-bit integers, with one scale per 128 inputs of an output,
/// in the layout of `int8.h`; 1.06 bytes per weight.
public struct QuantizedMatrix: Sendable {
  let layout: PanelLayout
  private let memory: AlignedMemory

  public var outputs: Int { layout.outputs }
  public var inputs: Int { layout.inputs }

  private var groups: Int { (inputs + Int(int8_group_inputs) - 1) / Int(int8_group_inputs) }
  /// Number of inputs, padded to a multiple of four.
  private var paddedInputs: Int { (inputs + 3) / 4 * 4 }
  /// Offset in bytes of the scales, which are followed by the start values of sums.
  private var scalesStart: Int { layout.width * paddedInputs }
  private var offsetsStart: Int { scalesStart + layout.width * groups * MemoryLayout<Float>.size }

  /// Allocates panels without initialising them; the caller must fill them before use.
  /// - Parameter isPaired: whether two matrices are stored, gate and up.
  public init(roomFor outputs: Int, inputs: Int, isPaired: Bool = false) throws(AllocationFailure) {
    layout = PanelLayout(outputs: outputs, inputs: inputs, isPaired: isPaired)
    let groups = (inputs + Int(int8_group_inputs) - 1) / Int(int8_group_inputs)
    memory = try AlignedMemory(
      lasting: layout.width * ((inputs + 3) / 4 * 4 + groups * 2 * MemoryLayout<Float>.size))
  }

  /// Panel `index` as an argument of the C kernels.
  func panel(_ index: Int) -> int8_panel {
    let first = index * PanelLayout.panelColumns
    return int8_panel(
      numbers: memory.pointer(to: Int8.self) + first * paddedInputs,
      scales: memory.pointer(to: Float.self, at: scalesStart) + first * groups,
      offsets: memory.pointer(to: Int32.self, at: offsetsStart) + first * groups,
      columns: layout.width(ofPanel: index))
  }

  /// Quantises and packs an [outputs, inputs] matrix.
  public init(_ matrix: Tensor) throws(AllocationFailure) {
    try self.init(roomFor: matrix.rows, inputs: matrix.columns)
    matrix.elements.withUnsafeBytes { fill($0, .float32) }
  }

  /// Quantises and packs a matrix, or part 0 (gate) or 1 (up) of a pair. Must be called before the
  /// first use.
  /// - Parameters:
  ///   - bytes: elements of an [outputs, inputs] matrix, row-major.
  ///   - finished: called concurrently with byte ranges that have been read.
  public func fill(
    _ bytes: UnsafeRawBufferPointer, _ source: WeightFormat, part: Int = 0,
    finished: ((Range<Int>) -> Void)? = nil
  ) {
    layout.forEachPanel(of: bytes, source, part: part, finished: finished) {
      rows, count, index, column in
      source.withFloats(rows, count: count * inputs) {
        kernel_int8_pack($0, count, inputs, panel(index), column)
      }
    }
  }

  /// Quantises and packs a matrix whose rows are computed on demand.
  /// - Parameter make: writes rows of the [outputs, inputs] matrix in single precision, row-major;
  ///   called concurrently.
  public func fill(
    part: Int = 0, _ make: (Range<Int>, UnsafeMutablePointer<Float>) -> Void
  ) {
    layout.forEachPanel(part: part, make) { rows, count, index, column in
      kernel_int8_pack(rows, count, inputs, panel(index), column)
    }
  }
}

extension QuantizedMatrix {
  /// Computes rows · weightsᵀ + bias, [rows, outputs], and writes it to `result` or adds it.
  func multiply(
    _ rows: Int8Rows, _ bias: [Float]?, into result: UnsafeMutablePointer<Float>, adds: Bool
  ) {
    precondition(rows.columns == inputs && !layout.isPaired, "\(rows.columns) columns · \(inputs)")
    let result = UnsafeShared(result)
    layout.forEachPiece(rows.rows) { range, index in
      let outputs = layout.outputs(ofPanel: index)
      bias.withPointer(at: outputs.lowerBound) { bias in
        kernel_int8_product(
          rows.kernelRows(range), panel(index), outputs.count, bias,
          result.base + range.lowerBound * self.outputs + outputs.lowerBound, self.outputs, adds)
      }
    }
  }

  /// The inner activations of a gated MLP from a pair of matrices: silu(rows · gateᵀ + bias) ·
  /// (rows · upᵀ + bias).
  func gated(_ rows: Int8Rows, gateBias: [Float]?, upBias: [Float]?) -> BFloat16Rows {
    precondition(rows.columns == inputs && layout.isPaired, "\(rows.columns) columns · \(inputs)")
    let result = BFloat16Rows(rows: rows.rows, columns: outputs)
    layout.forEachPiece(rows.rows) { range, index in
      let outputs = layout.outputs(ofPanel: index)
      gateBias.withPointer(at: outputs.lowerBound) { gate in
        upBias.withPointer(at: outputs.lowerBound) { up in
          kernel_int8_gated_product(
            rows.kernelRows(range), panel(index), outputs.count, gate, up,
            result.pointer + range.lowerBound * result.stride + outputs.lowerBound, result.stride)
        }
      }
    }
    return result
  }
}
