/// What `config.json` says about the embeddings being the head. The key may stand at the root, in
/// the thinker's and in the text configuration, and the defaults of transformers differ between
/// them, so that a head that is stored counts for more than any of them.
struct HeadTies: Sendable, Equatable {
  /// The first key that says that they are, by its path.
  let claim: String?

  init(root: RootFile, thinker: ThinkerFile, isWhole: Bool) {
    let prefix = isWhole ? "thinker_config." : ""
    let places = [
      ("tie_word_embeddings", isWhole ? root.tie_word_embeddings : nil),
      (prefix + "tie_word_embeddings", thinker.tie_word_embeddings),
      (prefix + "text_config.tie_word_embeddings", thinker.text_config.tie_word_embeddings),
    ]
    claim = places.first { $0.1 == true }?.0
  }
}

extension Checkpoint {
  /// Whether the embeddings are the head: never where one is stored; else where a configuration
  /// says so.
  /// - Throws: `CheckpointError.missingHead` where there is neither.
  func tiesEmbeddings(_ ties: HeadTies) throws(CheckpointError) -> Bool {
    if hasHead { return false }
    // Without embeddings either, the names are what is wrong, and the first tensor says so.
    guard ties.claim == nil, tensors["model.embed_tokens.weight"] != nil else { return true }
    throw .missingHead(name: spelled("lm_head.weight"), path: directory)
  }
}
