import CKernels

/// A weight matrix in panels of bfloat16, the layout that `bf16.h` describes. Packed once, read by
/// every product.
public struct PackedMatrix: Sendable {
  public let outputs, inputs: Int
  /// Two matrices of as many outputs each whose vectors of 16 alternate: gate, up, gate, up, …
  public let isPaired: Bool
  private let storage: PackedStorage

  static let panelColumns = bf16_panel_columns
  static let vectorColumns = bf16_vector_columns

  /// Outputs of each matrix in a panel.
  var outputsPerPanel: Int { isPaired ? Self.panelColumns / 2 : Self.panelColumns }
  var panels: Int { (outputs + outputsPerPanel - 1) / outputsPerPanel }
  private var pairs: Int { (inputs + 1) / 2 }

  /// Outputs that panel `index` holds.
  func outputs(ofPanel index: Int) -> Range<Int> {
    index * outputsPerPanel..<min(outputs, (index + 1) * outputsPerPanel)
  }

  /// Columns of panel `index` with their padding.
  private func width(ofPanel index: Int) -> Int {
    let count = outputs(ofPanel: index).count
    return (count + Self.vectorColumns - 1) / Self.vectorColumns * Self.vectorColumns
      * (isPaired ? 2 : 1)
  }

  /// Where the first panel starts; checked once where it lies in a file.
  var numbers: UnsafePointer<UInt16> { storage.numbers }
  /// Numbers from one panel to the next.
  var panelStride: Int { Self.panelColumns * pairs * 2 }

  /// Bytes that the panels take.
  public static func byteCount(outputs: Int, inputs: Int, isPaired: Bool) -> Int {
    let padded = (outputs + vectorColumns - 1) / vectorColumns * vectorColumns
    return padded * (isPaired ? 2 : 1) * ((inputs + 1) / 2) * 2 * MemoryLayout<UInt16>.size
  }

  public var byteCount: Int {
    Self.byteCount(outputs: outputs, inputs: inputs, isPaired: isPaired)
  }

  /// Room for a matrix that is to be filled before anybody uses it.
  /// - Parameter isPaired: two matrices, gates and ups.
  public init(roomFor outputs: Int, inputs: Int, isPaired: Bool = false) throws(MemoryRefused) {
    (self.outputs, self.inputs, self.isPaired) = (outputs, inputs, isPaired)
    storage = try PackedStorage(
      Self.byteCount(outputs: outputs, inputs: inputs, isPaired: isPaired))
  }

  /// A matrix without numbers, which nothing can be multiplied by.
  public init(emptyOfShape outputs: Int, inputs: Int, isPaired: Bool) throws(MemoryRefused) {
    (self.outputs, self.inputs, self.isPaired) = (outputs, inputs, isPaired)
    storage = try PackedStorage(0)
  }

  /// A matrix that was packed before.
  public init(outputs: Int, inputs: Int, isPaired: Bool, _ panels: StoredPanels) {
    (self.outputs, self.inputs, self.isPaired) = (outputs, inputs, isPaired)
    storage = PackedStorage(panels)
  }
}

extension PackedMatrix {
  /// Version of the layout of panels; another one cannot be read.
  public static let layoutVersion = 1

  /// Reads the panels.
  public func withBytes<Result>(_ read: (UnsafeRawBufferPointer) -> Result) -> Result {
    read(UnsafeRawBufferPointer(start: numbers, count: byteCount))
  }
}

extension PackedMatrix {
  /// How a source stores its numbers.
  public enum Source: Sendable {
    case bfloat16
    case float16
    case float32
  }

  /// Packs an [outputs, inputs] matrix.
  public init(_ matrix: Tensor) throws(MemoryRefused) {
    try self.init(roomFor: matrix.rows, inputs: matrix.columns)
    matrix.elements.withUnsafeBytes { fill($0, .float32) }
  }

  /// Fills a matrix that nobody uses yet, or the gates (part 0) or the ups (part 1) of a paired one.
  /// - Parameter bytes: of an [outputs, inputs] matrix, row-major.
  public func fill(_ bytes: UnsafeRawBufferPointer, _ source: Source, part: Int = 0) {
    precondition(
      bytes.count == outputs * inputs * source.width, "\(bytes.count) for \(outputs)×\(inputs)")
    guard let start = bytes.baseAddress else { return }
    let rowBytes = inputs * source.width
    nonisolated(unsafe) let rows = start
    let numbers = UnsafeShared(storage.unshared)
    ProductThreads.perform(panels, flops: .infinity) { index in
      let outputs = outputs(ofPanel: index)
      let target = numbers.base + index * panelStride
      let group = isPaired ? Self.vectorColumns : Self.panelColumns
      for (place, first) in stride(from: outputs.lowerBound, to: outputs.upperBound, by: group)
        .enumerated()
      {
        let column = isPaired ? (2 * place + part) * group : 0
        source.pack(
          rows + first * rowBytes, columns: min(group, outputs.upperBound - first),
          inputs: inputs, into: target + 2 * column, width: width(ofPanel: index))
      }
    }
  }
}

extension PackedMatrix.Source {
  var width: Int { self == .float32 ? 4 : 2 }

  fileprivate func pack(
    _ rows: UnsafeRawPointer, columns: Int, inputs: Int, into panel: UnsafeMutablePointer<UInt16>,
    width: Int
  ) {
    let count = columns * inputs
    switch self {
    case .bfloat16:
      kernel_bf16_pack(
        rows.assumingMemoryBound(to: UInt16.self), inputs, columns, inputs, panel, width)
    case .float32:
      kernel_bf16_pack_floats(
        rows.assumingMemoryBound(to: Float.self), inputs, columns, inputs, panel, width)
    case .float16:
      let wide = [Float](unsafeUninitializedCapacity: count) { wide, initialized in
        for index in 0..<count {
          let bits = rows.loadUnaligned(fromByteOffset: 2 * index, as: UInt16.self)
          wide[index] = Float(Float16(bitPattern: bits))
        }
        initialized = count
      }
      kernel_bf16_pack_floats(wide, inputs, columns, inputs, panel, width)
    }
  }
}
