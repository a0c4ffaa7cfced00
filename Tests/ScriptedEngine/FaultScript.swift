import Foundation

/// Where and how the engine is to fail.
struct FaultScript {
  enum Fault: String {
    /// It states other versions of the protocol.
    case version
    /// It prints to its standard output first.
    case print
    /// It ends, with a line on standard error.
    case die
    /// It ends in the middle of an answer.
    case cut
    /// It states an answer of more bytes than are allowed.
    case oversized
    /// Its answer is not JSON.
    case json
    /// Its answer lacks what it should have.
    case empty
    /// The tensors of its answer do not fit.
    case tensors
    /// It has no memory for more tokens than `--limit`.
    case memory
    /// It refuses.
    case refuse
    /// It sends nothing.
    case silent
    /// It takes long, and gives signs of life.
    case slow
    /// Its states are not finite.
    case infinite
  }

  let fault: Fault?
  /// The layer; 0 is `hello`.
  let layer: Int
  let limit: Int
  /// It fails only where this file is not there yet, and makes it.
  let once: String?

  struct Unknown: Error { let name: String }

  init(_ options: [String: String]) throws {
    fault = try options["--fault"].map { name in
      guard let fault = Fault(rawValue: name) else { throw Unknown(name: name) }
      return fault
    }
    layer = options["--at"].flatMap { Int($0) } ?? 0
    limit = options["--limit"].flatMap { Int($0) } ?? 0
    once = options["--once"]
  }

  /// The fault of a layer, or of `hello` as layer 0.
  func fault(at layer: Int, tokens: Int = 0) -> Fault? {
    guard let fault, layer == self.layer, tokens > limit || fault != .memory else { return nil }
    if let once {
      guard !FileManager.default.fileExists(atPath: once) else { return nil }
      _ = FileManager.default.createFile(atPath: once, contents: nil)
    }
    return fault
  }
}
