import Foundation

extension Checkpoint {
  /// Facts for the audit: which tensor names were used, and which tensors were not read. Complete
  /// only after the whole model is loaded.
  func facts(_ ties: HeadTies) -> [CheckpointFact] {
    [headFact(ties)] + nameFacts + quantizationFacts + adapterFacts + unreadFacts
  }

  private func headFact(_ ties: HeadTies) -> CheckpointFact {
    guard hasHead else {
      return CheckpointFact(
        "head",
        "the embeddings (\(ties.claim ?? "default")): no \(spelled("lm_head.weight")) "
          + "is stored")
    }
    let name = tensors["lm_head.weight"]?.name ?? spelled("lm_head")
    let aside = ties.claim.map { ", although \($0) is true" } ?? ""
    return CheckpointFact("head", "\(name), as stored\(aside)")
  }

  private var nameFacts: [CheckpointFact] {
    guard let prefix = names.decoderPrefix,
      ![names.container + "model.", "model."].contains(prefix)
    else {
      return []
    }
    return [CheckpointFact("tensor names", "decoder tensors start with \(prefix)")]
  }

  /// The fact that a LoRA adapter is merged, or a warning that one in the directory is not used.
  private var adapterFacts: [CheckpointFact] {
    if let adapter { return [adapter.fact] }
    let files = [
      ForeignFormat.adapterConfiguration, "adapter_model.safetensors", "adapter_model.bin",
    ]
    .filter { FileManager.default.fileExists(atPath: directory + "/" + $0) }
    guard let file = files.first else { return [] }
    return [
      CheckpointFact(
        "adapter", "\(file) in the directory is not applied: the weights are used unchanged",
        isWarning: true)
    ]
  }

  /// Warnings on tensors of the thinker that were never read.
  private var unreadFacts: [CheckpointFact] {
    let unread = tensors.filter { !read.contains($0.key) && !Self.isHarmless($0.key) }
      .map(\.value.name).sorted()
    guard let first = unread.first else { return [] }
    let kind = TensorNames.isAdapter(first) ? "LoRA adapter tensors" : "tensors"
    let count = unread.count == 1 ? "1 of the thinker's \(kind)" : "\(unread.count) \(kind)"
    return [
      CheckpointFact(
        "unread", "\(count) in the files not used, such as \(first)", isWarning: true)
    ]
  }

  /// Whether an unread tensor needs no warning: it is recomputed, or no transformers version reads
  /// it.
  private static func isHarmless(_ name: String) -> Bool {
    name.hasSuffix(".inv_freq") || name.hasSuffix("audio_bos_eos_token.weight")
      || name.hasSuffix(".positional_embedding") || name.hasSuffix("rotary_emb.cos_cached")
      || name.hasSuffix("rotary_emb.sin_cached")
  }
}
