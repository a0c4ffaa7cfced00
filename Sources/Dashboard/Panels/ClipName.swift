/// Name of a clip of a conversation on the screen: `clip 2 of 3, talk.mp4`.
struct ClipName: Equatable {
  let text: String
  /// Short name of a clip, without its file name: `clip 2/3`.
  let short: String

  /// Name of a clip; nil if there is at most one clip.
  /// - Parameter index: index of the clip, from 0.
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
