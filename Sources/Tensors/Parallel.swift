import COpenBLAS
import Foundation
import Synchronization

/// Threads for matrix products. Parallel loops are divided independently of the number of threads,
/// so that results are the same for any number.
public enum ProductThreads {
  private static let requested = Atomic(0)

  /// Number of threads for matrix products and attention in this process.
  public static var count: Int {
    let wanted = requested.load(ordering: .relaxed)
    return wanted > 0 ? wanted : defaultCount
  }

  /// Sets the number of threads; at least 1.
  public static func use(_ threads: Int) {
    requested.store(max(1, threads), ordering: .relaxed)
  }

  /// Runs `work` with a number of threads, then restores the previous number.
  public static func using<Result>(
    _ threads: Int, _ work: () throws -> Result
  ) rethrows -> Result {
    let before = requested.exchange(max(1, threads), ordering: .relaxed)
    defer { requested.store(before, ordering: .relaxed) }
    return try work()
  }

  /// Name and build configuration of the BLAS library.
  public static var libraryDescription: String { String(cString: openblas_get_config()) }

  /// Whether the BLAS library uses 512-bit vectors, which it decides by processor model.
  static let libraryUses512Bits = ["SkylakeX", "Cooperlake", "SapphireRapids"].contains(
    String(cString: openblas_get_corename()))

  private static let defaultCount = max(1, Int(openblas_get_num_procs()))

  /// OpenBLAS divides a product by the number of threads, which changes the last digits of results;
  /// so it gets one thread, and products are divided here.
  private static let singleThreadedLibrary: Void = openblas_set_num_threads(1)

  /// Whether this thread's work was cancelled; results computed since then may be invalid.
  public static var isStopped: Bool { StopRequest.ofThread?() ?? false }

  /// Runs `work(0)` … `work(count − 1)`, in parallel if there are enough `flops`.
  public static func perform(_ count: Int, flops: Double, _ work: (Int) -> Void) {
    _ = singleThreadedLibrary
    let isStopped = StopRequest.ofThread
    let workers = flops < 2_000_000 ? 1 : min(Self.count, count)
    guard workers > 1 else {
      for piece in 0..<count where isStopped?() != true { work(piece) }
      return
    }
    WorkerPool.shared.perform(count, helpers: workers - 1, isStopped: isStopped, work)
  }

  /// Runs `work` for every row of a tensor, in parallel blocks of sufficient size.
  static func performRows(_ count: Int, columns: Int, _ work: (Int) -> Void) {
    let block = max(1, (1 << 15) / max(1, columns))
    // Assumes about ten operations per element.
    perform((count + block - 1) / block, flops: 10 * Double(count) * Double(columns)) { index in
      for row in index * block..<min(count, (index + 1) * block) { work(row) }
    }
  }
}

extension ProductThreads {
  /// Runs `work` with a cancellation check `isStopped` before each part of a parallel loop. Once it
  /// returns true, the remaining parts are skipped and the results are invalid: the caller must
  /// check again before using them.
  public static func stopping<Result>(
    when isStopped: @escaping @Sendable () -> Bool, _ work: () -> Result
  ) -> Result {
    StopRequest(isStopped).during(work)
  }
}

/// The cancellation check of the current thread. Stored per thread, not per task: the engine
/// computes synchronously, on its own threads and in tasks.
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
