import COpenBLAS
import Foundation
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

  /// Sets `count`; below 1 it is 1.
  public static func use(_ threads: Int) {
    requested.store(max(1, threads), ordering: .relaxed)
  }

  /// Runs `work` with so many threads; what was set before is in force again afterwards.
  public static func using<Result>(
    _ threads: Int, _ work: () throws -> Result
  ) rethrows -> Result {
    let before = requested.exchange(max(1, threads), ordering: .relaxed)
    defer { requested.store(before, ordering: .relaxed) }
    return try work()
  }

  /// The library behind the products, as it names itself.
  public static var libraryDescription: String { String(cString: openblas_get_config()) }

  /// Whether its products use vectors of 512 bits: it chooses by processors that it knows.
  static let libraryUses512Bits = ["SkylakeX", "Cooperlake", "SapphireRapids"].contains(
    String(cString: openblas_get_corename()))

  private static let defaultCount = max(1, Int(openblas_get_num_procs()))

  /// OpenBLAS splits a product differently for each thread count and so changes its last digits:
  /// it gets one thread, and pieces are cut here.
  private static let singleThreadedLibrary: Void = openblas_set_num_threads(1)

  /// Runs `work(0)` … `work(count − 1)`, several at a time where `flops` are worth it.
  static func perform(_ count: Int, flops: Double, _ work: (Int) -> Void) {
    _ = singleThreadedLibrary
    let isStopped = StopRequest.ofThread
    let workers = flops < 2_000_000 ? 1 : min(Self.count, count)
    guard workers > 1 else {
      for piece in 0..<count where isStopped?() != true { work(piece) }
      return
    }
    WorkerPool.shared.perform(count, helpers: workers - 1, isStopped: isStopped, work)
  }

  /// Runs `work` for every row of a tensor, in blocks that are worth handing out.
  static func performRows(_ count: Int, columns: Int, _ work: (Int) -> Void) {
    let block = max(1, (1 << 15) / max(1, columns))
    // A number of a row takes about ten operations.
    perform((count + block - 1) / block, flops: 10 * Double(count) * Double(columns)) { index in
      for row in index * block..<min(count, (index + 1) * block) { work(row) }
    }
  }
}

extension ProductThreads {
  /// Runs `work`, whose pieces are preceded by a look at `isStopped`: where it answers true, what is
  /// left of the work is skipped and its results are worthless. The caller looks again before using
  /// them.
  public static func stopping<Result>(
    when isStopped: @escaping @Sendable () -> Bool, _ work: () -> Result
  ) -> Result {
    StopRequest(isStopped).during(work)
  }
}

/// Who is asked whether the work of a thread is still wanted. Kept by thread and not by task: the
/// engine computes synchronously, on threads of its own as well as in tasks.
private final class StopRequest: Sendable {
  private let isStopped: @Sendable () -> Bool

  init(_ isStopped: @escaping @Sendable () -> Bool) { self.isStopped = isStopped }

  private static let key: pthread_key_t = {
    var key = pthread_key_t()
    precondition(pthread_key_create(&key, nil) == 0, "no key for a thread's stop request")
    return key
  }()

  static var ofThread: (@Sendable () -> Bool)? {
    pthread_getspecific(key).map {
      Unmanaged<StopRequest>.fromOpaque($0).takeUnretainedValue().isStopped
    }
  }

  func during<Result>(_ work: () -> Result) -> Result {
    let before = pthread_getspecific(Self.key)
    pthread_setspecific(Self.key, Unmanaged.passUnretained(self).toOpaque())
    defer { pthread_setspecific(Self.key, before) }
    return withExtendedLifetime(self, work)
  }
}
