import Dispatch
import Foundation
import Synchronization

/// The byte-level BPE tokenizer of a Hugging Face `tokenizer.json`.
public struct Tokenizer: Sendable {
  private let encoder: BytePairEncoder
  /// Text of each token id, in the byte alphabet of BPE; special tokens are stored unchanged.
  private let pieces: [Int: String]
  private let added: [AddedToken]
  /// Added tokens by their first byte, longest first.
  private let addedByFirstByte: [UInt8: [(spelling: [UInt8], id: Int)]]
  private let special: Set<Int>
  private let normalizes: Bool

  /// Reads `tokenizer.json`, or if it is missing `vocab.json`, `merges.txt` and
  /// `tokenizer_config.json`.
  /// - Throws: `CheckpointError`.
  public init(directory: String) throws(CheckpointError) {
    let path = directory + "/tokenizer.json"
    guard let json = try JSONFile.ifPresent(path) else {
      try self.init(slowTokenizerIn: directory)
      return
    }
    // Each of the two takes half a second for 150 000 tokens.
    let (rest, vocabulary) = concurrently(
      { () throws(CheckpointError) in try json.decode(TokenizerFile.self) },
      { () throws(CheckpointError) in try json.decode(VocabularyFile.self).model.vocab })
    let file = try rest.get()
    if let fault = file.fault {
      throw .badJSON(path: path, place: fault.place, reason: fault.reason)
    }
    let added = try Self.added(file.added_tokens ?? [], directory, path)
    let model = BytePairModel(vocab: try vocabulary.get(), merges: file.model.merges)
    if let fault = AddedToken.fault(added, vocabulary: model.vocab) {
      throw .badJSON(path: path, place: fault.place, reason: fault.reason)
    }
    try self.init(model, added: added, normalizes: file.normalizes, path: path)
  }

  /// Added tokens of `tokenizer.json`, and those that only `tokenizer_config.json` contains.
  private static func added(
    _ tokens: [AddedToken], _ directory: String, _ path: String
  ) throws(CheckpointError) -> [AddedToken] {
    let other = directory + "/tokenizer_config.json"
    guard let table = try JSONFile.ifPresent(other)?.decode(TokenizerConfigurationFile.self) else {
      return tokens
    }
    if let fault = table.fault {
      throw .badJSON(path: other, place: fault.place, reason: fault.reason)
    }
    let ids = Dictionary(
      tokens.map { ($0.content, $0.id) }, uniquingKeysWith: { first, _ in first })
    var added = tokens
    for token in try table.added(path: other) {
      guard let id = ids[token.content] else {
        added.append(token)
        continue
      }
      guard id == token.id else {
        throw .contradiction(
          first: "added_tokens: \(token.content) \(id)",
          second: "added_tokens_decoder \(token.id) of tokenizer_config.json", path: path)
      }
    }
    if let fault = added.lazy.compactMap(\.fault).first {
      throw .badJSON(path: other, place: fault.place, reason: fault.reason)
    }
    return added
  }

  init(
    _ model: BytePairModel, added: [AddedToken], normalizes: Bool, path: String
  ) throws(CheckpointError) {
    let (encoder, texts) = concurrently(
      { () throws(CheckpointError) in try BytePairEncoder(model, path: path) },
      { () throws(CheckpointError) in
        Dictionary(model.vocab.map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
      })
    self.encoder = try encoder.get()
    self.added = added
    let spelled = added.filter { !$0.content.isEmpty }
      .map { (spelling: Array($0.content.utf8), id: $0.id) }
      .sorted { $0.spelling.count > $1.spelling.count }
    addedByFirstByte = Dictionary(grouping: spelled) { $0.spelling[0] }
    special = Set(added.filter { $0.special ?? true }.map(\.id))
    var pieces = try texts.get()
    for token in added { pieces[token.id] = token.content }
    self.pieces = pieces
    self.normalizes = normalizes
  }

  /// Encodes text with special tokens recognised, as the published tokenizer does.
  public func encode(_ text: String) -> [Int] {
    let bytes = Array(text.utf8)
    var ids: [Int] = []
    // In one pass, since texts may be long and contain many tokens.
    var (place, plain) = (0, 0)
    while place < bytes.count {
      guard let token = added(at: place, in: bytes) else {
        place += 1
        continue
      }
      ids += encodePlain(String(decoding: bytes[plain..<place], as: UTF8.self))
      ids.append(token.id)
      place += token.spelling.count
      plain = place
    }
    return ids + encodePlain(String(decoding: bytes[plain...], as: UTF8.self))
  }

  /// Encodes text without recognising special tokens, for user input.
  public func encodePlain(_ text: String) -> [Int] {
    WordSplitter.words(of: normalized(text)).flatMap(encoder.encode)
  }

  /// The text after Unicode normalisation.
  func normalized(_ text: String) -> String {
    normalizes ? text.canonicallyComposed : text
  }

  /// Decodes token ids to text, by default without special tokens; invalid UTF-8 becomes U+FFFD.
  public func decode(_ ids: [Int], keepingSpecial: Bool = false) -> String {
    String(decoding: bytes(ids, keepingSpecial: keepingSpecial), as: UTF8.self)
  }

  /// Decodes token ids to bytes, by default without special tokens; may end within a character.
  public func bytes(_ ids: [Int], keepingSpecial: Bool = false) -> [UInt8] {
    var bytes: [UInt8] = []
    for id in ids {
      guard let piece = pieces[id] else { continue }
      if special.contains(id) {
        if keepingSpecial { bytes += Array(piece.utf8) }
      } else if added.contains(where: { $0.id == id }) {
        bytes += Array(piece.utf8)
      } else {
        bytes += ByteAlphabet.bytes(of: piece)
      }
    }
    return bytes
  }

  /// Id of a special token such as `<|im_end|>`; nil if the tokenizer does not have it.
  public func id(of token: String) -> Int? {
    added.first { $0.content == token }?.id
  }

  /// The longest added token that starts at a byte offset; nil if none.
  private func added(at place: Int, in bytes: [UInt8]) -> (spelling: [UInt8], id: Int)? {
    addedByFirstByte[bytes[place]]?.first { bytes[place...].starts(with: $0.spelling) }
  }
}

/// Runs two closures concurrently.
private func concurrently<First: Sendable, Second: Sendable>(
  _ first: @Sendable () throws(CheckpointError) -> First,
  _ second: @Sendable () throws(CheckpointError) -> Second
) -> (Result<First, CheckpointError>, Result<Second, CheckpointError>) {
  let one = Mutex<Result<First, CheckpointError>?>(nil)
  let other = Mutex<Result<Second, CheckpointError>?>(nil)
  DispatchQueue.concurrentPerform(iterations: 2) { index in
    if index == 0 {
      let result = Result(catching: first)
      one.withLock { $0 = result }
    } else {
      let result = Result(catching: second)
      other.withLock { $0 = result }
    }
  }
  guard let first = one.withLock({ $0 }), let second = other.withLock({ $0 }) else {
    preconditionFailure("both are done")
  }
  return (first, second)
}
