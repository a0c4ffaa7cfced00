import Tensors

/// Numbers without a pattern, the same on every run.
func noise(_ shape: [Int], seed: UInt64) -> Tensor {
  var state = seed
  let elements = (0..<shape.reduce(1, *)).map { _ -> Float in
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return Float(Int64(bitPattern: state) >> 40) / Float(1 << 23)
  }
  return Tensor(shape, elements)
}

/// The largest difference; infinite where the counts differ.
func worst(_ a: [Float], _ b: [Float]) -> Float {
  guard a.count == b.count else { return .infinity }
  return zip(a, b).reduce(0) { max($0, abs($1.0 - $1.1)) }
}
