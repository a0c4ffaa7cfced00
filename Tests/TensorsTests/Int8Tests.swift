import CKernels
import Foundation
import Testing

@testable import Tensors

/// Products of 8-bit numbers against the obvious slow ones, with every instruction set that
/// the processor has.
@Suite(.serialized) struct `Matrix products in 8 bits` {
  /// The nearest of 127 steps on each side of zero.
  private func stepped(_ values: ArraySlice<Float>) -> [Float] {
    let peak = values.reduce(0) { max($0, abs($1)) }
    guard peak > 0 else { return Array(values) }
    return values.map { ($0 * (127 / peak)).rounded(.toNearestOrEven) * (peak / 127) }
  }

  /// A row of weights after rounding, group by group.
  private func steppedGroups(_ row: [Float]) -> [Float] {
    let group = Int(int8_group_inputs)
    return stride(from: 0, to: row.count, by: group).flatMap { first in
      stepped(row[first..<min(first + group, row.count)])
    }
  }

  /// a · bᵀ of the numbers that are left of both after rounding, summed in double precision.
  private func slow(_ a: Tensor, _ b: Tensor, bias: [Float]) -> [Float] {
    let inputs = (0..<a.rows).map { stepped(a.row($0)) }
    let weights = (0..<b.rows).map { steppedGroups(Array(b.row($0))) }
    var products: [Float] = []
    for row in inputs {
      for (column, weights) in weights.enumerated() {
        let sum = zip(row, weights).reduce(0.0) { $0 + Double($1.0) * Double($1.1) }
        products.append(Float(sum) + bias[column])
      }
    }
    return products
  }

  private static let shapes = [
    (1, 1, 1), (2, 17, 3), (6, 64, 128), (7, 65, 129), (13, 130, 70), (5, 48, 1030), (300, 80, 258),
  ]

  @Test(arguments: shapes)
  func `8-bit matrix products equal the sums of products`(_ m: Int, _ n: Int, _ k: Int) throws {
    let (a, b) = (noise([m, k], seed: 1), noise([n, k], seed: 2))
    let bias = noise([n], seed: 3).elements
    let exact = slow(a, b, bias: bias)
    try onEveryPath {
      let weights = PackedWeights.quantized(try QuantizedMatrix(b))
      let rows = Activations(a, .int8)
      let close = 2e-5 * Float(k).squareRoot() + 1e-6
      #expect(worst(weights.times(rows, bias: bias).elements, exact) < close)
      var sums = Tensor([m + 1, n], [Float](repeating: 2, count: (m + 1) * n))
      weights.add(rows, bias: bias, to: &sums, at: 1)
      #expect(sums.row(0).allSatisfy { $0 == 2 })
      #expect(worst(Array(sums.elements[n...]), exact.map { $0 + 2 }) < close)
    }
  }

  @Test func `8-bit products agree within rounding on all instruction sets`() throws {
    let (a, b) = (noise([19, 700], seed: 4), noise([90, 700], seed: 5))
    var results: [Tensor] = []
    try onEveryPath {
      results.append(
        PackedWeights.quantized(try QuantizedMatrix(b)).times(Activations(a, .int8), bias: nil))
    }
    #expect(results.allSatisfy { worst($0.elements, results[0].elements) < 1e-4 })
  }

  @Test(arguments: [(1, 16, 8), (9, 40, 133), (4, 70, 12)])
  func `an 8-bit gated product equals separate gate and product`(_ m: Int, _ n: Int, _ k: Int)
    throws
  {
    let (x, gate, up) = (noise([m, k], seed: 6), noise([n, k], seed: 7), noise([n, k], seed: 8))
    let (gateBias, upBias) = (noise([n], seed: 9).elements, noise([n], seed: 10).elements)
    let exact = zip(slow(x, gate, bias: gateBias), slow(x, up, bias: upBias)).map { gate, up in
      gate / (1 + Foundation.exp(-gate)) * up
    }
    try onEveryPath {
      let weights = try QuantizedMatrix(roomFor: n, inputs: k, isPaired: true)
      gate.elements.withUnsafeBytes { weights.fill($0, .float32, part: 0) }
      up.elements.withUnsafeBytes { weights.fill($0, .float32, part: 1) }
      let found = weights.gated(Int8Rows(x), gateBias: gateBias, upBias: upBias).tensor
      for (found, exact) in zip(found.elements, exact) {
        #expect(abs(found - exact) <= abs(exact) / 256 + 1e-5)
      }
    }
  }

  @Test func `8-bit rows of zeros stay zero, and NaN is kept`() throws {
    let weights = PackedWeights.quantized(try QuantizedMatrix(noise([20, 40], seed: 11)))
    var rows = Tensor.zeros([3, 40])
    rows.elements[50] = .nan
    rows.elements[90] = .infinity
    onEveryPath {
      let products = weights.times(Activations(rows, .int8), bias: nil)
      #expect(products.row(0).allSatisfy { $0 == 0 })
      #expect(products.row(1).allSatisfy { $0.isNaN })
      #expect(products.row(2).allSatisfy { $0.isNaN })
    }
  }

  @Test func `an 8-bit row product does not depend on other rows or on threads`() throws {
    let (a, b) = (noise([517, 130], seed: 12), noise([200, 130], seed: 13))
    let weights = PackedWeights.quantized(try QuantizedMatrix(b))
    let results = [1, 2, 3, 4].map { threads in
      ProductThreads.use(threads)
      return weights.times(Activations(a, .int8), bias: nil)
    }
    #expect(results.allSatisfy { $0 == results[0] })
    let some = weights.times(Activations(a, .int8).rows(255..<262), bias: nil)
    #expect(some == results[0].rows(255..<262))
  }

  @Test func `an 8-bit matrix takes the predicted memory`() throws {
    #expect(Precision.int8.bytes(weights: 256 * 1024) == 256 * (1024 + 8 * 8))
    #expect(Precision.int8.bytes(weights: .max) == nil)
  }
}
