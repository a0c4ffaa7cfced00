import Foundation
import TestSupport

/// Inputs that once went wrong: `Tests/FuzzTests/Cases/READER/…`.
enum FoundCases {
  private static let directory = Fixtures.directory.deletingLastPathComponent()
    .appending(path: "FuzzTests/Cases")

  static func bytes(for reader: String) -> [[UInt8]] {
    let folder = directory.appending(path: reader)
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
    return names.sorted().compactMap { name in
      (try? Data(contentsOf: folder.appending(path: name))).map { [UInt8]($0) }
    }
  }
}
