import Basics
import Tensors

/// An upper bound on memory, in bytes.
public enum MemoryBound: Sendable, Equatable {
  /// Bound on the resident memory of the process.
  case process(Int)
  /// Bound on loaded weights only; other memory is not counted.
  case weights(Int)
}

/// Estimates for a model whose weights are streamed: read or generated when they are used.
public struct StreamingPlan: Sendable, Equatable {
  /// Directory of the checkpoint, or name of the published sizes for random weights.
  public let model: String
  /// Size of all weights in memory, in bytes.
  public let weights: Int
  /// Maximum resident memory of the process, in bytes.
  public let bound: Int
  /// Whether the user set the bound; otherwise it is derived from the available memory.
  public let isAsked: Bool
  /// Maximum bytes that a prefill reads from files; 0 for generated weights.
  public let stored: Int
  /// Maximum bytes that one token of the answer reads from files.
  public let storedPerToken: Int
  /// Measured read rate of the disk in bytes per second; nil if unknown.
  public let bandwidth: Double?

  /// Estimated disk time of a prefill, in seconds.
  public var seconds: Double? { bandwidth.map { Double(stored) / $0 } }
}

extension WeightWindow {
  /// Largest fraction of memory that resident weights may take; the prefill needs the rest.
  private static let shareOfWeights = 0.8

  /// Creates a window if the weights must be streamed; nil if all of them can be resident.
  /// - Parameters:
  ///   - weights: bytes of all weights.
  ///   - asked: the bound set by the user; nil for none.
  ///   - available: free memory in bytes; nil if unknown.
  ///   - resident: resident memory of the process in bytes.
  static func needed(
    for weights: Int, asked: MemoryBound?, available: Int? = MachineMemory.available,
    resident: Int = MachineMemory.resident ?? 0
  ) -> WeightWindow? {
    let space = weights < MappedFile.leastParts ? nil : addressSpace
    func fits(_ room: Int) -> Bool {
      Double(weights) <= shareOfWeights * Double(min(room, space ?? .max))
    }
    switch asked {
    case .weights(let bytes): return weights <= bytes ? nil : WeightWindow(.weights(bytes))
    case .process(let bound):
      let room = min(bound - resident, available ?? .max)
      return fits(room) ? nil : WeightWindow(.process(room + resident))
    case nil:
      guard let available = [available, space].compactMap({ $0 }).min(), !fits(available)
      else { return nil }
      return WeightWindow(.process(available / 20 * 19 + resident))
    }
  }

  /// Part of the address space that is left free for threads and small allocations.
  private static let spareShare = 16

  /// Address space for weights and computation below the limit of `ulimit -v`, in bytes; nil without
  /// a limit.
  static var addressSpace: Int? {
    guard let limit = MachineMemory.addressSpaceLimit, let taken = MachineMemory.addressSpace
    else { return nil }
    return max(0, limit - limit / spareShare - taken - WorkingMemory.libraryBytes)
  }

  /// Throws `CheckpointError.tooLarge` if the bound is too small for the largest matrix, or
  /// `.addressSpace` if the limit of the address space is.
  func check(_ path: String, resident: Int = MachineMemory.resident ?? 0) throws(CheckpointError) {
    let (room, others) =
      switch bound {
      case .process(let bytes): (bytes, resident - loadedBytes)
      case .weights(let bytes): (bytes, 0)
      }
    if let space = Self.addressSpace, leastBytes > space + loadedBytes {
      throw .addressSpace(
        path: path, weights: totalBytes, missing: leastBytes - space - loadedBytes)
    }
    guard others + leastBytes > room else { return }
    throw .tooLarge(
      path: path, weights: totalBytes, least: others + leastBytes, bound: room)
  }

  /// Estimates of memory and read time, shown to the user before the run.
  /// - Parameters:
  ///   - share: fraction of a layer's experts to which one token is routed.
  ///   - file: a weight file, with which the disk's speed is measured.
  /// - Returns: nil if all weights fit once they are loaded.
  func plan(_ model: String, share: Double, file: String?, isAsked: Bool) -> StreamingPlan? {
    let (bytes, room) =
      switch bound {
      case .process(let bytes): (bytes, bytes - (MachineMemory.resident ?? 0))
      case .weights(let bytes): (bytes, bytes)
      }
    guard totalBytes > room else { return nil }
    return StreamingPlan(
      model: model, weights: totalBytes, bound: bytes, isAsked: isAsked, stored: storedBytes,
      storedPerToken: storedBytesPerToken(share: share),
      bandwidth: file.flatMap { DiskSpeed.reading($0) })
  }
}
