import Foundation
import Tensors

/// An on-disk cache of encoder outputs for later questions about a clip, with a limit in bytes; the
/// least recently used files are deleted first.
struct EncoderCache: Sendable {
  let directory: String
  /// Maximum size of all files in bytes.
  let mostBytes: Int
  /// Outputs that need fewer FLOPs are not cached: computing them is as fast as reading.
  let leastFlops: Double

  static let suffix = ".encoded"

  /// Path of the cache file for an encoder input.
  func path(of key: EncodingKey) -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    let name = (try? encoder.encode(key)).flatMap { $0.withUnsafeBytes { Checksum.of($0) } } ?? 0
    let digits = String(name, radix: 16)
    return "\(directory)/\(String(repeating: "0", count: 16 - digits.count))\(digits)\(Self.suffix)"
  }

  /// Reads cached encoder outputs; nil if there are none. A damaged file is deleted.
  /// - Parameter report: receives an event if the file is damaged.
  func encoding(_ key: EncodingKey, report: (EncoderCacheEvent) -> Void) -> EncodedModality? {
    let path = path(of: key)
    guard FileManager.default.fileExists(atPath: path) else { return nil }
    do {
      let file = try EncodingFile(path)
      guard file.table.key == key else { return nil }
      let encoding = try file.encoding()
      // Marks the file as recently used, so that it is deleted later.
      utimensat(AT_FDCWD, path, nil, 0)
      return encoding
    } catch {
      unlink(path)
      report(.discarded(path: path, reason: error.reason))
      return nil
    }
  }

  /// Stores encoder outputs if they fit and needed at least `leastFlops`.
  /// - Parameter report: receives an event if the file cannot be written.
  func keep(
    _ encoding: EncodedModality, _ key: EncodingKey, report: (EncoderCacheEvent) -> Void
  ) {
    let bytes = EncodingFile.byteCount(encoding)
    guard encoding.flops >= leastFlops, bytes <= mostBytes else { return }
    do {
      try FileManager.default.createDirectory(
        atPath: directory, withIntermediateDirectories: true,
        attributes: [.posixPermissions: 0o700])
      makeRoom(for: bytes)
      // As for packed weights: at most half of the free disk space.
      if let free = PackedCache.freeBytes(directory), bytes > free / 2 {
        throw EncodingFault(reason: "it would take more than half of the free disk")
      }
      try EncodingFile.write(encoding, key, to: path(of: key))
    } catch let fault as EncodingFault {
      report(.unkept(path: directory, reason: fault.reason))
    } catch {
      report(.unkept(path: directory, reason: "the folder cannot be made"))
    }
  }

  /// Deletes files until `bytes` more fit below the limit: first those of checkpoints that no
  /// longer exist, then the least recently used.
  private func makeRoom(for bytes: Int) {
    var files = files
    for file in files where !FileManager.default.fileExists(atPath: file.checkpoint ?? "") {
      unlink(file.path)
    }
    files.removeAll { !FileManager.default.fileExists(atPath: $0.path) }
    files.sort { $0.used < $1.used }
    var total = files.reduce(bytes) { $0 + $1.bytes }
    for file in files where total > mostBytes {
      if unlink(file.path) == 0 { total -= file.bytes }
    }
  }

  private struct File {
    let path: String
    let bytes: Int
    let used: Date
    /// Directory of the checkpoint that the file belongs to; nil if the file is damaged.
    let checkpoint: String?
  }

  private var files: [File] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? []
    return names.filter { $0.hasSuffix(Self.suffix) }.compactMap { name in
      let path = directory + "/" + name
      guard let values = try? FileManager.default.attributesOfItem(atPath: path),
        let bytes = values[.size] as? Int, let used = values[.modificationDate] as? Date
      else { return nil }
      let checkpoint = (try? EncodingFile(path))?.table.key.source.directory
      return File(path: path, bytes: bytes, used: used, checkpoint: checkpoint)
    }
  }
}

/// Problems of the cache of encoder outputs; none of them stops a run.
public enum EncoderCacheEvent: Error, Sendable, Equatable {
  /// A damaged cache file was deleted, and the encoder runs again.
  case discarded(path: String, reason: String)
  /// Encoder outputs cannot be stored, for this reason.
  case unkept(path: String, reason: String)
}

/// Everything on which the outputs of an encoder depend.
struct EncodingKey: Sendable, Codable, Equatable {
  enum Part: String, Sendable, Codable {
    case vision, audio
  }

  let source: CheckpointIdentity
  /// Checksum of config.json: sizes, windows and layers of the encoders.
  let configuration: UInt64?
  /// Version of the program's executable: another version may compute different outputs.
  let program: FileVersion?
  let part: Part
  let precision: String
  /// Instruction set of matrix products, and the BLAS library.
  let kernels: String
  /// Shape and checksum of the preprocessed input.
  let shape: [Int]
  let checksum: UInt64
}

/// The encoder cache of one thinker.
struct CachedEncodings: Sendable {
  let cache: EncoderCache
  let source: CheckpointIdentity
  let configuration: UInt64?
  let precision: Precision
  let report: @Sendable (LoadingEvent) -> Void

  /// Creates the cache of a loaded model.
  /// - Parameter directory: directory of the checkpoint's configuration; with an adapter, of the
  ///   base model.
  init(
    _ cache: PackedCache, _ source: CheckpointIdentity, directory: String, _ precision: Precision,
    report: @escaping @Sendable (LoadingEvent) -> Void
  ) {
    self.cache = EncoderCache(
      directory: cache.directory, mostBytes: cache.mostEncodingBytes,
      leastFlops: cache.leastEncodingFlops)
    (self.source, self.precision, self.report) = (source, precision, report)
    configuration = FileManager.default.contents(atPath: directory + "/config.json")
      .flatMap { $0.withUnsafeBytes { Checksum.of($0) } }
  }

  private static let program: FileVersion? = {
    var status = stat()
    return stat("/proc/self/exe", &status) == 0 ? FileVersion(status) : nil
  }()

  private func key(_ part: EncodingKey.Part, _ input: Tensor, _ sizes: [Int]) -> EncodingKey? {
    guard let checksum = input.elements.withUnsafeBytes({ Checksum.of($0) }) else { return nil }
    let path = ProductPath(precision)?.rawValue ?? ""
    return EncodingKey(
      source: source, configuration: configuration, program: Self.program, part: part,
      precision: precision.rawValue,
      kernels: path + " " + ProductThreads.libraryDescription, shape: sizes + input.shape,
      checksum: checksum)
  }

  /// The cache key of an encoder input; nil if the computation was cancelled.
  func key(_ input: EncoderInput) -> EncodingKey? {
    switch input {
    case .vision(let patches):
      key(.vision, patches.values, [patches.times, patches.rows, patches.columns])
    case .audio(let mel): key(.audio, mel, [])
    }
  }

  func encoding(_ key: EncodingKey) -> EncodedModality? {
    cache.encoding(key) { report(.encodings($0)) }
  }

  func keep(_ fresh: [FreshEncoding]) {
    for encoding in fresh { cache.keep(encoding.output, encoding.key) { report(.encodings($0)) } }
  }
}

/// The input of an encoder.
enum EncoderInput: Sendable {
  case vision(Patches)
  /// Mel features of the audio, [bands, frames].
  case audio(Tensor)
}

/// New encoder outputs and their key.
struct FreshEncoding: Sendable {
  let key: EncodingKey
  let output: EncodedModality
}
