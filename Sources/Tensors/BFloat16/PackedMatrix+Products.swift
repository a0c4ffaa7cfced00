import CKernels

extension PackedMatrix {
  /// Computes rows · weightsᵀ + bias, [rows, outputs], and writes it to `result` or adds it.
  func multiply(
    _ rows: BFloat16Rows, _ bias: [Float]?, into result: UnsafeMutablePointer<Float>, adds: Bool
  ) {
    precondition(rows.columns == inputs && !isPaired, "\(rows.columns) columns · \(inputs)")
    let result = UnsafeShared(result)
    nonisolated(unsafe) let numbers = numbers
    layout.forEachPiece(rows.rows) { range, index in
      let outputs = layout.outputs(ofPanel: index)
      bias.withPointer(at: outputs.lowerBound) { bias in
        kernel_bf16_product(
          rows.kernelRows(range), numbers + index * panelStride, outputs.count, bias,
          result.base + range.lowerBound * self.outputs + outputs.lowerBound, self.outputs, adds)
      }
    }
  }

  /// The inner activations of a gated MLP from a pair of matrices: silu(rows · gateᵀ + bias) ·
  /// (rows · upᵀ + bias).
  func gated(_ rows: BFloat16Rows, gateBias: [Float]?, upBias: [Float]?) -> BFloat16Rows {
    precondition(rows.columns == inputs && isPaired, "\(rows.columns) columns · \(inputs)")
    let result = BFloat16Rows(rows: rows.rows, columns: outputs)
    nonisolated(unsafe) let numbers = numbers
    layout.forEachPiece(rows.rows) { range, index in
      let outputs = layout.outputs(ofPanel: index)
      gateBias.withPointer(at: outputs.lowerBound) { gate in
        upBias.withPointer(at: outputs.lowerBound) { up in
          kernel_bf16_gated_product(
            rows.kernelRows(range), numbers + index * panelStride, outputs.count, gate, up,
            result.pointer + range.lowerBound * result.stride + outputs.lowerBound, result.stride)
        }
      }
    }
    return result
  }
}
