import Foundation
import Subprocess
import TestSupport

/// The built executable, run as a user would.
enum Program {
  /// Beside the test bundle.
  static let path: String = {
    let bundle = Bundle.allBundles.map(\.bundleURL).first { $0.pathExtension == "xctest" }
    let directory =
      bundle?.deletingLastPathComponent()
      ?? URL(filePath: CommandLine.arguments[0]).deletingLastPathComponent()
    return directory.appending(path: "seats-top").path
  }()

  struct Outcome {
    let code: Int32
    let output, errorOutput: String
  }

  /// - Parameter command: started instead, with the program and its arguments behind its own.
  static func run(
    _ arguments: [String], environment: [String: String] = [:], through command: [String] = []
  ) async throws -> Outcome {
    let variables = environment.map { "\($0)=\($1)" }
    let result = try await Subprocess.run(
      .name("env"), arguments: Arguments(variables + command + [path] + arguments),
      output: .string(limit: 64 << 20), error: .string(limit: 1 << 20))
    var code: Int32 = -1
    if case .exited(let status) = result.terminationStatus { code = Int32(status) }
    return Outcome(
      code: code, output: result.standardOutput, errorOutput: result.standardError)
  }
}

/// A directory that is gone when it is no longer needed.
final class Scratch {
  let url: URL

  init() throws {
    url = FileManager.default.temporaryDirectory.appending(path: "seats-top-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(at: url) }

  func path(_ name: String) -> String { url.appending(path: name).path }

  func write(_ name: String, _ contents: Data) throws {
    try contents.write(to: url.appending(path: name))
  }

  /// A copy of a fixture that may be damaged.
  func copy(_ fixture: String, as name: String) throws {
    try FileManager.default.copyItem(
      at: Fixtures.golden.appending(path: fixture), to: url.appending(path: name))
  }
}
