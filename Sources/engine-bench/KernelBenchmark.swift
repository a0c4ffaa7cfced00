import Tensors

/// Measures single matrix products and attention, with the sizes of the 3B decoder and its vision
/// encoder.
enum KernelBenchmark {
  static func measure(_ table: Table) throws {
    try products(table)
    attention(table)
  }

  private static func products(_ table: Table) throws {
    let width = 2048
    for (name, outputs, inputs) in [
      ("q, k and v", 2560, width), ("down", width, 11_008), ("vision q", 1280, 1280),
    ] {
      let numbers = Tensor.noise(outputs, inputs)
      let matrices: [(PackedWeights, Precision)] = [
        (.rounded(try PackedMatrix(numbers)), .bfloat16),
        (.quantized(try QuantizedMatrix(numbers)), .int8),
      ]
      for (matrix, precision) in matrices {
        table.title("\(name), \(precision.rawValue): rows × \(outputs) × \(inputs)")
        for rows in [1, 4, 6, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 4096] {
          let x = Activations(.noise(rows, inputs), precision)
          let laps = Laps(rows < 512 ? 9 : 3) { _ = matrix.times(x, bias: nil) }
          table.row(
            "\(rows) rows", laps, flops: 2 * Double(rows) * Double(outputs * inputs), precision)
        }
      }
    }
  }

  private static func attention(_ table: Table) {
    table.title("causal attention, 16 query and 2 key heads of 128")
    for tokens in [64, 128, 256, 512, 1024, 2048, 4096] {
      let (q, k, v) = (
        Tensor.noise(tokens, 2048), Tensor.noise(tokens, 256), Tensor.noise(tokens, 256)
      )
      let laps = Laps(3) {
        _ = Attention.attend(q, k, v, headWidth: 128, causalOffset: 0, .bfloat16)
      }
      let pairs = Double(tokens) * Double(tokens + 1) / 2
      table.row("\(tokens) tokens", laps, flops: 4 * pairs * 2048)
    }
    table.title("attention inside segments, 16 heads of 80")
    for (tokens, count) in [(64, 224), (1024, 14)] {
      let (q, k, v) = (
        Tensor.noise(tokens * count, 1280), Tensor.noise(tokens * count, 1280),
        Tensor.noise(tokens * count, 1280)
      )
      let laps = Laps(3) {
        _ = Attention.attendInSegments(
          q, k, v, headWidth: 80, lengths: Array(repeating: tokens, count: count), .bfloat16)
      }
      table.row(
        "\(count) × \(tokens) patches", laps,
        flops: 4 * Double(count * tokens * tokens) * 1280)
    }
  }
}

extension Tensor {
  /// Noise between −1 and 1, [rows, columns]; the same on every call.
  static func noise(_ rows: Int, _ columns: Int) -> Tensor {
    var state: UInt32 = 1
    return Tensor(
      [rows, columns],
      (0..<rows * columns).map { _ in
        state = state &* 1_664_525 &+ 1_013_904_223
        return Float(Int32(bitPattern: state)) / Float(1 << 31)
      })
  }
}
