import CKernels

/// The panel layout of a packed weight matrix, for any element type: outputs become columns in
/// groups of 64; the last group is padded to a multiple of 16.
struct PanelLayout: Sendable {
  let outputs, inputs: Int
  /// Whether two matrices of the same shape are interleaved, 16 columns each: gate, up, gate, up, …
  let isPaired: Bool

  static let panelColumns = bf16_panel_columns
  static let vectorColumns = bf16_vector_columns

  /// Number of outputs of each matrix in one panel.
  private var outputsPerPanel: Int { isPaired ? Self.panelColumns / 2 : Self.panelColumns }
  var panels: Int { (outputs + outputsPerPanel - 1) / outputsPerPanel }

  /// The range of outputs in panel `index`.
  func outputs(ofPanel index: Int) -> Range<Int> {
    index * outputsPerPanel..<min(outputs, (index + 1) * outputsPerPanel)
  }

  /// Number of columns in panel `index`, with padding.
  func width(ofPanel index: Int) -> Int { padded(outputs(ofPanel: index).count) }

  /// Number of columns of all panels, with padding.
  var width: Int { padded(outputs) }

  private func padded(_ outputs: Int) -> Int {
    (outputs + Self.vectorColumns - 1) / Self.vectorColumns * Self.vectorColumns
      * (isPaired ? 2 : 1)
  }

  /// Ranges of outputs that are adjacent in panel `index`, and the panel column of the first of
  /// each.
  /// - Parameter part: 0 for the first matrix of a pair, 1 for the second.
  private func neighbours(inPanel index: Int, part: Int) -> [(outputs: Range<Int>, column: Int)] {
    let all = outputs(ofPanel: index)
    let count = isPaired ? Self.vectorColumns : Self.panelColumns
    return stride(from: all.lowerBound, to: all.upperBound, by: count).enumerated().map {
      place, first in
      (first..<min(first + count, all.upperBound), isPaired ? (2 * place + part) * count : 0)
    }
  }

  /// Calls `put` for each group of matrix rows that are adjacent in a panel: address of the first
  /// row, number of rows, panel, and panel column of the first.
  /// - Parameters:
  ///   - bytes: elements of an [outputs, inputs] matrix, row-major.
  ///   - finished: called concurrently with byte ranges that have been read.
  func forEachPanel(
    of bytes: UnsafeRawBufferPointer, _ source: WeightFormat, part: Int,
    finished: ((Range<Int>) -> Void)? = nil,
    _ put: (UnsafeRawPointer, _ rows: Int, _ panel: Int, _ column: Int) -> Void
  ) {
    precondition(
      bytes.count == outputs * inputs * source.width, "\(bytes.count) for \(outputs)×\(inputs)")
    guard let start = bytes.baseAddress else { return }
    nonisolated(unsafe) let rows = start
    forEachPanel(part: part) { outputs, panel, column in
      let width = inputs * source.width
      put(rows + outputs.lowerBound * width, outputs.count, panel, column)
      finished?(outputs.lowerBound * width..<outputs.upperBound * width)
    }
  }

  /// `forEachPanel` with rows computed on demand; each thread computes one panel at a time.
  /// - Parameter make: writes rows of the [outputs, inputs] matrix, row-major.
  func forEachPanel<Number: BitwiseCopyable>(
    part: Int, _ make: (Range<Int>, UnsafeMutablePointer<Number>) -> Void,
    _ put: (UnsafePointer<Number>, _ rows: Int, _ panel: Int, _ column: Int) -> Void
  ) {
    forEachPanel(part: part) { outputs, panel, column in
      // The memory is reused for the next panel.
      let memory = AlignedMemory(outputs.count * inputs * MemoryLayout<Number>.stride)
      let rows = memory.pointer(to: Number.self)
      make(outputs, rows)
      put(rows, outputs.count, panel, column)
      withExtendedLifetime(memory) {}
    }
  }

  private func forEachPanel(
    part: Int, _ put: (_ outputs: Range<Int>, _ panel: Int, _ column: Int) -> Void
  ) {
    ProductThreads.perform(panels, flops: .infinity) { panel in
      for (outputs, column) in neighbours(inPanel: panel, part: part) {
        put(outputs, panel, column)
      }
    }
  }

  /// Rows that one thread processes at a time: whole tiles, and few enough (a few milliseconds) to
  /// balance threads and to react to cancellation.
  private static let pieceRows = 42 * bf16_tile_rows

  /// Runs `work` in parallel for blocks of rows and one panel at a time. Blocks of the same panel
  /// are consecutive, so that threads share it in the cache.
  func forEachPiece(_ rows: Int, _ work: (Range<Int>, Int) -> Void) {
    let blocks = (rows + Self.pieceRows - 1) / Self.pieceRows
    let flops = 2 * Double(rows) * Double(inputs) * Double(outputs)
    ProductThreads.perform(blocks * panels, flops: flops) { piece in
      let first = piece % blocks * Self.pieceRows
      work(first..<min(first + Self.pieceRows, rows), piece / blocks)
    }
  }
}

extension [Float]? {
  /// Calls `body` with the address of element `first`; with nil for an empty array.
  func withPointer(at first: Int, _ body: (UnsafePointer<Float>?) -> Void) {
    guard let self else { return body(nil) }
    self.withUnsafeBufferPointer { body($0.baseAddress.map { $0 + first }) }
  }
}
