/// A quantisation scheme: recognition and decoding of its tensors.
struct QuantizationScheme: Sendable {
  /// Name in messages.
  let name: String
  /// Values of `quant_method`.
  let methods: Set<String>
  /// Tensor names within a module that identify or belong to the scheme.
  let tensors: Set<String>
  /// Whether a matrix is stored in this scheme.
  let holds: @Sendable (QuantizedParts, QuantizationSettings?) -> Bool
  /// Outputs and inputs of the matrix; nil if the tensors are inconsistent.
  let shape: @Sendable (QuantizedParts) -> (outputs: Int, inputs: Int)?
  /// Code type for display: `int4`.
  let codes: @Sendable (QuantizedParts) -> String
  /// Validates the tensors against the expected shape, and decodes rows.
  let rows:
    @Sendable (
      QuantizedParts, _ outputs: Int, _ inputs: Int, QuantizationSettings?
    ) throws(QuantizationFault) -> DequantizedRows

  /// Supported schemes.
  static let all: [QuantizationScheme] = [.awq, .gptq, .packed, .eightBit]

  /// Tensor names that only quantised matrices have.
  static let marks = Set(all.flatMap(\.tensors)).subtracting(["weight"])

  /// The scheme of tensors without a configuration; nil if none or several match.
  static func of(_ parts: QuantizedParts, _ settings: QuantizationSettings?) -> QuantizationScheme?
  {
    all.first { $0.holds(parts, settings) }
  }

  /// A guess of the scheme by tensor names, for messages.
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
