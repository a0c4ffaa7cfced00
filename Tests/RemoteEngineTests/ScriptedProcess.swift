import Foundation
import OmniModel
import TestSupport

@testable import RemoteEngine

/// Starts the scripted engine that is built beside these tests.
enum ScriptedProcess {
  static let executable =
    Bundle.main.executableURL.map { url -> String in
      // The tests run in a bundle beside the programs, or in a runner elsewhere.
      let folders = [
        url.deletingLastPathComponent(), Fixtures.package.appending(path: ".build/debug"),
      ]
      let found = folders.map { $0.appending(path: "scripted-engine").path }
      return found.first { FileManager.default.isExecutableFile(atPath: $0) } ?? found[0]
    } ?? "scripted-engine"

  static func checkpoint(_ name: String) -> String {
    Fixtures.golden.appending(path: name + "/checkpoint").path
  }

  /// A command for a golden checkpoint.
  static func command(_ name: String = "qwen2_5_av", _ options: String = "") -> String {
    "'\(executable)' --model '\(checkpoint(name))' \(options)"
  }

  static func link(
    _ options: String = "", patience: Int = 60,
    onLine: @escaping @Sendable (String) -> Void = { _ in }
  ) throws -> EngineLink {
    try EngineLink(command: command("qwen2_5_av", options), patience: patience, onLine: onLine)
  }
}

extension Fixtures {
  /// The folder of the package.
  static let package = directory.deletingLastPathComponent().deletingLastPathComponent()
}
