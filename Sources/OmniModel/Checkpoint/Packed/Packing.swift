import Synchronization
import Tensors

/// Where packed matrices are taken from or written to.
enum Packing: Sendable {
  /// Matrices are packed into memory.
  case memory
  /// Matrices are packed into a file only: the loaded model cannot compute.
  case writing(PackedFileWriter)
  /// Matrices are mapped from a cache file.
  case mapped(PackedReading)

  typealias Fill = @Sendable (PackedMatrix) -> Void

  /// Returns a packed matrix: newly packed, written or mapped.
  /// - Parameters:
  ///   - name: unique name of the matrix.
  ///   - fill: packs the matrix.
  func matrix(
    _ name: String, outputs: Int, inputs: Int, isPaired: Bool, _ fill: @escaping Fill
  ) throws(AllocationFailure) -> PackedMatrix {
    let pack = { @Sendable () throws(AllocationFailure) in
      let matrix = try PackedMatrix(roomFor: outputs, inputs: inputs, isPaired: isPaired)
      fill(matrix)
      return matrix
    }
    switch self {
    case .memory: return try pack()
    case .writing(let writer):
      if writer.fault == nil { writer.append(name, try pack()) }
    case .mapped(let reading):
      let found = try reading.file.matrix(
        name, outputs: outputs, inputs: inputs, isPaired: isPaired
      ) {
        () throws(AllocationFailure) in
        reading.damage(name)
        return try pack()
      }
      if let found { return found }
      reading.miss(name)
    }
    return try PackedMatrix(emptyOfShape: outputs, inputs: inputs, isPaired: isPaired)
  }
}

extension Packing {
  /// Counts loaded bytes; nil if weights are only mapped.
  /// - Parameter total: approximate bytes of all weights.
  func meter(_ total: Int, report: @escaping @Sendable (LoadingEvent) -> Void) -> LoadingMeter? {
    switch self {
    case .memory: LoadingMeter(.reading, total: total, report: report)
    case .writing: LoadingMeter(.packing, total: total, report: report)
    case .mapped: nil
    }
  }

  /// The part of a file that contains a packed matrix; nil if it is not in a file.
  func files(_ name: String) -> [FileRange]? {
    guard case .mapped(let reading) = self else { return nil }
    return reading.file.place(of: name).map { [$0] }
  }
}

/// A cache file from which packed matrices are mapped; records missing ones.
final class PackedReading: Sendable {
  private struct State {
    var missing: String?
    var isDamaged = false
  }

  let file: PackedFile
  private let onDamage: @Sendable (String) -> Void
  private let state = Mutex(State())

  /// Reads matrices from a cache file.
  /// - Parameter onDamage: called with the name of the first damaged matrix, during a matrix
  ///   product.
  init(_ file: PackedFile, onDamage: @escaping @Sendable (String) -> Void) {
    self.file = file
    self.onDamage = onDamage
  }

  /// Name of the first matrix that was not in the file; the loaded model cannot compute. Nil if all
  /// were found.
  var missing: String? { state.withLock { $0.missing } }

  func miss(_ name: String) { state.withLock { $0.missing = $0.missing ?? name } }

  func damage(_ name: String) {
    let isFirst = state.withLock { state in
      defer { state.isDamaged = true }
      return !state.isDamaged
    }
    if isFirst { onDamage(name) }
  }
}
