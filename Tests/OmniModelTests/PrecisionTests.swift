import Selection
import Tensors
import Testing

@testable import OmniModel

/// What products are computed in, and how far rounded products stray from the reference.
@Suite(.serialized) struct `Precision of matrix products` {
  @Test func `precision auto uses bfloat16 only for large 16-bit checkpoints`() {
    let large = ComputeChoice.leastParameters
    let rounded: Precision = Precision.bfloat16.isFast ? .bfloat16 : .single
    #expect(ComputeChoice.auto.precision(stored: .bfloat16, parameters: large) == rounded)
    #expect(ComputeChoice.auto.precision(stored: .float16, parameters: large) == rounded)
    #expect(ComputeChoice.auto.precision(stored: .float32, parameters: large) == .single)
    #expect(ComputeChoice.auto.precision(stored: .bfloat16, parameters: large - 1) == .single)
    #expect(ComputeChoice.f32.precision(stored: .bfloat16, parameters: large) == .single)
    #expect(ComputeChoice.bf16.precision(stored: .float32, parameters: 1) == .bfloat16)
  }

  @Test(arguments: GoldenCase.names, [ComputeChoice.bf16, .int8])
  func `rounded results stay close to the reference in every layer on every instruction set`(
    _ name: String, _ compute: ComputeChoice
  ) throws {
    let golden = try GoldenCase(name)
    let exact = try finished(golden, .f32)
    // A rounding to bfloat16 is off by 1/512 at most, one to 8 bits by 1/254 of the largest; random
    // weights carry that on and add to it, layer by layer: after ten, up to 0.047 and 0.16.
    let (step, last): (Float, Float) = compute == .bf16 ? (0.008, 0.1) : (0.02, 0.2)
    defer { ProductPath.limit(.dot) }
    for path in ProductPath.available {
      ProductPath.limit(path)
      let rounded = try finished(golden, compute)
      for layer in 1...exact.layerCount {
        let (a, b) = (
          try exact.hiddenRows(afterLayer: layer).elements,
          try rounded.hiddenRows(afterLayer: layer).elements
        )
        #expect(
          relativeDistance(b, from: a) < step * Float(layer + 1), "\(path), layer \(layer)")
      }
      #expect(relativeDistance(rounded.logits, from: exact.logits) < last, "\(path)")
    }
  }

  @Test(arguments: [ComputeChoice.bf16, .int8])
  func `logits agree closely between instruction sets`(_ compute: ComputeChoice) throws {
    let golden = try GoldenCase("qwen2_5_av")
    defer { ProductPath.limit(.dot) }
    let logits = try ProductPath.available.map { path in
      ProductPath.limit(path)
      return try finished(golden, compute).logits
    }
    // The sums are the same but for their order; a rounding that falls the other way is carried on
    // through random weights: up to 0.023 and 0.12 here.
    for (path, found) in zip(ProductPath.available, logits) {
      #expect(
        relativeDistance(found, from: logits[0]) < (compute == .bf16 ? 0.05 : 0.2), "\(path)")
    }
  }

  private func finished(_ golden: GoldenCase, _ compute: ComputeChoice) throws -> Prefill {
    let thinker = try golden.thinker(compute)
    #expect(thinker.precision.rawValue == compute.rawValue)
    var prefill = Prefill(
      try Prompt(golden.clip(), for: thinker), thinker: thinker, plan: .full)
    while try prefill.advance(Cancellation()) != nil {}
    return prefill
  }

  /// ‖found − expected‖ / ‖expected‖.
  private func relativeDistance(_ found: [Float], from expected: [Float]) -> Float {
    let distance = zip(found, expected).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
    return (distance / expected.reduce(0) { $0 + $1 * $1 }).squareRoot()
  }

  @Test func `a cancelled step leaves the prefill unchanged`() throws {
    let golden = try GoldenCase("qwen2_5_av")
    let thinker = try golden.thinker()
    var prefill = Prefill(
      try Prompt(golden.clip(), for: thinker), thinker: thinker, plan: .full)
    for _ in 0..<3 { try prefill.advance(Cancellation()) }
    let before = try prefill.hiddenRows(afterLayer: 1)
    let cancellation = Cancellation()
    cancellation.request()
    #expect(throws: PrefillError.cancelled) { try prefill.advance(cancellation) }
    #expect(try prefill.outcomes.count == 3 && prefill.hiddenRows(afterLayer: 1) == before)
    cancellation.clear()
    #expect(try prefill.advance(cancellation)?.step == .layer(2))
  }
}
