/// A way to store a matrix in fewer bits: how its tensors are recognised, and how they are decoded.
struct QuantizationScheme: Sendable {
  /// What messages call it.
  let name: String
  /// Values of `quant_method` under which it is found.
  let methods: Set<String>
  /// Tensors of a matrix, by their names in its module: some mean the scheme, all belong to it.
  let tensors: Set<String>
  /// Whether a matrix is stored like this.
  let holds: @Sendable (QuantizedParts, QuantizationSettings?) -> Bool
  /// Outputs and inputs of the matrix that the tensors make; nil where they make none.
  let shape: @Sendable (QuantizedParts) -> (outputs: Int, inputs: Int)?
  /// What most codes are, for the type on the screen: `int4`.
  let codes: @Sendable (QuantizedParts) -> String
  /// Checks the tensors against the matrix that is asked for, and decodes it row by row.
  let rows:
    @Sendable (
      QuantizedParts, _ outputs: Int, _ inputs: Int, QuantizationSettings?
    ) throws(QuantizationFault) -> DequantizedRows

  /// Every scheme that is read.
  static let all: [QuantizationScheme] = [.awq, .gptq, .packed, .eightBit]

  /// Tensors by which a quantised matrix is known: no other matrix has them.
  static let marks = Set(all.flatMap(\.tensors)).subtracting(["weight"])

  /// The scheme that tensors show without any configuration; nil where they show none, or several.
  static func of(_ parts: QuantizedParts, _ settings: QuantizationSettings?) -> QuantizationScheme?
  {
    all.first { $0.holds(parts, settings) }
  }

  /// Schemes whose tensors are known by a name, for messages.
  static func guess(_ tensors: [String], _ type: String?) -> String? {
    let known = [
      ("quant_state", "bitsandbytes"), ("absmax", "bitsandbytes"), ("quant_map", "bitsandbytes"),
      ("SCB", "bitsandbytes"), ("W_q", "hqq"), ("codebooks", "aqlm"), ("dense_weights", "spqr"),
      ("centroids", "vptq"), ("weight_global_scale", "nvfp4"), ("weight_scale_2", "nvfp4"),
      ("_blocks", "mxfp4"), ("trellis", "exl3"), ("q_perm", "exl2"), ("q_weight", "exl2"),
      ("lora_A", "unmerged LoRA"),
    ]
    for (mark, scheme) in known where tensors.contains(where: { $0.contains(mark) }) {
      return scheme
    }
    return type == "U8" ? "bitsandbytes or torchao" : nil
  }
}
