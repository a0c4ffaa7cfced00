extension Tensor {
  /// Rotary embedding: in every head of every row, element j of the first half and of the second
  /// half are turned by the angle j of that row.
  /// - Parameter cosines, sines: [rows, headWidth / 2].
  public mutating func rotate(headWidth: Int, cosines: Tensor, sines: Tensor) {
    let half = headWidth / 2
    precondition(
      cosines.shape == [rows, half] && sines.shape == cosines.shape && columns % headWidth == 0,
      "\(shape) turned by \(cosines.shape), heads of \(headWidth)")
    updateRows { row, index in
      for head in stride(from: 0, to: row.count, by: headWidth) {
        for j in 0..<half {
          let (cosine, sine) = (
            cosines.elements[index * half + j], sines.elements[index * half + j]
          )
          let (first, second) = (row[head + j], row[head + half + j])
          row[head + j] = first * cosine - second * sine
          row[head + half + j] = second * cosine + first * sine
        }
      }
    }
  }
}
