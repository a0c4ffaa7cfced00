import CKernels

/// A weight matrix packed as bfloat16 panels, the layout that `bf16.h` describes. Packed once, used
/// by every matrix product.
public struct PackedMatrix: Sendable {
  let layout: PanelLayout
  private let storage: PackedStorage

  public var outputs: Int { layout.outputs }
  public var inputs: Int { layout.inputs }
  /// Whether this is a pair of matrices of the same shape: gate and up projections.
  public var isPaired: Bool { layout.isPaired }

  /// Address of the first panel; a mapped file is verified before its first use.
  var numbers: UnsafePointer<UInt16> { storage.numbers }
  /// Number of elements between panel starts.
  var panelStride: Int { PanelLayout.panelColumns * ((inputs + 1) / 2 * 2) }

  /// Size of all panels in bytes.
  public static func byteCount(outputs: Int, inputs: Int, isPaired: Bool) -> Int {
    byteCount(PanelLayout(outputs: outputs, inputs: inputs, isPaired: isPaired))
  }

  private static func byteCount(_ layout: PanelLayout) -> Int {
    layout.width * ((layout.inputs + 1) / 2) * 2 * MemoryLayout<UInt16>.size
  }

  public var byteCount: Int { Self.byteCount(layout) }

  /// Allocates panels without initialising them; the caller must fill them before use.
  /// - Parameter isPaired: whether two matrices are stored, gate and up.
  public init(roomFor outputs: Int, inputs: Int, isPaired: Bool = false) throws(AllocationFailure) {
    layout = PanelLayout(outputs: outputs, inputs: inputs, isPaired: isPaired)
    storage = try PackedStorage(Self.byteCount(layout))
  }

  /// A matrix with a shape but no elements; it cannot be multiplied.
  public init(emptyOfShape outputs: Int, inputs: Int, isPaired: Bool) throws(AllocationFailure) {
    layout = PanelLayout(outputs: outputs, inputs: inputs, isPaired: isPaired)
    storage = try PackedStorage(0)
  }

  /// A matrix whose panels are mapped from a file.
  public init(outputs: Int, inputs: Int, isPaired: Bool, _ panels: StoredPanels) {
    layout = PanelLayout(outputs: outputs, inputs: inputs, isPaired: isPaired)
    storage = PackedStorage(panels)
  }
}

extension PackedMatrix {
  /// Version of the panel layout in files.
  public static let layoutVersion = 1

  /// Calls `read` with the bytes of all panels.
  public func withBytes<Result>(_ read: (UnsafeRawBufferPointer) -> Result) -> Result {
    read(UnsafeRawBufferPointer(start: numbers, count: byteCount))
  }
}

extension PackedMatrix {
  /// Packs an [outputs, inputs] matrix.
  public init(_ matrix: Tensor) throws(AllocationFailure) {
    try self.init(roomFor: matrix.rows, inputs: matrix.columns)
    matrix.elements.withUnsafeBytes { fill($0, .float32) }
  }

  /// Packs a matrix, or part 0 (gate) or 1 (up) of a pair. Must be called before the first use.
  /// - Parameters:
  ///   - bytes: elements of an [outputs, inputs] matrix, row-major.
  ///   - finished: called concurrently with byte ranges that have been read.
  public func fill(
    _ bytes: UnsafeRawBufferPointer, _ source: WeightFormat, part: Int = 0,
    finished: ((Range<Int>) -> Void)? = nil
  ) {
    let numbers = UnsafeShared(storage.unshared)
    layout.forEachPanel(of: bytes, source, part: part, finished: finished) {
      rows, count, index, column in
      pack(
        rows, source, columns: count, into: numbers.base + index * panelStride + 2 * column,
        width: layout.width(ofPanel: index))
    }
  }

  /// Packs a matrix whose rows are computed on demand.
  /// - Parameter make: writes rows of the [outputs, inputs] matrix in single precision, row-major;
  ///   called concurrently.
  public func fill(
    part: Int = 0, _ make: (Range<Int>, UnsafeMutablePointer<Float>) -> Void
  ) {
    let numbers = UnsafeShared(storage.unshared)
    layout.forEachPanel(part: part, make) { rows, count, index, column in
      kernel_bf16_pack_floats(
        rows, inputs, count, inputs, numbers.base + index * panelStride + 2 * column,
        layout.width(ofPanel: index))
    }
  }

  /// Packs a matrix whose rows are computed on demand in bfloat16.
  public func fillHalves(
    part: Int = 0, _ make: (Range<Int>, UnsafeMutablePointer<UInt16>) -> Void
  ) {
    let numbers = UnsafeShared(storage.unshared)
    layout.forEachPanel(part: part, make) { rows, count, index, column in
      kernel_bf16_pack(
        rows, inputs, count, inputs, numbers.base + index * panelStride + 2 * column,
        layout.width(ofPanel: index))
    }
  }

  private func pack(
    _ rows: UnsafeRawPointer, _ source: WeightFormat, columns: Int,
    into panel: UnsafeMutablePointer<UInt16>, width: Int
  ) {
    if source == .bfloat16 {
      kernel_bf16_pack(
        rows.assumingMemoryBound(to: UInt16.self), inputs, columns, inputs, panel, width)
    } else {
      source.withFloats(rows, count: columns * inputs) {
        kernel_bf16_pack_floats($0, inputs, columns, inputs, panel, width)
      }
    }
  }
}
