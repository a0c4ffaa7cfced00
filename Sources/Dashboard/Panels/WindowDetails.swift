import Reports
import Selection
import Terminal

/// Details of a temporal window: how its budget was computed.
struct WindowDetails: Equatable {
  let title: String
  let lines: [StyledLine]

  init(_ windows: BoundaryWindows, index: Int) {
    guard windows.lines.indices.contains(index) else {
      (title, lines) = ("", [])
      return
    }
    let line = windows.lines[index]
    let seconds = line.seconds.map { ", \(Measure.span($0)) s" } ?? ""
    let clip = line.clip.map { " of clip \($0 + 1)" } ?? ""
    title = "window \(index + 1) of \(windows.lines.count)\(seconds)\(clip)"
    lines =
      line.record.map {
        Self.budget(line, $0, windows, index)
      } ?? [Self.passing(line)]
  }

  private static func passing(_ line: WindowLine) -> StyledLine {
    var text = StyledLine()
    for (name, role, side) in [("video", Role.video, line.video), ("audio", .audio, line.audio)] {
      text.append("\(name) ", role)
      let change = side.before == side.after ? "\(side.after)" : "\(side.before) → \(side.after)"
      text.append(side.seconds == nil ? "none   " : "\(change) tokens   ")
    }
    return text
  }

  private static func budget(
    _ line: WindowLine, _ record: WindowRecord, _ windows: BoundaryWindows, _ index: Int
  ) -> [StyledLine] {
    let total = windows.lines.reduce(0) { $0 + $1.after }
    let mean = Double(record.videoWeight + record.audioWeight) / 2
    var share = StyledLine("budget ", .title)
    share.append("\(record.budget)", .strong)
    share.append(
      " of \(line.before) tokens: (\(percent(record.videoWeight)) + \(percent(record.audioWeight)))"
        + " / 2 = \(Measure.decimal(mean * 100, 1)) % of \(total) to keep")
    var split = StyledLine("split  ", .title)
    split.append("video \(record.videoBudget) of \(record.videoTokens)", .video)
    split.append(", ")
    split.append("audio \(record.audioBudget) of \(record.audioTokens)", .audio)
    split.append(", the most relevant", .normal)
    return [share, split, pairing(line, windows.placeInClip(index))]
  }

  private static func pairing(_ line: WindowLine, _ index: Int) -> StyledLine {
    var text = StyledLine("pair   ", .title)
    guard let video = line.video.seconds, let audio = line.audio.seconds else {
      let alone = line.video.seconds == nil ? "audio" : "video"
      text.append("window \(index + 1) of \(alone), one modality: the other has fewer windows")
      return text
    }
    text.append("video window \(index + 1), \(Measure.span(video)) s", .video)
    text.append(" with ")
    text.append("audio window \(index + 1), \(Measure.span(audio)) s", .audio)
    if line.isApart {
      text.append("  ! paired by order; they do not overlap in time", .warning)
    }
    return text
  }

  private static func percent(_ weight: Float) -> String {
    Measure.decimal(Double(weight) * 100, 1)
  }
}
