import Foundation
import OmniModel
import Synchronization

/// A temporary directory that is removed with this object, at the exit of this program, or by a later start
/// after it was killed.
final class ScratchDirectory: Sendable {
  let path: String

  private static let prefix = "seats-top-engine-"
  private static let paths = Mutex<Set<String>>([])
  /// Runs once: removes what killed programs left, and arranges the removal at exit.
  private static let preparation: Void = {
    removeAbandoned()
    atexit { ScratchDirectory.removeAll() }
  }()

  init() throws(EngineFault) {
    _ = Self.preparation
    let name = "\(Self.prefix)\(getpid())-\(UUID().uuidString)"
    let place = FileManager.default.temporaryDirectory.appending(path: name)
    path = place.path
    do {
      try FileManager.default.createDirectory(
        at: place, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    } catch {
      throw EngineFault(.failed, reason: "\(place.path) cannot be written")
    }
    let path = path
    Self.paths.withLock { _ = $0.insert(path) }
  }

  deinit {
    try? FileManager.default.removeItem(atPath: path)
    let path = path
    Self.paths.withLock { _ = $0.remove(path) }
  }

  private static func removeAll() {
    for path in paths.withLock({ $0 }) { try? FileManager.default.removeItem(atPath: path) }
  }

  /// Removes directories of this user's programs that run no more.
  private static func removeAbandoned() {
    let folder = FileManager.default.temporaryDirectory
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
    for name in names where name.hasPrefix(prefix) {
      guard let process = Int32(name.dropFirst(prefix.count).prefix { $0.isNumber }), process > 0,
        kill(process, 0) != 0, errno == ESRCH
      else { continue }
      try? FileManager.default.removeItem(at: folder.appending(path: name))
    }
  }
}
