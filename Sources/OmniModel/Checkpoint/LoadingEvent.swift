import Basics

/// Events while a model is loaded and used; none of them stops a run.
public enum LoadingEvent: Error, Sendable, Equatable {
  case cache(PackedCacheEvent)
  case encodings(EncoderCacheEvent)
  /// The weights do not fit in memory and are streamed.
  case streamed(StreamingPlan)
  /// Progress of loading weights or media; several times a second if it takes long, and once at the
  /// end.
  case progress(WorkProgress)
  /// A line that an engine in another process wrote for people.
  case engineLine(String)
}

/// Counts loaded bytes of weights.
typealias LoadingMeter = ProgressMeter

extension ProgressMeter {
  /// Counts bytes and reports them as a loading event.
  /// - Parameter total: approximate bytes of all weights.
  convenience init(
    _ work: WorkProgress.Work, total: Int, report: @escaping @Sendable (LoadingEvent) -> Void
  ) {
    let send: @Sendable (WorkProgress) -> Void = { report(.progress($0)) }
    self.init(work, total: total, report: send)
  }
}
