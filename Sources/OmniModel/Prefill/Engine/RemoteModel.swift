/// A model run by another process; prompts are prepared and tokens selected in this process.
public struct RemoteModel: Sendable {
  /// Name given by the engine: a remote directory, or a repository.
  public let name: String
  /// Local directory of the configuration, tokenizer and preprocessor files.
  public let directory: String
  /// Element type of most weights, and the number of weights.
  public let dtype: String
  public let parameters: Int
  /// Type of the matrix products, named as in torch: `bfloat16`.
  public let compute: String
  /// Device and versions: `NVIDIA H100, torch 2.9.0, transformers 5.23.0`.
  public let engine: String
  /// Bytes per element of hidden states, keys and values.
  public let bytesPerNumber: Int
  /// A hash of the checkpoint.
  public let fingerprint: String
  public let source: any EngineSource

  public init(
    name: String, directory: String, dtype: String, parameters: Int, compute: String,
    engine: String, bytesPerNumber: Int, fingerprint: String, source: any EngineSource
  ) {
    self.name = name
    self.directory = directory
    self.dtype = dtype
    self.parameters = parameters
    self.compute = compute
    self.engine = engine
    self.bytesPerNumber = bytesPerNumber
    self.fingerprint = fingerprint
    self.source = source
  }
}

/// Creates engines for the prompts of one model.
public protocol EngineSource: Sendable {
  func engine(for prompt: EnginePrompt) -> any PrefillEngine

  /// Copies a file that the engine's process can read to this machine; the copy is removed with the model. A file
  /// that has not changed is copied once.
  /// - Parameters:
  ///   - host: the computer that the user named; `engine` for any.
  ///   - onProgress: called with the bytes copied and the bytes of the file.
  /// - Returns: the path of the copy, which has the file's own name.
  /// - Throws: `EngineFault.otherHost` if the engine's command does not name the host.
  func copy(
    _ path: String, of host: String, onProgress: (_ done: Int, _ total: Int) -> Void
  ) throws(EngineFault) -> String
}

/// How to open a model outside this process.
public struct EngineOpening: Sendable, Equatable {
  /// The command as given by the user.
  public let command: String
  /// Receives each line that the engine writes to standard error.
  public typealias LineReceiver = @Sendable (String) -> Void
  private let open: @Sendable (@escaping LineReceiver) throws(EngineFault) -> RemoteModel

  /// - Parameter open: starts the engine and reads its facts.
  public init(
    command: String,
    open: @escaping @Sendable (@escaping LineReceiver) throws(EngineFault) -> RemoteModel
  ) {
    (self.command, self.open) = (command, open)
  }

  func callAsFunction(
    _ onLine: @escaping LineReceiver
  ) throws(CheckpointError) -> RemoteModel {
    do {
      return try open(onLine)
    } catch {
      throw .engine(error)
    }
  }

  public static func == (left: EngineOpening, right: EngineOpening) -> Bool {
    left.command == right.command
  }
}

extension Thinker {
  /// An engine for a prompt of this model, in this process or another.
  func engine(for prompt: Prompt) -> any PrefillEngine {
    remote.map {
      $0.source.engine(for: EnginePrompt(prompt, configuration, stopTokens: stopTokens))
    }
      ?? ThinkerEngine(self, prompt)
  }

  /// Type of the matrix products as stated in reports: `f32`, `bf16`, `int8`, or the name given by a remote engine.
  public var computeName: String { remote?.compute ?? precision.rawValue }

  /// Bytes per element of keys and values.
  public var bytesPerNumber: Int { remote?.bytesPerNumber ?? MemoryLayout<Float>.size }

  /// Device and versions of a remote engine; nil for this process.
  public var engineName: String? { remote?.engine }
}
