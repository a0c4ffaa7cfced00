import CCurses

/// Gives memory back that was freed. The allocator keeps pages that lie free between blocks in use, a
/// few KiB more every minute under keys; what is resident would grow for hours, though what is in use
/// does not.
struct HeapTrim {
  private static let interval = Duration.seconds(60)
  private var last = Duration.zero

  /// To be called where nothing is computing: pages that were given back cost a fault each when they
  /// are needed again. Takes about a millisecond, once a minute.
  mutating func duringPause(at now: Duration) {
    guard now - last >= Self.interval else { return }
    last = now
    cc_trim_heap()
  }
}
