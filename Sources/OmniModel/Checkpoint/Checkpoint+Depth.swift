extension Checkpoint {
  /// Validates that the configuration has as many layers, vision blocks and experts as the weights;
  /// without this check, extra weights would be ignored silently.
  /// - Throws: `CheckpointError` naming the key.
  func check(_ configuration: OmniConfiguration, path: String) throws(CheckpointError) {
    let names = tensorNames
    let towers = configuration.definition.tensors
    var parts = [
      ("model.layers.", "text_config.num_hidden_layers", configuration.text.layers),
      (towers.vision + ".blocks.", "vision_config.depth", configuration.vision.depth),
    ]
    if let tower = towers.audio, let audio = configuration.audio {
      parts.append((tower + ".layers.", "audio_config.encoder_layers", audio.layers))
    }
    parts.append(
      (
        "\(towers.vision).\(configuration.vision.design.levelMergers).",
        "vision_config.deepstack_visual_indexes",
        configuration.vision.design.levels.count
      ))
    let check = ConfigurationValidator(path: path)
    for (stem, key, count) in parts {
      let found = Self.count(names, after: { $0.hasPrefix(stem) ? stem.count : nil })
      guard found > 0 || count == 0, found != count else { continue }
      throw check.wrong(key, count, "\(found), the number of layers in the weights")
    }
    let experts = expertCount
    let expected = configuration.text.experts?.count ?? 0
    if experts > 0, experts != expected {
      let written = configuration.text.experts.map { $0.writtenCount.map(String.init) ?? "absent" }
      throw check.wrong(
        configuration.text.experts?.countKey ?? "text_config.num_experts", written ?? "0",
        "\(experts), the count of experts in the weights")
    }
  }

  /// Number of experts of a decoder layer in the weights, stored singly or fused; 0 if the MLP is
  /// dense.
  var expertCount: Int {
    let fused = tensors.filter { $0.key.contains(".mlp.experts.gate_up_proj") }
      .compactMap { $0.value.entry.shape.first }.max()
    return max(
      fused ?? 0,
      Self.count(tensorNames) { name in
        name.range(of: ".mlp.experts.").map {
          name.distance(from: name.startIndex, to: $0.upperBound)
        }
      })
  }

  /// The largest layer or expert index that `after` finds in the tensor names, plus one.
  private static func count(_ names: [String], after: (String) -> Int?) -> Int {
    names.reduce(0) { count, name in
      guard let start = after(name) else { return count }
      let digits = name.dropFirst(start).prefix { $0.isASCII && $0.isNumber }
      return max(count, (Int(digits) ?? -1) + 1)
    }
  }
}
