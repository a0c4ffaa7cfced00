/// Where `config.json` states `tie_word_embeddings`: at the root, in the thinker's or in the text
/// configuration. The defaults of transformers differ between these levels, so a stored output head
/// takes precedence.
struct HeadTies: Sendable, Equatable {
  /// Path of the first key that ties the output head to the embeddings; nil if there is none.
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
  /// Whether the output head is tied to the embeddings: only if no head is stored, and a
  /// configuration key states it.
  /// - Throws: `CheckpointError.missingHead` if no head is stored and no key ties it.
  func tiesEmbeddings(_ ties: HeadTies) throws(CheckpointError) -> Bool {
    if hasHead { return false }
    // If embeddings are missing, the names are wrong; reading the first tensor reports a better
    // error.
    guard ties.claim == nil, tensors["model.embed_tokens.weight"] != nil else { return true }
    throw .missingHead(name: spelled("lm_head.weight"), path: directory)
  }
}
