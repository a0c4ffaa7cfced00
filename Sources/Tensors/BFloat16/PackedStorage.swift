import Synchronization

/// Panels of one packed matrix in a mapped file.
public struct StoredPanels: Sendable {
  nonisolated(unsafe) let bytes: UnsafeRawBufferPointer
  let checksum: UInt64
  /// Object that keeps the file mapped.
  let owner: any AnyObject & Sendable
  /// Releases the memory pages of the panels; they are read again on the next access.
  let release: @Sendable () -> Void
  let remake: @Sendable () throws(AllocationFailure) -> PackedMatrix

  /// Describes panels in a mapped file.
  /// - Parameters:
  ///   - bytes: valid during the lifetime of `owner`.
  ///   - checksum: `Checksum.of` the bytes when they were written.
  ///   - release: releases the memory pages of the panels; called after their last use.
  ///   - remake: packs the matrix again; called if the bytes are damaged.
  public init(
    bytes: UnsafeRawBufferPointer, checksum: UInt64, owner: any AnyObject & Sendable,
    release: @escaping @Sendable () -> Void,
    remake: @escaping @Sendable () throws(AllocationFailure) -> PackedMatrix
  ) {
    self.bytes = bytes
    self.checksum = checksum
    self.owner = owner
    self.release = release
    self.remake = remake
  }
}

/// Storage of panels: allocated memory, written before it is shared, or a mapped file, verified by
/// its checksum before the first product.
final class PackedStorage: Sendable {
  /// Address of the verified panels; 0 before they are verified.
  private let trusted: Atomic<UInt>
  private let place: Mutex<Place>

  private enum Place {
    case memory(AlignedMemory)
    case file(StoredPanels)
    case remade(PackedMatrix)
  }

  init(_ bytes: Int) throws(AllocationFailure) {
    let memory = try AlignedMemory(lasting: bytes)
    trusted = Atomic(UInt(bitPattern: memory.base))
    place = Mutex(.memory(memory))
  }

  init(_ panels: StoredPanels) {
    trusted = Atomic(0)
    place = Mutex(.file(panels))
  }

  deinit {
    place.withLock { place in
      if case .file(let panels) = place { panels.release() }
    }
  }

  /// The verified panels for reading.
  var numbers: UnsafePointer<UInt16> {
    UnsafePointer(bitPattern: trusted.load(ordering: .acquiring))
      ?? place.withLock { numbers(in: &$0) }
  }

  /// The panels for writing, before they are shared between threads.
  var unshared: UnsafeMutablePointer<UInt16> {
    place.withLock { place in
      guard case .memory(let memory) = place else { preconditionFailure("numbers in a file") }
      return memory.pointer(to: UInt16.self)
    }
  }

  private func numbers(in place: inout Place) -> UnsafePointer<UInt16> {
    guard case .file(let panels) = place else { return trust(place) }
    switch Checksum.of(panels.bytes) {
    // Cancelled: the results of the product are discarded anyway.
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
