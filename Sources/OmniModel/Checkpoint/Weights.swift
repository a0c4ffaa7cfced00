import Tensors

/// A cursor into a checkpoint's tensor names: `weights["self_attn"]["q_proj"]` reads tensors with
/// the prefix `….self_attn.q_proj.`.
struct Weights: Sendable {
  let source: WeightSource
  let prefix: String
  /// Precision of matrix products with these weights.
  let precision: Precision
  /// Where packed matrices are taken from or written to.
  let packing: Packing
  /// Loads and evicts streamed weights; nil if all are resident.
  let window: WeightWindow?
  /// Counts loaded bytes and reports progress; nil for none.
  let meter: LoadingMeter?

  init(
    _ source: WeightSource, _ precision: Precision, _ packing: Packing = .memory,
    window: WeightWindow? = nil, meter: LoadingMeter? = nil, prefix: String = ""
  ) {
    self.source = source
    self.prefix = prefix
    self.precision = precision
    self.packing = packing
    self.window = window
    self.meter = meter
  }

  subscript(name: some CustomStringConvertible) -> Weights {
    Weights(
      source, precision, packing, window: window, meter: meter, prefix: prefix + "\(name).")
  }

  func stored(_ name: String, _ shape: [Int]) throws(CheckpointError) -> StoredTensor {
    try source.stored(prefix + name, shape)
  }

  func tensor(_ name: String, _ shape: Int...) throws(CheckpointError) -> Tensor {
    try stored(name, shape).tensor()
  }

  func vector(_ name: String, _ count: Int) throws(CheckpointError) -> [Float] {
    try stored(name, [count]).tensor().elements
  }

  /// The weights that `make` loads: now, or on use if weights are streamed.
  /// - Throws: `CheckpointError.allocationFailed`.
  func held<Value: Sendable>(
    _ matrices: [MatrixSource], _ make: @escaping @Sendable () throws(AllocationFailure) -> Value
  ) throws(CheckpointError) -> Held<Value> {
    do {
      let bytes = matrices.reduce(0) { $0 + $1.byteCount(precision) }
      guard let window else {
        defer { meter?.add(bytes) }
        return Held(try make())
      }
      // Detects a matrix that is missing in the file of packed weights now, not on use.
      if case .mapped = packing { _ = try make() }
      let unit = WeightUnit(
        name: String(prefix.dropLast()),
        bytes: bytes, scratch: matrices.map(\.scratchBytes).max() ?? 0,
        files: FileRange.disjoint(
          matrices.flatMap { packing.files(prefix + $0.name) ?? $0.files }))
      return Held(StreamedWeights(unit, in: window, make))
    } catch {
      throw .allocationFailed(name: String(prefix.dropLast()), bytes: error.bytes)
    }
  }

  /// A matrix packed for products, or two matrices of equal shape.
  func packed(_ source: MatrixSource) throws(AllocationFailure) -> PackedWeights {
    let (outputs, inputs, isPaired) = (source.outputs, source.inputs, source.isPaired)
    if precision == .int8 {
      let matrix = try QuantizedMatrix(roomFor: outputs, inputs: inputs, isPaired: isPaired)
      for (part, stored) in source.parts.enumerated() { stored.fill(matrix, part: part) }
      return .quantized(matrix)
    }
    return .rounded(
      try packing.matrix(
        prefix + source.name, outputs: outputs, inputs: inputs, isPaired: isPaired
      ) {
        for (part, stored) in source.parts.enumerated() { stored.fill($0, part: part) }
      })
  }
}

/// A weight matrix and the stored tensors from which it is packed.
struct MatrixSource: Sendable {
  /// Name of the packed matrix, without the prefix.
  let name: String
  let outputs, inputs: Int
  /// The stored tensors, [outputs, inputs] each; one or two.
  let parts: [StoredTensor]

  var isPaired: Bool { parts.count == 2 }

  /// Size of the packed matrix in memory, in bytes.
  func byteCount(_ precision: Precision) -> Int {
    let count = parts.count * outputs * inputs
    return precision == .bfloat16
      ? PackedMatrix.byteCount(outputs: outputs, inputs: inputs, isPaired: isPaired)
      : precision.bytes(weights: count) ?? .max
  }

  /// Temporary memory for packing, in bytes: rows of a panel in single precision for each thread.
  var scratchBytes: Int {
    let panels = (outputs + Self.panelRows - 1) / Self.panelRows
    return min(panels, ProductThreads.count) * min(outputs, Self.panelRows) * inputs * 4
  }

  private static let panelRows = 64

  /// Parts of files that contain the matrix.
  var files: [FileRange] { parts.flatMap(\.files) }
}

/// Source of the weights: a checkpoint or a random generator.
enum WeightSource: Sendable {
  case checkpoint(Checkpoint)
  case random(RandomWeights)

  func stored(_ name: String, _ shape: [Int]) throws(CheckpointError) -> StoredTensor {
    switch self {
    case .checkpoint(let checkpoint): try checkpoint.stored(name, shape: shape)
    case .random(let weights):
      StoredTensor(shape: shape, type: .bfloat16, place: .random(weights, name: name))
    }
  }
}
