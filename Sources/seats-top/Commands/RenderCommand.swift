import ArgumentParser
import Basics
import Foundation
import SyntheticWorld

/// `seats-top render`: renders synthetic scenes as clip directories.
struct RenderCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "render", abstract: "Write the clips of a scene file as clip directories.")

  @Argument(help: "A JSON Lines file of scenes, such as a benchmark.")
  var scenes: String

  @Argument(help: "Directory to write to; each clip becomes a folder N-NAME.")
  var directory: String

  @Option(help: "Render only the first N clips, from 1 (default: all).")
  var limit: Int?

  func validate() throws {
    try StandardStream.refuse([scenes, directory], as: "render")
    if let limit, limit < 1 { throw ValidationError("--limit takes a count from 1, not \(limit).") }
  }

  func run() throws {
    let text: String
    do {
      text = try FileInput.text(scenes, limit: Benchmark.sizeLimit)
    } catch {
      throw OutputError.input(path: scenes, reason: error.reason)
    }
    for (index, clip) in try Benchmark(parsing: text).clips.prefix(limit ?? .max).enumerated() {
      guard let question = clip.questions.first else { continue }
      let name = clip.clip.filter { $0.isLetter || $0.isNumber || $0 == "-" }
      let folder = "\(directory)/\(index + 1)-\(name)"
      let files = try ClipFiles(clip, question: question).contents
      var use = FileUse()
      use.reads(scenes, as: "render")
      for (file, _) in files { use.writes("\(folder)/\(file)", as: "render") }
      try use.check()
      for (file, contents) in files {
        try FileOutput.write(contents, to: "\(folder)/\(file)", creatingDirectories: true)
      }
    }
  }
}
