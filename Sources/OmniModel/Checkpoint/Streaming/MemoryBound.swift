import Basics
import Tensors

/// Upper bound of memory, in bytes.
public enum MemoryBound: Sendable, Equatable {
  /// Resident memory of the process.
  case process(Int)
  /// Streamed weights; nothing else is counted.
  case weights(Int)
}

/// A model whose weights are streamed: read, or generated, on use.
public struct StreamingPlan: Sendable, Equatable {
  /// The checkpoint's directory, or the name of the shape.
  public let model: String
  /// Bytes of all weights in memory.
  public let weights: Int
  /// Maximum resident bytes of the process.
  public let bound: Int
  /// Whether the user set that bound; otherwise it follows from the available memory.
  public let isAsked: Bool
  /// Maximum bytes that a prefill reads from files; 0 for generated weights.
  public let stored: Int
  /// Maximum bytes that a token of the answer reads.
  public let storedPerToken: Int
  /// Measured read rate of the disk in bytes per second; nil if unknown.
  public let bandwidth: Double?

  /// Estimated disk time of a prefill, in seconds.
  public var seconds: Double? { bandwidth.map { Double(stored) / $0 } }
}

extension WeightWindow {
  /// Largest share of the memory that resident weights may take; the prefill needs the rest.
  private static let shareOfWeights = 0.8

  /// A window if the weights have to be streamed; nil if all of them are to be resident.
  /// - Parameters:
  ///   - weights: bytes of all weights.
  ///   - asked: a bound set by the user.
  ///   - available: free memory; nil if unknown.
  ///   - resident: resident memory of the process.
  static func needed(
    for weights: Int, asked: MemoryBound?, available: Int? = MachineMemory.available,
    resident: Int = MachineMemory.resident ?? 0
  ) -> WeightWindow? {
    func fits(_ room: Int) -> Bool { Double(weights) <= shareOfWeights * Double(room) }
    switch asked {
    case .weights(let bytes): return weights <= bytes ? nil : WeightWindow(.weights(bytes))
    case .process(let bound):
      let room = min(bound - resident, available ?? .max)
      return fits(room) ? nil : WeightWindow(.process(room + resident))
    case nil:
      guard let available, !fits(available) else { return nil }
      return WeightWindow(.process(available / 20 * 19 + resident))
    }
  }

  /// Throws if the bound is smaller than what the largest matrix needs.
  func check(_ path: String, resident: Int = MachineMemory.resident ?? 0) throws(CheckpointError) {
    let (room, others) =
      switch bound {
      case .process(let bytes): (bytes, resident - loadedBytes)
      case .weights(let bytes): (bytes, 0)
      }
    guard others + leastBytes > room else { return }
    throw .tooLarge(
      path: path, weights: totalBytes, least: others + leastBytes, bound: room)
  }

  /// The estimate for the user before the run.
  /// - Parameters:
  ///   - share: of the experts of a layer that a token visits.
  ///   - file: one that weights are read from, to measure the disk by.
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
