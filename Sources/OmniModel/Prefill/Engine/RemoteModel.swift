/// A model that another process computes; this one prepares prompts for it and selects tokens.
public struct RemoteModel: Sendable {
  /// As the engine calls it: a directory there, or a repository.
  public let name: String
  /// A directory of this machine with the configuration, tokenizer and preprocessor files.
  public let directory: String
  /// Type that most weights are stored in, and the number of weights.
  public let dtype: String
  public let parameters: Int
  /// Type of the products, by torch's name: `bfloat16`.
  public let compute: String
  /// What computes, in words: `NVIDIA H100, torch 2.9.0, transformers 5.23.0`.
  public let engine: String
  /// Bytes of a number in its hidden states, keys and values.
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

/// Makes engines for the prompts of one model.
public protocol EngineSource: Sendable {
  func engine(for prompt: EnginePrompt) -> any PrefillEngine
}

/// How to open a model outside this process, and the command that it is known by.
public struct EngineOpening: Sendable, Equatable {
  /// As the user wrote it.
  public let command: String
  /// Receives each line that the engine writes for people.
  public typealias LineReceiver = @Sendable (String) -> Void
  private let open: @Sendable (@escaping LineReceiver) throws(EngineFault) -> RemoteModel

  /// - Parameter open: starts the engine and reads what it is.
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
  /// An engine for a prompt of this model: the weights of this process, or another process.
  func engine(for prompt: Prompt) -> any PrefillEngine {
    remote.map { $0.source.engine(for: EnginePrompt(prompt, configuration)) }
      ?? ThinkerEngine(self, prompt)
  }

  /// The type of the products, as reports state it: `f32`, `bf16`, `int8`; of another process by its own
  /// name.
  public var computeName: String { remote?.compute ?? precision.rawValue }

  /// Bytes of a number in keys and values.
  public var bytesPerNumber: Int { remote?.bytesPerNumber ?? MemoryLayout<Float>.size }

  /// What computes, in words; nil: this process.
  public var engineName: String? { remote?.engine }
}
