import Profiling

/// Name of a clip of a conversation on the screen: `clip 2 of 3, talk.mp4`.
struct ClipName: Equatable {
  let text: String
  /// Without its name: `clip 2/3`.
  let short: String

  /// Nil with at most one clip.
  /// - Parameter index: from 0.
  init?(_ run: RunState, _ index: Int) {
    guard let subject = run.subject, let places = run.places, places.clips.count > 1 else {
      return nil
    }
    let parts = subject.clip.parts
    let title = parts.indices.contains(index) ? ", \(parts[index].title)" : ""
    short = "clip \(index + 1)/\(places.clips.count)"
    text = "clip \(index + 1) of \(places.clips.count)\(title)"
  }
}
