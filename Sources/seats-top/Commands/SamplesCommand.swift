import ArgumentParser
import Basics
import Foundation
import Media

/// `seats-top samples`: lists the sample clips.
struct SamplesCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "samples", abstract: "List the sample clips with their media and questions.")

  @Option(help: "Output format: text or json.")
  var format = ListFormat.text

  func run() async throws {
    var samples: [Sample] = []
    for path in try ShareDirectory().clips() { samples.append(Sample(try await Clip.load(path))) }
    switch format {
    case .json: try Console.emit(JSONEncoder.pretty(samples))
    case .text:
      let lines = samples.map { sample in
        let seconds = String(format: "%.1f s", sample.seconds)
        return "\(sample.path)\n  \(sample.title.printable): "
          + "\(sample.modalities.joined(separator: " + ")), \(seconds)\n"
          + "  \(sample.question.printable)"
      }
      try Console.emit(Data((lines.joined(separator: "\n\n") + "\n").utf8))
    }
  }
}

private struct Sample: Encodable {
  let path, title: String
  let modalities: [String]
  let seconds: Double
  let question: String
  let answer: String?

  init(_ clip: Clip) {
    (path, title, seconds) = (clip.source, clip.title, clip.seconds)
    let parts = [
      ("video", clip.video != nil), ("audio", clip.audio != nil), ("image", clip.image != nil),
    ]
    modalities = parts.filter(\.1).map(\.0)
    (question, answer) = (clip.question ?? "", clip.answer)
  }
}
