/// A quantisation scheme: how its tensors are recognised and decoded.
struct QuantizationScheme: Sendable {
  /// Name of the scheme in messages.
  let name: String
  /// Values of `quant_method` that select the scheme.
  let methods: Set<String>
  /// Tensor names within a module by which the scheme is recognised, or that it may have.
  let tensors: Set<String>
  /// Whether a matrix is stored in this scheme.
  let holds: @Sendable (QuantizedParts, QuantizationSettings?) -> Bool
  /// Outputs and inputs of a matrix in this scheme; nil if its tensors are inconsistent.
  let shape: @Sendable (QuantizedParts) -> (outputs: Int, inputs: Int)?
  /// Type of the codes for display, such as `int4`.
  let codes: @Sendable (QuantizedParts) -> String
  /// Validates the tensors against the expected shape, and returns the decoder of the rows.
  let rows:
    @Sendable (
      QuantizedParts, _ outputs: Int, _ inputs: Int, QuantizationSettings?
    ) throws(QuantizationFault) -> DequantizedRows

  /// All supported quantisation schemes.
  static let all: [QuantizationScheme] = [.awq, .gptq, .packed, .eightBit]

  /// Tensor names that only quantised matrices have.
  static let marks = Set(all.flatMap(\.tensors)).subtracting(["weight"])

  /// The scheme of a matrix by its tensors; nil if none or several match.
  static func of(_ parts: QuantizedParts, _ settings: QuantizationSettings?) -> QuantizationScheme?
  {
    all.first { $0.holds(parts, settings) }
  }

  /// A guess of the scheme from tensor names, for error messages.
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
