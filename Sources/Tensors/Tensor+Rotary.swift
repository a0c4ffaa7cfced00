import CKernels

extension Tensor {
  /// Applies the rotary embedding: in every head of every row, element j of the first half and
  /// element j of the second half are rotated by angle j of that row.
  /// - Parameter cosines, sines: [rows, headWidth / 2].
  public mutating func rotate(headWidth: Int, cosines: Tensor, sines: Tensor) {
    let half = headWidth / 2
    precondition(
      cosines.shape == [rows, half] && sines.shape == cosines.shape && columns % headWidth == 0,
      "\(shape) turned by \(cosines.shape), heads of \(headWidth)")
    let heads = columns / headWidth
    cosines.elements.withUnsafeBufferPointer { cosines in
      sines.elements.withUnsafeBufferPointer { sines in
        guard let cosines = cosines.baseAddress, let sines = sines.baseAddress else { return }
        updateRows { row, index in
          kernel_rotate(
            row.baseAddress, heads, headWidth, cosines + index * half, sines + index * half)
        }
      }
    }
  }
}
