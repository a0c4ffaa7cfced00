import Foundation
import Selection
import UserConfiguration

@testable import Runs
@testable import Traces

extension Reader {
  static let settingsReaders = [settings, methodSettings]

  /// `config.toml` of the user, up to the key table and every message.
  private static let settings = Reader(
    name: "settings", seeds: Seed.settings, bound: AllocationBound(fixed: 1 << 20, perByte: 250)
  ) { bytes in
    let configuration = Configuration(
      Array(bytes.prefix(Configuration.sizeLimit)), file: "config.toml")
    let lines = bytes.reduce(1) { $1 == UInt8(ascii: "\n") ? $0 + 1 : $0 }
    precondition(configuration.warnings.allSatisfy { 1...lines ~= $0.line })
    for binding in configuration.keys.bindings { _ = binding.keys.map(\.name) }
    precondition(configuration.retention.map { 0...100 ~= $0 } ?? true)
  }

  /// `config.yaml` of the method, up to the plan that it makes and back again.
  private static let methodSettings = Reader(
    name: "config-yaml", seeds: Seed.methodSettings,
    bound: AllocationBound(fixed: 1 << 20, perByte: 250)
  ) { bytes in
    let text = String(decoding: bytes, as: UTF8.self)
    guard let configuration = try? SeatsConfiguration(yaml: text) else { return }
    var options = SelectionOptions()
    options.take(configuration)
    let budget = RetentionBudget(video: 0.25, audio: 0.5)
    let again = try? SeatsConfiguration(yaml: configuration.yaml(budget: budget))
    precondition(again == configuration, "settings do not survive being written")
  }
}

extension Seed {
  static let settings: [[UInt8]] = [
    """
    theme = "nord"
    color = "256"
    glyphs = "ascii"
    model = "hf:Qwen/Qwen2.5-Omni-3B"
    clip = "samples/clips/1-two-parts"
    method = "seats"
    retention = 12.5
    pace = 0.2
    report_file = "r.json"
    memory = "12G"
    [keys]
    quit = ["ctrl-q", "f10"]
    help = "é"
    [keys.global]
    next = []
    """,
    "retention = 101\nnothing = 1\r\n[keys]\nquit = 'no key'\nhelp = 'j'\n[keys.nowhere]\na = 1",
  ].map { [UInt8]($0.utf8) }

  static let methodSettings: [[UInt8]] = [
    """
    ---
    # SEATS
    encoder_ratio_scale: 1.4
    grid_in_window: 2   # grids
    sec_in_audio_window: 4
    progressive_drop_layers: "16-18-20"
    late_block_layer: 27
    progressive_schedule: 'exp'
    inter_window_softmax_temp: 0.05
    """, "progressive_drop_layers: null\nlate_block_layer: ~\n",
  ].map { [UInt8]($0.utf8) }
}
