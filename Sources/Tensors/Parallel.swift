import COpenBLAS
import Dispatch
import Synchronization

/// Work cut into pieces that do not depend on how many threads there are: the same numbers come
/// out for any count.
public enum ProductThreads {
  private static let requested = Atomic(0)

  /// Threads that products and attention may use, for the whole process.
  public static var count: Int {
    let wanted = requested.load(ordering: .relaxed)
    return wanted > 0 ? wanted : defaultCount
  }

  public static func use(_ threads: Int) {
    requested.store(max(1, threads), ordering: .relaxed)
  }

  /// The library behind the products, as it names itself.
  public static var libraryDescription: String { String(cString: openblas_get_config()) }

  private static let defaultCount = max(1, Int(openblas_get_num_procs()))

  /// OpenBLAS splits a product differently for each thread count and so changes its last digits:
  /// it gets one thread, and pieces are cut here.
  private static let singleThreadedLibrary: Void = openblas_set_num_threads(1)

  /// Runs `work(0)` … `work(count − 1)`, several at a time where `flops` are worth it.
  static func perform(_ count: Int, flops: Double, _ work: (Int) -> Void) {
    _ = singleThreadedLibrary
    let workers = flops < 2_000_000 ? 1 : min(Self.count, count)
    guard workers > 1 else { return (0..<count).forEach(work) }
    let next = Atomic(0)
    withoutActuallyEscaping(work) { work in
      // Each piece writes its own part of the result.
      nonisolated(unsafe) let work = work
      DispatchQueue.concurrentPerform(iterations: workers) { _ in
        while true {
          let piece = next.wrappingAdd(1, ordering: .relaxed).oldValue
          guard piece < count else { return }
          work(piece)
        }
      }
    }
  }
}
