import Foundation
import OmniModel
import Runs
import Selection
import Synchronization
import TestSupport

/// A clip and a model to try edits on, opened once for all tests of a process.
struct EditScene: Sendable, Hashable, CustomStringConvertible {
  let name: String
  let compute: ComputeChoice

  /// The golden models, and two of the samples with the embedded model.
  static let names = [
    "qwen2_5_av", "qwen3_av", "qwen2_5_video_only", "qwen2_5_audio_only", "1-two-parts",
    "9-pruning-flips",
  ]

  static let all = names.flatMap { name in
    [ComputeChoice.f32, .bf16, .int8].map { EditScene(name: name, compute: $0) }
  }

  var description: String { "\(name) \(compute.rawValue)" }

  private static let opened = Mutex<[EditScene: OpenedRun]>([:])

  /// - Parameter snapshotBytes: of hidden states that are kept for going back.
  func request(snapshotBytes: Int = 1 << 30) -> RunRequest {
    let golden = Fixtures.golden.appending(path: name)
    let samples = Fixtures.directory.deletingLastPathComponent().deletingLastPathComponent()
      .appending(path: "samples")
    let isSample = !Self.isGolden(name)
    var request = RunRequest(
      model: (isSample ? samples.appending(path: "model") : golden.appending(path: "checkpoint"))
        .path,
      clip: (isSample ? samples.appending(path: "clips/\(name)") : golden.appending(path: "clip"))
        .path, maxNewTokens: 3, ignoresEnd: true)
    request.compute = compute
    request.snapshotBytes = snapshotBytes
    return request
  }

  private static func isGolden(_ name: String) -> Bool { name.hasPrefix("qwen") }

  func open() async throws -> OpenedRun {
    if let known = Self.opened.withLock({ $0[self] }) { return known }
    let new = try await OpenedRun(request())
    Self.opened.withLock { $0[self] = new }
    return new
  }
}

/// What the environment asks for; `make edits` sets it.
enum EditScope {
  private static func number(_ name: String) -> Int? {
    ProcessInfo.processInfo.environment[name].flatMap { Int($0) }
  }

  /// How many key sequences, from which seed on.
  static let seeds = number("SEATS_TOP_EDIT_SEEDS") ?? 100
  static let firstSeed = number("SEATS_TOP_EDIT_SEED") ?? 1
  /// All models, precisions and snapshots instead of one.
  static let isExhaustive = number("SEATS_TOP_EDIT_SEEDS") != nil
}

/// Steele, Lea and Flood's SplitMix64.
struct SeededGenerator: RandomNumberGenerator {
  private var state: UInt64

  init(_ seed: Int) { state = UInt64(bitPattern: Int64(seed)) }

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var z = state
    z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
    return z ^ (z >> 31)
  }

  mutating func chance(_ share: Double) -> Bool { Double.random(in: 0..<1, using: &self) < share }
}
