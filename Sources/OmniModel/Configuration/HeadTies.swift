/// `tie_word_embeddings` of `config.json`: at the root, in the thinker's or in the text
/// configuration. Defaults of transformers differ between them, so a stored head takes precedence.
struct HeadTies: Sendable, Equatable {
  /// Path of the first key that ties them.
  let claim: String?

  init(root: RootFile, thinker: ThinkerFile, isWhole: Bool) {
    let prefix = isWhole ? "thinker_config." : ""
    let places = [
      ("tie_word_embeddings", isWhole ? root.tie_word_embeddings : nil),
      (prefix + "tie_word_embeddings", thinker.tie_word_embeddings),
      (prefix + "text_config.tie_word_embeddings", thinker.text_config?.tie_word_embeddings),
    ]
    claim = places.first { $0.1 == true }?.0
  }
}

extension Checkpoint {
  /// Whether the head is tied to the embeddings: only without a stored head, and if a configuration
  /// says so.
  /// - Throws: `CheckpointError.missingHead` if there is neither.
  func tiesEmbeddings(_ ties: HeadTies) throws(CheckpointError) -> Bool {
    if hasHead { return false }
    // Without embeddings the names are wrong; the error of the first tensor says so.
    guard ties.claim == nil, tensors["model.embed_tokens.weight"] != nil else { return true }
    throw .missingHead(name: spelled("lm_head.weight"), path: directory)
  }
}
