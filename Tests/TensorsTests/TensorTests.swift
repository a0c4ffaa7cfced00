import Foundation
import Testing

@testable import Tensors

/// Every kernel against the obvious slow one.
@Suite(.serialized) struct `Tensors` {
  /// Numbers without a pattern, the same on every run.
  private func noise(_ shape: [Int], seed: UInt64) -> Tensor {
    var state = seed
    let elements = (0..<shape.reduce(1, *)).map { _ -> Float in
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Float(Int64(bitPattern: state) >> 40) / Float(1 << 23)
    }
    return Tensor(shape, elements)
  }

  private func close(_ a: [Float], _ b: [Float], _ tolerance: Float = 1e-4) -> Bool {
    a.count == b.count && zip(a, b).allSatisfy { abs($0 - $1) <= tolerance * max(1, abs($1)) }
  }

  @Test(arguments: [(1, 1, 1), (3, 5, 7), (2, 1030, 33), (65, 513, 64)])
  func `float32 matrix products equal the sums of products`(_ m: Int, _ n: Int, _ k: Int) {
    let (a, b) = (noise([m, k], seed: 1), noise([n, k], seed: 2))
    let slow = (0..<m).flatMap { row in
      (0..<n).map { column in
        zip(a.row(row), b.row(column)).reduce(Float(0)) { $0 + $1.0 * $1.1 }
      }
    }
    #expect(close(a.timesTransposed(b).elements, slow))
    #expect(close(a.times(b.transposed()).elements, slow))
  }

  @Test(arguments: [nil, 0, 4]) func `float32 attention equals softmax times values`(_ offset: Int?)
  {
    let (tokens, context, width, heads) = (6, 6 + (offset ?? 0), 4, 4)
    let queries = noise([tokens, heads * width], seed: 3)
    let (keys, values) = (
      noise([context, 2 * width], seed: 4), noise([context, 2 * width], seed: 5)
    )
    let found = Attention.attend(
      queries, keys, values, headWidth: width, causalOffset: offset)
    for token in 0..<tokens {
      for head in 0..<heads {
        let seen = offset.map { token + $0 + 1 } ?? context
        let slice = head / 2 * width
        let scores = (0..<seen).map { other in
          (0..<width).reduce(Float(0)) {
            $0 + queries.row(token)[token * heads * width + head * width + $1]
              * keys.elements[other * 2 * width + slice + $1]
          } / 2
        }
        let peak = scores.max() ?? 0
        let weights = scores.map { exponential($0 - peak) }
        let sum = weights.reduce(0, +)
        for column in 0..<width {
          let mixed = (0..<seen).reduce(Float(0)) {
            $0 + weights[$1] / sum * values.elements[$1 * 2 * width + slice + column]
          }
          let element = found.elements[(token * heads + head) * width + column]
          #expect(abs(element - mixed) < 1e-5)
        }
      }
    }
  }

  /// eˣ by its series, good enough for x ≤ 0 of this size.
  private func exponential(_ x: Float) -> Float {
    var (sum, term) = (1.0, 1.0)
    for n in 1..<60 {
      term *= Double(x) / Double(n)
      sum += term
    }
    return Float(sum)
  }

  @Test func `attention of a long sequence equals blockwise attention`() {
    let tokens = Attention.blockRows + 37
    let q = noise([tokens, 8], seed: 6)
    let whole = Attention.attend(q, q, q, headWidth: 8, causalOffset: 0)
    let last = Attention.attend(
      q.rows(tokens - 1..<tokens), q, q, headWidth: 8, causalOffset: tokens - 1)
    #expect(close(Array(whole.row(tokens - 1)), last.elements, 1e-5))
    let first = Attention.attend(
      q.rows(0..<1), q.rows(0..<1), q.rows(0..<1), headWidth: 8, causalOffset: 0)
    #expect(close(Array(whole.row(0)), first.elements, 1e-6))
  }

  @Test func `results are bit-identical for any number of threads`() {
    let (a, b) = (noise([300, 257], seed: 7), noise([1400, 257], seed: 8))
    let q = noise([700, 64], seed: 9)
    let results = [1, 2, 3, 4].map { threads in
      ProductThreads.use(threads)
      return [
        a.timesTransposed(b), Attention.attend(q, q, q, headWidth: 16, causalOffset: 0),
      ]
    }
    #expect(results.allSatisfy { $0 == results[0] })
  }

  @Test func `received attention of several queries is the mean over them`() {
    let (queries, keys) = (noise([3, 8], seed: 11), noise([5, 4], seed: 12))
    let together = Attention.distribution(queries, keys, headWidth: 4)
    let single = (0..<3).map {
      Attention.distribution(queries.rows($0..<$0 + 1), keys, headWidth: 4)
    }
    for key in 0..<5 {
      let mean = single.reduce(0) { $0 + $1[key] } / 3
      #expect(abs(together[key] - mean) < 1e-6)
    }
  }

  @Test func `attention received sums to the number of queries per window`() {
    let q = noise([10, 12], seed: 10)
    let received = Attention.received(q, q, headWidth: 4, windowTokens: 4)
    for (window, size) in [(0..<4, 4), (4..<8, 4), (8..<10, 2)] {
      #expect(abs(received[window].reduce(0, +) - Float(size)) < 1e-4)
    }
  }

  @Test func `rotary embedding keeps norms and rotates by the angle`() {
    var x = Tensor([1, 4], [1, 2, 0, 0])
    x.rotate(headWidth: 4, cosines: Tensor([1, 2], [0, 1]), sines: Tensor([1, 2], [1, 0]))
    #expect(x.elements == [0, 2, 1, 0])
  }

  @Test func `groups of rows are averaged, an incomplete group is dropped`() {
    let x = Tensor([5, 1], [1, 3, 5, 7, 100])
    #expect(x.meanOfRowGroups(2).elements == [2, 6])
  }
}

/// The C kernels against the mathematics library.
@Suite struct `Kernels` {
  @Test func `softmax is exact to single precision, also far from zero`() {
    for peak: Float in [-500, 0, 60] {
      let values = (0..<77).map { peak - Float($0) * 1.37 }
      var row = Tensor([1, 77], values)
      row.applySoftmax()
      let exact = values.map { Foundation.exp(Double($0 - peak)) }
      let sum = exact.reduce(0, +)
      for (found, exponential) in zip(row.elements, exact) {
        #expect(abs(Double(found) - exponential / sum) <= 4e-7 * exponential / sum + 1e-37)
      }
    }
  }

  @Test func `columns beyond the width are zero-filled`() {
    var row = Tensor([2, 4], [1, 1, 9, 9, 2, 2, 2, 2])
    row.applySoftmax { $0 == 0 ? 2 : 4 }
    #expect(row.elements == [0.5, 0.5, 0, 0, 0.25, 0.25, 0.25, 0.25])
  }

  @Test func `SiLU is exact to single precision`() {
    let values = stride(from: Float(-30), through: 30, by: 0.37).map { $0 }
    var x = Tensor([1, values.count], values)
    x.applySiLU()
    for (found, value) in zip(x.elements, values) {
      let exact = Double(value) / (1 + Foundation.exp(-Double(value)))
      #expect(abs(Double(found) - exact) <= 4e-7 * abs(exact))
    }
  }

  @Test func `GELU with tanh is exact to single precision`() {
    let values = stride(from: Float(-12), through: 12, by: 0.037).map { $0 }
    var x = Tensor([2, values.count], values + values)
    x.applyTanhGELU()
    for (found, value) in zip(x.elements, values + values) {
      let x = Double(value)
      let inner = (2 / Double.pi).squareRoot() * (x + 0.044715 * x * x * x)
      // x / 2 · (1 + tanh y), without cancellation.
      let exact = x / (1 + Foundation.exp(-2 * inner))
      // The exponent is rounded to single precision: its error grows with its size.
      let bound = 4e-7 * (1 + abs(inner)) * abs(exact) + 1e-36
      #expect(abs(Double(found) - exact) <= bound, "\(value): \(found), \(exact)")
    }
  }
}
