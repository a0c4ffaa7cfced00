import Foundation
import TestSupport

@testable import OmniModel

/// A copy of a golden checkpoint with other files; gone when it is no longer needed.
final class VariantCheckpoint {
  typealias Keys = [String: Any]

  let url: URL
  private let golden: String

  var path: String { url.path }

  init(_ golden: String) throws {
    self.golden = golden
    url = FileManager.default.temporaryDirectory.appending(path: "seats-top-\(UUID().uuidString)")
    try FileManager.default.copyItem(
      at: Fixtures.golden.appending(path: golden + "/checkpoint"), to: url)
  }

  deinit { try? FileManager.default.removeItem(at: url) }

  func keys(of file: String) throws -> Keys {
    let json = try JSONSerialization.jsonObject(with: Data(contentsOf: url.appending(path: file)))
    return json as? Keys ?? [:]
  }

  @discardableResult
  func write(_ file: String, _ keys: Keys?) throws -> VariantCheckpoint {
    let place = url.appending(path: file)
    guard let keys else {
      try? FileManager.default.removeItem(at: place)
      return self
    }
    try JSONSerialization.data(withJSONObject: keys).write(to: place)
    return self
  }

  @discardableResult
  func edit(_ file: String, _ change: (inout Keys) -> Void) throws -> VariantCheckpoint {
    var keys = try keys(of: file)
    change(&keys)
    return try write(file, keys)
  }

  /// Changes `config.json`.
  @discardableResult
  func config(_ change: (inout Keys) -> Void) throws -> VariantCheckpoint {
    try edit("config.json", change)
  }

  /// Changes `thinker_config`.
  @discardableResult
  func thinker(_ change: (inout Keys) -> Void) throws -> VariantCheckpoint {
    try config { $0.inside("thinker_config", change) }
  }

  /// Changes a part of `thinker_config`.
  @discardableResult
  func part(_ name: String, _ change: (inout Keys) -> Void) throws -> VariantCheckpoint {
    try thinker { $0.inside(name, change) }
  }

  @discardableResult
  func text(_ change: (inout Keys) -> Void) throws -> VariantCheckpoint {
    try part("text_config", change)
  }

  @discardableResult
  func tensors(_ change: (inout SafetensorsCopy) -> Void) throws -> VariantCheckpoint {
    let file = url.appending(path: "model.safetensors")
    var copy = try SafetensorsCopy(file)
    change(&copy)
    try copy.write(to: file)
    return self
  }

  /// Runs the golden clip to the first logits.
  func run() throws -> VariantRun {
    try VariantRun(Thinker(directory: path), GoldenCase(golden).clip())
  }
}

extension [String: Any] {
  mutating func inside(_ key: String, _ change: (inout [String: Any]) -> Void) {
    var inner = self[key] as? [String: Any] ?? [:]
    change(&inner)
    self[key] = inner
  }
}

/// What a checkpoint makes of a clip.
struct VariantRun: Equatable {
  let ids: [Int]
  let positions: [SIMD3<Float>]
  let logits: [Float]
  let facts: [CheckpointFact]

  init(_ thinker: Thinker, _ clip: ClipInput) throws {
    let prompt = try Prompt(clip, for: thinker)
    var prefill = Prefill(prompt, thinker: thinker, plan: .full)
    while try prefill.advance(Cancellation()) != nil {}
    (ids, positions) = (prompt.ids, prompt.layout.positions)
    logits = prefill.logits
    facts = thinker.facts
  }

  /// Equal to the last bit; where it was read from does not matter.
  static func == (one: VariantRun, other: VariantRun) -> Bool {
    one.ids == other.ids && one.positions == other.positions && one.logits == other.logits
      && !one.logits.isEmpty
  }

  /// The ids of the largest logits.
  func top(_ count: Int) -> [(id: Int, logit: Float)] {
    logits.enumerated().sorted { $0.element > $1.element }.prefix(count)
      .map { (id: $0.offset, logit: $0.element) }
  }

  /// Whether the largest logits are those of the reference, within 2·10⁻³.
  func begins(with expected: [(Int, Float)]) -> Bool {
    zip(top(expected.count), expected).allSatisfy {
      $0.id == $1.0 && abs($0.logit - $1.1) < 2e-3
    }
  }

  func warnings(_ subject: String) -> [String] {
    facts.filter { $0.isWarning && $0.subject == subject }.map(\.fact)
  }

  func fact(_ subject: String) -> String {
    facts.filter { $0.subject == subject }.map(\.fact).joined(separator: " | ")
  }
}
