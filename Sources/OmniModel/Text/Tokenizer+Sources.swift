import Foundation

extension Tokenizer {
  /// Reads a tokenizer from `vocab.json` and `merges.txt`, as published with Qwen3-Omni.
  init(slowTokenizerIn directory: String) throws(CheckpointError) {
    let vocabulary = directory + "/vocab.json"
    guard let vocab = try JSONFile.ifPresent(vocabulary)?.decode([String: Int].self) else {
      throw .missingFile(path: directory + "/tokenizer.json")
    }
    let path = directory + "/tokenizer_config.json"
    let table = try JSONFile.ifPresent(path)?.decode(TokenizerConfigurationFile.self)
    let added = try table?.added(path: path) ?? []
    if let fault = table?.fault ?? added.lazy.compactMap(\.fault).first
      ?? AddedToken.fault(added, vocabulary: vocab)
    {
      throw .badJSON(path: path, place: fault.place, reason: fault.reason)
    }
    let merges = try Self.merges(directory + "/merges.txt")
    try self.init(
      BytePairModel(vocab: vocab, merges: merges), added: added, normalizes: true,
      path: vocabulary)
  }

  /// Reads merges, one `left right` per line, after an optional version line.
  private static func merges(_ path: String) throws(CheckpointError) -> [BytePairModel.Merge] {
    let file = try MappedFile(path)
    guard file.count <= JSONFile.sizeLimit else {
      throw .unreadable(path: path, reason: "too large for merges: \(file.count) bytes")
    }
    let text = file.withBytes(0..<file.count) { String(decoding: $0, as: UTF8.self) }
    var merges: [BytePairModel.Merge] = []
    for (index, line) in text.split(whereSeparator: \.isNewline).enumerated() {
      if index == 0, line.hasPrefix("#version") { continue }
      let parts = line.split(separator: " ")
      guard parts.count == 2 else {
        throw .badJSON(path: path, place: "line \(index + 1)", reason: "is not a pair")
      }
      merges.append(.init(String(parts[0]), String(parts[1])))
    }
    return merges
  }

  /// A tokenizer with one token per byte, for models without a vocabulary; it gives three to five
  /// times as many tokens.
  static func bytes() throws(CheckpointError) -> Tokenizer {
    let vocab = (UInt8.min...UInt8.max).map { (ByteAlphabet.spelling(of: [$0]), Int($0)) }
    let added = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"].enumerated().map {
      AddedToken(id: 151_643 + $0.offset, content: $0.element, special: true)
    }
    return try Tokenizer(
      BytePairModel(vocab: Dictionary(uniqueKeysWithValues: vocab), merges: []), added: added,
      normalizes: true, path: "the byte tokenizer")
  }
}
