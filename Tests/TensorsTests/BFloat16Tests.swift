import CKernels
import Foundation
import Testing

@testable import Tensors

/// Every rounded kernel against the obvious slow one, with every
/// instruction set that the processor has.
@Suite(.serialized) struct `Matrix products in bfloat16` {
  /// a · bᵀ of the rounded numbers, summed in double precision.
  private func slow(_ a: Tensor, _ b: Tensor, bias: [Float]? = nil) -> [Float] {
    let (a, b) = (BFloat16Rows(a).tensor, BFloat16Rows(b).tensor)
    return (0..<a.rows).flatMap { row in
      (0..<b.rows).map { column in
        let sum = zip(a.row(row), b.row(column)).reduce(0.0) { $0 + Double($1.0) * Double($1.1) }
        return Float(sum) + (bias?[column] ?? 0)
      }
    }
  }

  private func room(_ outputs: Int, _ inputs: Int, isPaired: Bool = false) throws -> PackedMatrix {
    try PackedMatrix(roomFor: outputs, inputs: inputs, isPaired: isPaired)
  }

  @Test func `bfloat16 conversion rounds to nearest, ties to even`() {
    let cases: [(Float, UInt32)] = [
      (1, 0x3F80_0000), (1.001953125, 0x3F80_0000), (1.00390625, 0x3F80_0000),
      (1.01171875, 0x3F82_0000), (-1.005, 0xBF81_0000), (3.4e38, 0x7F80_0000),
      (.infinity, 0x7F80_0000), (0, 0),
    ]
    let rounded = BFloat16Rows(Tensor([1, cases.count], cases.map(\.0))).tensor.elements
    #expect(rounded.map(\.bitPattern) == cases.map(\.1))
    #expect(BFloat16Rows(Tensor([1, 1], [.nan])).tensor.elements[0].isNaN)
  }

  @Test(arguments: [
    (1, 1, 1), (2, 17, 3), (6, 64, 32), (7, 65, 33), (13, 130, 70), (5, 48, 2050), (300, 80, 31),
  ])
  func `bfloat16 matrix products equal the sums of products`(_ m: Int, _ n: Int, _ k: Int) throws {
    let (a, b) = (noise([m, k], seed: 1), noise([n, k], seed: 2))
    let bias = noise([n], seed: 3).elements
    let exact = slow(a, b, bias: bias)
    try onEveryPath {
      let (packed, rows) = (PackedWeights.rounded(try PackedMatrix(b)), Activations(a, .bfloat16))
      let found = packed.times(rows, bias: bias)
      #expect(worst(found.elements, exact) < 1e-5 * Float(k).squareRoot() + 1e-6)
      var sums = Tensor([m + 1, n], [Float](repeating: 2, count: (m + 1) * n))
      packed.add(rows, bias: bias, to: &sums, at: 1)
      #expect(sums.row(0).allSatisfy { $0 == 2 })
      #expect(
        worst(Array(sums.elements[n...]), exact.map { $0 + 2 })
          < 1e-5 * Float(k).squareRoot() + 1e-6)
    }
  }

  @Test func `a bfloat16 matrix packs to the same bytes from any exact stored type`() throws {
    // Multiples of 1/64 below 2 are exact in bfloat16 and in float16.
    let matrix = Tensor([70, 9], (0..<630).map { Float($0 % 127 - 63) / 64 })
    let x = Activations(noise([4, 9], seed: 4), .bfloat16)
    let halves = matrix.elements.map { Float16($0).bitPattern }
    let tops = matrix.elements.map { UInt16($0.bitPattern >> 16) }
    let packed = try [PackedMatrix(matrix)] + (0..<2).map { _ in try room(70, 9) }
    halves.withUnsafeBytes { packed[1].fill($0, .float16) }
    tops.withUnsafeBytes { packed[2].fill($0, .bfloat16) }
    let products = packed.map { PackedWeights.rounded($0).times(x, bias: nil) }
    #expect(products.allSatisfy { $0 == products[0] })
    #expect(packed.allSatisfy { $0.byteCount == 80 * 10 * 2 })
  }

  @Test(arguments: [(1, 16, 8), (9, 40, 33), (4, 70, 12)])
  func `a bfloat16 gated product equals separate gate and product`(_ m: Int, _ n: Int, _ k: Int)
    throws
  {
    let (x, gate, up) = (noise([m, k], seed: 5), noise([n, k], seed: 6), noise([n, k], seed: 7))
    let (gateBias, upBias) = (noise([n], seed: 8).elements, noise([n], seed: 9).elements)
    let exact = zip(slow(x, gate, bias: gateBias), slow(x, up, bias: upBias)).map { gate, up in
      gate / (1 + Foundation.exp(-gate)) * up
    }
    try onEveryPath {
      let packed = try room(n, k, isPaired: true)
      gate.elements.withUnsafeBytes { packed.fill($0, .float32, part: 0) }
      up.elements.withUnsafeBytes { packed.fill($0, .float32, part: 1) }
      let found = packed.gated(BFloat16Rows(x), gateBias: gateBias, upBias: upBias).tensor
      for (found, exact) in zip(found.elements, exact) {
        #expect(abs(found - exact) <= abs(exact) / 256 + 1e-5)
      }
    }
  }

  @Test func `a bfloat16 row product does not depend on other rows or threads`() throws {
    let (a, b) = (noise([517, 130], seed: 10), noise([200, 130], seed: 11))
    let packed = PackedWeights.rounded(try PackedMatrix(b))
    onEveryPath {
      let results = [1, 2, 3, 4].map { threads in
        ProductThreads.use(threads)
        return packed.times(Activations(a, .bfloat16), bias: nil)
      }
      #expect(results.allSatisfy { $0 == results[0] })
      let some = packed.times(Activations(a.rows(255..<262), .bfloat16), bias: nil)
      #expect(some == results[0].rows(255..<262))
    }
  }

  /// Worst difference between rounded and single-precision attention, whose results are below 1.
  private func attentionMiss(
    tokens: Int, past: Int, heads: Int, group: Int, width: Int, offset: Int?
  ) -> Float {
    let queries = noise([tokens, heads * group * width], seed: 12)
    let keys = noise([tokens + past, heads * width], seed: 13)
    let values = noise([tokens + past, heads * width], seed: 14)
    let exact = Attention.attend(
      queries, keys, values, headWidth: width, causalOffset: offset)
    let found = Attention.attendRounded(
      queries, keys, values, headWidth: width, segments: [0..<tokens + past],
      causalOffset: offset)
    return worst(found.tensor.elements, exact.elements)
  }

  @Test(
    arguments: [
      (1, 0, 1, 1, 16, 0), (40, 0, 2, 3, 12, 0), (70, 30, 1, 8, 64, 30), (600, 0, 1, 2, 8, 0),
      (90, 0, 3, 1, 80, nil), (530, 700, 1, 1, 20, 700),
    ] as [(Int, Int, Int, Int, Int, Int?)])
  func `bfloat16 attention equals softmax times values`(
    _ tokens: Int, _ past: Int, _ heads: Int, _ group: Int, _ width: Int, _ offset: Int?
  ) {
    onEveryPath {
      let miss = attentionMiss(
        tokens: tokens, past: past, heads: heads, group: group, width: width, offset: offset)
      #expect(miss < 0.02)
    }
  }

  @Test func `bfloat16 attention does not cross segments`() {
    let (tokens, width, lengths) = (150, 24, [1, 70, 64, 15])
    let tensors = (0..<3).map { noise([tokens, 2 * width], seed: UInt64(20 + $0)) }
    let exact = Attention.attendInSegments(
      tensors[0], tensors[1], tensors[2], headWidth: width, lengths: lengths)
    guard
      case .rounded(let found) = Attention.attendInSegments(
        tensors[0], tensors[1], tensors[2], headWidth: width, lengths: lengths, .bfloat16)
    else { return }
    #expect(worst(found.tensor.elements, exact.elements) < 0.02)
  }

  @Test func `received attention in bfloat16 is close to float32`() {
    let (queries, keys) = (noise([170, 3 * 20], seed: 30), noise([170, 3 * 20], seed: 31))
    let exact = Attention.received(queries, keys, headWidth: 20, windowTokens: 70)
    onEveryPath {
      let found = Attention.received(queries, keys, headWidth: 20, windowTokens: 70, .bfloat16)
      #expect(worst(found, exact) < 0.01)
    }
  }

  @Test func `a failed allocation of a bfloat16 matrix throws`() {
    #expect(throws: AllocationFailure(bytes: 1 << 57)) { try room(1 << 28, 1 << 28) }
  }

  @Test func `a cancelled bfloat16 product is skipped`() throws {
    let x = Activations(noise([2000, 64], seed: 32), .bfloat16)
    let packed = PackedWeights.rounded(try PackedMatrix(noise([640, 64], seed: 33)))
    let sums = Tensor.zeros([2000, 640])
    var untouched = sums
    let stop: @Sendable () -> Bool = { true }
    ProductThreads.stopping(when: stop) { packed.add(x, bias: nil, to: &untouched) }
    #expect(untouched == sums)
  }
}
