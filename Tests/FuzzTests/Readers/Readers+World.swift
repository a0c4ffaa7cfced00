import Foundation
import TestSupport

@testable import SyntheticWorld

extension Reader {
  static let worldReaders = [benchmark]

  /// Lines of a benchmark; small scenes are rendered too.
  private static let benchmark = Reader(
    name: "benchmark", seeds: Seed.benchmarkLines,
    bound: AllocationBound(fixed: 16 << 20, perByte: 250)
  ) { bytes in
    let text = String(decoding: bytes, as: UTF8.self)
    guard let benchmark = try? Benchmark(parsing: text) else { return }
    for clip in benchmark.clips.prefix(2) {
      try? clip.scene.validate()
      // Rendering takes its time, so only now and then.
      guard clip.scene.windows.count == 1, bytes.reduce(0, &+) % 64 == 0,
        let question = clip.questions.first
      else { continue }
      _ = try? ClipFiles(clip, question: question)
    }
  }
}

extension Seed {
  static var benchmarkLines: [[UInt8]] {
    let lines =
      files("samples", "benchmark.jsonl").first?.split(separator: UInt8(ascii: "\n")) ?? []
    return lines.prefix(200).sorted { $0.count < $1.count }.prefix(4).map { [UInt8]($0) }
  }
}
