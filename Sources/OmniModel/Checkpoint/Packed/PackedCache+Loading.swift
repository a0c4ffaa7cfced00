import Foundation

extension PackedCache {
  /// Loads a model with packed weights mapped from the cache; missing cache files are written
  /// first. If the cache cannot be used, weights are packed into memory.
  /// - Parameters:
  ///   - bytes: approximate size of the packed weights.
  ///   - load: loads the model; called again to map the cache file after it was written.
  func load<Model>(
    _ source: CheckpointIdentity, bytes: Int,
    report: @escaping @Sendable (PackedCacheEvent) -> Void,
    _ load: (Packing) throws(CheckpointError) -> Model
  ) throws(CheckpointError) -> Model {
    let path = path(of: source)
    if let model = try mapped(path, source, report, load) { return model }
    switch Result(catching: { () throws(PackedCacheFault) in try claim(path, bytes) }) {
    case .success(let writer?):
      report(.packing(path: path, bytes: bytes))
      if let reason = writer.lockProblem { report(.unlocked(path: path, reason: reason)) }
      _ = try load(.writing(writer))
      do throws(PackedCacheFault) {
        try writer.finish(source)
      } catch {
        report(.unused(error))
      }
    case .success(nil): break
    case .failure(let fault): report(.unused(fault))
    }
    if let model = try mapped(path, source, report, load) { return model }
    return try load(.memory)
  }

  /// Loads a model with packed weights mapped from the cache if the file exists. Otherwise nothing
  /// is written, and weights are packed into memory.
  func loadIfThere<Model>(
    _ source: CheckpointIdentity, report: @escaping @Sendable (PackedCacheEvent) -> Void,
    _ load: (Packing) throws(CheckpointError) -> Model
  ) throws(CheckpointError) -> Model {
    if let model = try mapped(path(of: source), source, report, load) { return model }
    return try load(.memory)
  }

  /// Loads the model from a cache file; nil if there is no file, or only that of an older version
  /// of the checkpoint.
  private func mapped<Model>(
    _ path: String, _ source: CheckpointIdentity,
    _ report: @escaping @Sendable (PackedCacheEvent) -> Void,
    _ load: (Packing) throws(CheckpointError) -> Model
  ) throws(CheckpointError) -> Model? {
    // If a directory has this name, the error appears when the file is written.
    var isDirectory: ObjCBool = false
    guard FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory),
      !isDirectory.boolValue
    else { return nil }
    let file: PackedFile
    do {
      file = try PackedFile(path)
    } catch {
      if case .unreadable = error {
        // The file may be valid: mapping can fail because memory is limited.
        report(.unused(error))
        return try load(.memory)
      }
      unlink(path)
      report(.discarded(error))
      return nil
    }
    guard file.isCurrent(for: source) else { return nil }
    let reading = PackedReading(file) { name in
      unlink(path)
      report(.discarded(.damaged(path: path, reason: "\(name) has a wrong checksum")))
    }
    let model = try load(.mapped(reading))
    return reading.missing == nil ? model : nil
  }

  /// Creates a writer for the cache file; nil if another process has just written the file.
  private func claim(_ path: String, _ bytes: Int) throws(PackedCacheFault) -> PackedFileWriter? {
    do {
      try FileManager.default.createDirectory(
        atPath: directory, withIntermediateDirectories: true,
        attributes: [.posixPermissions: 0o700])
    } catch {
      throw .unwritable(path: directory, reason: "cannot create the directory")
    }
    removeAbandoned()
    guard let writer = try awaitedWriter(path) else { return nil }
    // The old file is obsolete; deleting it first frees disk space.
    unlink(path)
    if let available = Self.freeBytes(directory), bytes > available / 2 {
      throw .noRoom(path: path, required: bytes, available: available)
    }
    return writer
  }

  /// Waits while another process packs the same checkpoint, so that its file can be used.
  private func awaitedWriter(_ path: String) throws(PackedCacheFault) -> PackedFileWriter? {
    var hasWaited = false
    while true {
      do throws(PackedCacheFault) {
        let writer = try PackedFileWriter(path)
        return hasWaited && FileManager.default.fileExists(atPath: path) ? nil : writer
      } catch {
        guard case .busy = error, Self.progresses(path + PackedFileWriter.partialSuffix) else {
          throw error
        }
        hasWaited = true
      }
    }
  }

  /// Polls until a file's size changes or the file is removed; false on timeout.
  private static func progresses(_ path: String) -> Bool {
    let before = size(path)
    for _ in 0..<600 {
      usleep(50_000)
      if size(path) != before { return true }
    }
    return false
  }

  private static func size(_ path: String) -> Int? {
    var status = stat()
    return lstat(path, &status) == 0 ? Int(status.st_size) : nil
  }

  /// Free disk space available to users, in bytes; nil if unknown.
  static func freeBytes(_ directory: String) -> Int? {
    var status = statvfs()
    guard statvfs(directory, &status) == 0 else { return nil }
    return Int(clamping: UInt64(status.f_bavail) &* UInt64(status.f_frsize))
  }
}
