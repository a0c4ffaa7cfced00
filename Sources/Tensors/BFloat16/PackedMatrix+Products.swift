import CKernels

extension PackedMatrix {
  /// Rows that one piece of a product covers: whole tiles, and short enough that pieces of a few
  /// milliseconds share the work evenly and notice a cancellation.
  private static let pieceRows = 42 * bf16_tile_rows

  /// rows · selfᵀ + bias: [rows, inputs] → [rows, outputs].
  public func times(_ rows: BFloat16Rows, bias: [Float]?) -> Tensor {
    var elements = [Float](unsafeUninitializedCapacity: rows.rows * outputs) { _, count in
      count = rows.rows * outputs
    }
    elements.withUnsafeMutableBufferPointer { result in
      guard let result = result.baseAddress else { return }
      multiply(rows, bias, into: result, adds: false)
    }
    return Tensor([rows.rows, outputs], elements)
  }

  /// Adds rows · selfᵀ + bias to `sums`, from row `first` on.
  public func add(_ rows: BFloat16Rows, bias: [Float]?, to sums: inout Tensor, at first: Int = 0) {
    precondition(
      first + rows.rows <= sums.rows && sums.columns == outputs,
      "\(rows.rows) rows onto \(sums.shape) at \(first)")
    sums.elements.withUnsafeMutableBufferPointer { sums in
      guard let sums = sums.baseAddress else { return }
      multiply(rows, bias, into: sums + first * outputs, adds: true)
    }
  }

  private func multiply(
    _ rows: BFloat16Rows, _ bias: [Float]?, into result: UnsafeMutablePointer<Float>, adds: Bool
  ) {
    precondition(rows.columns == inputs && !isPaired, "\(rows.columns) columns · \(inputs)")
    let result = UnsafeShared(result)
    forEachPiece(rows) { range, index, panel in
      let outputs = outputs(ofPanel: index)
      bias.withPointer { bias in
        kernel_bf16_product(
          rows.kernelRows(range), panel, outputs.count,
          bias.map { $0 + outputs.lowerBound },
          result.base + range.lowerBound * self.outputs + outputs.lowerBound, self.outputs, adds)
      }
    }
  }

  /// silu(rows · gateᵀ + bias) · (rows · upᵀ + bias) with the two matrices of a pair.
  public func gated(_ rows: BFloat16Rows, gateBias: [Float]?, upBias: [Float]?) -> BFloat16Rows {
    precondition(rows.columns == inputs && isPaired, "\(rows.columns) columns · \(inputs)")
    let result = BFloat16Rows(rows: rows.rows, columns: outputs)
    forEachPiece(rows) { range, index, panel in
      let outputs = outputs(ofPanel: index)
      gateBias.withPointer { gate in
        upBias.withPointer { up in
          kernel_bf16_gated_product(
            rows.kernelRows(range), panel, outputs.count,
            gate.map { $0 + outputs.lowerBound }, up.map { $0 + outputs.lowerBound },
            result.pointer + range.lowerBound * result.stride + outputs.lowerBound, result.stride)
        }
      }
    }
    return result
  }

  /// Pieces of one panel come one after the other, so that threads share it in the cache.
  private func forEachPiece(
    _ rows: BFloat16Rows, _ work: (Range<Int>, Int, UnsafePointer<UInt16>) -> Void
  ) {
    nonisolated(unsafe) let numbers = numbers
    let blocks = (rows.rows + Self.pieceRows - 1) / Self.pieceRows
    let flops = 2 * Double(rows.rows) * Double(inputs) * Double(outputs)
    ProductThreads.perform(blocks * panels, flops: flops) { piece in
      let first = piece % blocks * Self.pieceRows
      let index = piece / blocks
      work(
        first..<min(first + Self.pieceRows, rows.rows), index,
        numbers + index * panelStride)
    }
  }
}

extension [Float]? {
  fileprivate func withPointer(_ body: (UnsafePointer<Float>?) -> Void) {
    guard let self else { return body(nil) }
    self.withUnsafeBufferPointer { body($0.baseAddress) }
  }
}
