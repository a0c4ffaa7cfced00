import Synchronization
import Tensors

/// Where packed matrices come from, and where they go.
enum Packing: Sendable {
  /// Packed now, kept in memory.
  case memory
  /// Packed now, written to a file and forgotten: what is loaded like this cannot compute.
  case writing(PackedFileWriter)
  /// Found in a file.
  case mapped(PackedReading)

  typealias Fill = @Sendable (PackedMatrix) -> Void

  /// - Parameters:
  ///   - name: that of no other matrix.
  ///   - fill: fills in room for the matrix.
  func matrix(
    _ name: String, outputs: Int, inputs: Int, isPaired: Bool, _ fill: @escaping Fill
  ) throws(MemoryRefused) -> PackedMatrix {
    let pack = { @Sendable () throws(MemoryRefused) in
      let matrix = try PackedMatrix(roomFor: outputs, inputs: inputs, isPaired: isPaired)
      fill(matrix)
      return matrix
    }
    switch self {
    case .memory: return try pack()
    case .writing(let writer):
      if writer.fault == nil { writer.append(name, try pack()) }
    case .mapped(let reading):
      let found = reading.file.matrix(name, outputs: outputs, inputs: inputs, isPaired: isPaired) {
        () throws(MemoryRefused) in
        reading.damage(name)
        return try pack()
      }
      if let found { return found }
      reading.miss(name)
    }
    return try PackedMatrix(emptyOfShape: outputs, inputs: inputs, isPaired: isPaired)
  }
}

/// A file that matrices are looked up in.
final class PackedReading: Sendable {
  private struct State {
    var missing: String?
    var isDamaged = false
  }

  let file: PackedFile
  private let onDamage: @Sendable (String) -> Void
  private let state = Mutex(State())

  /// - Parameter onDamage: told the first matrix that turns out to be damaged, in the middle of a
  ///   product.
  init(_ file: PackedFile, onDamage: @escaping @Sendable (String) -> Void) {
    self.file = file
    self.onDamage = onDamage
  }

  /// Looked for and not found: the model that was loaded cannot compute.
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
