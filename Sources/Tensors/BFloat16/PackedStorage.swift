import Synchronization

/// Packed numbers of one matrix that lie in a mapped file.
public struct StoredPanels: Sendable {
  nonisolated(unsafe) let bytes: UnsafeRawBufferPointer
  let checksum: UInt64
  /// Keeps the bytes where they are.
  let owner: any AnyObject & Sendable
  let remake: @Sendable () throws(MemoryRefused) -> PackedMatrix

  /// - Parameters:
  ///   - bytes: stay valid as long as `owner` lives.
  ///   - checksum: what `Checksum.of` made of them when they were written.
  ///   - remake: packs the matrix again; called where the bytes turn out to be damaged.
  public init(
    bytes: UnsafeRawBufferPointer, checksum: UInt64, owner: any AnyObject & Sendable,
    remake: @escaping @Sendable () throws(MemoryRefused) -> PackedMatrix
  ) {
    self.bytes = bytes
    self.checksum = checksum
    self.owner = owner
    self.remake = remake
  }
}

/// Where packed numbers lie: in memory of their own, written before they are shared, or in a file,
/// compared with their checksum before the first product reads them.
final class PackedStorage: Sendable {
  /// Address of numbers that may be multiplied by; 0 until there are any.
  private let trusted: Atomic<UInt>
  private let place: Mutex<Place>

  private enum Place {
    case memory(AlignedMemory)
    case file(StoredPanels)
    case remade(PackedMatrix)
  }

  init(_ bytes: Int) throws(MemoryRefused) {
    let memory = try AlignedMemory(lasting: bytes)
    trusted = Atomic(UInt(bitPattern: memory.base))
    place = Mutex(.memory(memory))
  }

  init(_ panels: StoredPanels) {
    trusted = Atomic(0)
    place = Mutex(.file(panels))
  }

  /// What products read.
  var numbers: UnsafePointer<UInt16> {
    UnsafePointer(bitPattern: trusted.load(ordering: .acquiring))
      ?? place.withLock { numbers(in: &$0) }
  }

  /// What packing writes.
  var unshared: UnsafeMutablePointer<UInt16> {
    place.withLock { place in
      guard case .memory(let memory) = place else { preconditionFailure("numbers in a file") }
      return memory.pointer(to: UInt16.self)
    }
  }

  private func numbers(in place: inout Place) -> UnsafePointer<UInt16> {
    guard case .file(let panels) = place else { return trust(place) }
    switch Checksum.of(panels.bytes) {
    // Asked to stop: nobody will use what is computed now.
    case nil: return Self.numbers(panels.bytes)
    case panels.checksum: return trust(place)
    default:
      do {
        place = .remade(try panels.remake())
      } catch {
        WorkingMemory.refused(error)
      }
      return trust(place)
    }
  }

  private func trust(_ place: Place) -> UnsafePointer<UInt16> {
    let numbers =
      switch place {
      case .memory(let memory): UnsafePointer(memory.pointer(to: UInt16.self))
      case .file(let panels): Self.numbers(panels.bytes)
      case .remade(let matrix): matrix.numbers
      }
    trusted.store(UInt(bitPattern: numbers), ordering: .releasing)
    return numbers
  }

  private static func numbers(_ bytes: UnsafeRawBufferPointer) -> UnsafePointer<UInt16> {
    guard let base = bytes.baseAddress else { preconditionFailure("a matrix without numbers") }
    return base.assumingMemoryBound(to: UInt16.self)
  }
}
