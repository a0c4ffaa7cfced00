import CKernels

/// How the outputs of a weight matrix lie in panels, whatever its numbers are: columns in groups of
/// 64, the last group in as many vectors of 16 as it needs.
struct PanelLayout: Sendable {
  let outputs, inputs: Int
  /// Two matrices of as many outputs each whose vectors of 16 alternate: gate, up, gate, up, …
  let isPaired: Bool

  static let panelColumns = bf16_panel_columns
  static let vectorColumns = bf16_vector_columns

  /// Outputs of each matrix in a panel.
  private var outputsPerPanel: Int { isPaired ? Self.panelColumns / 2 : Self.panelColumns }
  var panels: Int { (outputs + outputsPerPanel - 1) / outputsPerPanel }

  /// Outputs that panel `index` holds.
  func outputs(ofPanel index: Int) -> Range<Int> {
    index * outputsPerPanel..<min(outputs, (index + 1) * outputsPerPanel)
  }

  /// Columns of panel `index` with their padding.
  func width(ofPanel index: Int) -> Int { padded(outputs(ofPanel: index).count) }

  /// Columns of all panels with their padding.
  var width: Int { padded(outputs) }

  private func padded(_ outputs: Int) -> Int {
    (outputs + Self.vectorColumns - 1) / Self.vectorColumns * Self.vectorColumns
      * (isPaired ? 2 : 1)
  }

  /// Outputs that lie side by side in panel `index`, and the column they start at.
  /// - Parameter part: 0 for the first matrix of a pair, 1 for the second.
  private func neighbours(inPanel index: Int, part: Int) -> [(outputs: Range<Int>, column: Int)] {
    let all = outputs(ofPanel: index)
    let count = isPaired ? Self.vectorColumns : Self.panelColumns
    return stride(from: all.lowerBound, to: all.upperBound, by: count).enumerated().map {
      place, first in
      (first..<min(first + count, all.upperBound), isPaired ? (2 * place + part) * count : 0)
    }
  }

  /// Runs `put` with the rows of a matrix, or of part 0 or 1 of a pair, that lie side by side in a
  /// panel: where they start, how many they are, the panel, and the column that takes the first.
  /// - Parameter bytes: of an [outputs, inputs] matrix, row-major.
  func forEachPanel(
    of bytes: UnsafeRawBufferPointer, _ source: WeightFormat, part: Int,
    _ put: (UnsafeRawPointer, _ rows: Int, _ panel: Int, _ column: Int) -> Void
  ) {
    precondition(
      bytes.count == outputs * inputs * source.width, "\(bytes.count) for \(outputs)×\(inputs)")
    guard let start = bytes.baseAddress else { return }
    nonisolated(unsafe) let rows = start
    forEachPanel(part: part) { outputs, panel, column in
      put(rows + outputs.lowerBound * inputs * source.width, outputs.count, panel, column)
    }
  }

  /// The same with rows that are made when they are needed, a panel at a time on each thread.
  /// - Parameter make: writes rows of the [outputs, inputs] matrix, row-major.
  func forEachPanel(
    part: Int, _ make: (Range<Int>, UnsafeMutablePointer<Float>) -> Void,
    _ put: (UnsafePointer<Float>, _ rows: Int, _ panel: Int, _ column: Int) -> Void
  ) {
    forEachPanel(part: part) { outputs, panel, column in
      let count = outputs.count * inputs
      withUnsafeTemporaryAllocation(of: Float.self, capacity: max(1, count)) { rows in
        guard let rows = rows.baseAddress else { return }
        make(outputs, rows)
        put(rows, outputs.count, panel, column)
      }
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

  /// Rows that one piece of a product covers: whole tiles, and short enough that pieces of a few
  /// milliseconds share the work evenly and notice a cancellation.
  private static let pieceRows = 42 * bf16_tile_rows

  /// Runs `work` for some rows and a panel at a time. Pieces of one panel come one after the other,
  /// so that threads share it in the cache.
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
  /// The address of the number at `first`; nil where there are none.
  func withPointer(at first: Int, _ body: (UnsafePointer<Float>?) -> Void) {
    guard let self else { return body(nil) }
    self.withUnsafeBufferPointer { body($0.baseAddress.map { $0 + first }) }
  }
}
