import Foundation
import Synchronization

/// A pool of threads for parallel loops. Matrix products block their thread, which is not allowed
/// on Swift's own threads, and starting a thread for a product of one millisecond is too slow.
///
/// Unchecked Sendable: `condition` protects all mutable state.
final class WorkerPool: @unchecked Sendable {
  static let shared = WorkerPool()

  /// Lock of the mutable state below; wakes workers and callers.
  private let condition = NSCondition()
  /// Parallel loops with parts left to run, oldest first.
  private var jobs: [Job] = []
  private var workers = 0

  /// Runs `work(0)` … `work(count − 1)` on the calling thread and up to `helpers` other threads.
  func perform(
    _ count: Int, helpers: Int, isStopped: (@Sendable () -> Bool)?, _ work: (Int) -> Void
  ) {
    withoutActuallyEscaping(work) { work in
      let job = Job(count, helpers: helpers, isStopped: isStopped, work)
      condition.withLock {
        jobs.append(job)
        startWorkers(helpers)
        condition.broadcast()
      }
      job.takePieces()
      condition.withLock {
        jobs.removeAll { $0 === job }
        while job.busy > 0 { condition.wait() }
      }
    }
  }

  private func startWorkers(_ wanted: Int) {
    guard workers < wanted else { return }
    // Workers block all signals except faults; a new thread inherits the signal mask.
    var (others, before) = (sigset_t(), sigset_t())
    sigfillset(&others)
    for fault in [SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGABRT] { sigdelset(&others, fault) }
    pthread_sigmask(SIG_SETMASK, &others, &before)
    defer { pthread_sigmask(SIG_SETMASK, &before, nil) }
    while workers < wanted {
      workers += 1
      let thread = Thread { self.help() }
      thread.name = "worker"
      thread.start()
    }
  }

  /// The loop that a worker thread runs; never returns.
  private func help() {
    condition.lock()
    while true {
      guard let job = jobs.first(where: { $0.joined < $0.helpers }) else {
        condition.wait()
        continue
      }
      job.joined += 1
      job.busy += 1
      condition.unlock()
      job.takePieces()
      condition.lock()
      job.busy -= 1
      if job.busy == 0 { condition.broadcast() }
    }
  }
}

/// One parallel loop, whose parts are taken by threads in order.
///
/// Unchecked Sendable: mutable state is atomic or protected by the pool's lock.
private final class Job: @unchecked Sendable {
  let helpers: Int
  /// Number of workers that have joined, and that are still working; protected by the pool's lock.
  var joined = 0
  var busy = 0

  private let count: Int
  private let isStopped: (@Sendable () -> Bool)?
  private let work: (Int) -> Void
  private let next = Atomic(0)

  init(
    _ count: Int, helpers: Int, isStopped: (@Sendable () -> Bool)?, _ work: @escaping (Int) -> Void
  ) {
    (self.count, self.helpers) = (count, helpers)
    (self.isStopped, self.work) = (isStopped, work)
  }

  func takePieces() {
    while isStopped?() != true {
      let piece = next.wrappingAdd(1, ordering: .relaxed).oldValue
      guard piece < count else { return }
      work(piece)
    }
  }
}
