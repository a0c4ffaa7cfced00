// swift-format-ignore-file: AlwaysUseLowerCamelCase
// The keys of `quantization_config` that determine how weights are decoded, or that are not
// supported.

struct QuantizationFile: Decodable, Sendable {
  let quant_method: String?
  /// Keys of AWQ, GPTQ and AutoRound.
  let bits: Int?
  let group_size: GroupSize?
  let version, format, checkpoint_format, backend, packing_format, pack_dtype: String?
  let zero_point, is_marlin_format: Bool?
  /// Settings of GPTQModel and AutoRound for single modules.
  let dynamic, extra_config: [String: Exception]?
  /// Keys of FP8.
  let weight_block_size: [Int]?
  let fmt, quant_algo: String?
  /// Keys of compressed-tensors.
  let config_groups: [String: Group]?
  let transform_config: Transforms?
  let sparsity_config: Sparsity?
  /// Keys of bitsandbytes, which may omit `quant_method`.
  let load_in_4bit, load_in_8bit: Bool?

  /// The size of a quantisation group: a number of inputs, or a block as a list of sides.
  enum GroupSize: Decodable, Sendable, Equatable {
    case inputs(Int)
    case block([Int])

    init(from decoder: any Decoder) throws {
      let single = try decoder.singleValueContainer()
      if let size = try? single.decode(Int.self) {
        self = .inputs(size)
      } else {
        self = .block(try single.decode([Int].self))
      }
    }
  }

  struct Exception: Decodable, Sendable {
    let bits: Int?
    let group_size: GroupSize?
  }

  struct Group: Decodable, Sendable {
    struct Weights: Decodable, Sendable {
      let num_bits: Int?
      let type, strategy: String?
      let symmetric: Bool?
      let group_size: Int?
      let block_structure: Block?
    }

    /// The sides of a block, [rows, columns]; in JSON a list or "128x128".
    struct Block: Decodable, Sendable {
      let sides: [Int]

      init(from decoder: any Decoder) throws {
        let single = try decoder.singleValueContainer()
        sides =
          if let text = try? single.decode(String.self) {
            text.split(separator: "x").compactMap { Int($0) }
          } else {
            try single.decode([Int].self)
          }
      }
    }

    let weights: Weights?
    let format: String?
  }

  struct Transforms: Decodable, Sendable {
    struct Ignored: Decodable, Sendable {}

    let config_groups: [String: Ignored]?
  }

  struct Sparsity: Decodable, Sendable {
    let format: String?
  }
}

/// The quantisation settings of config.json, at any level of the file.
struct QuantizedConfigFile: Decodable {
  struct Part: Decodable {
    struct Text: Decodable {
      let quantization_config: QuantizationFile?
    }

    let quantization_config: QuantizationFile?
    let text_config: Text?
    let dtype, torch_dtype: String?
  }

  let quantization_config, compression_config: QuantizationFile?
  let thinker_config: Part?
  let text_config: Part.Text?
  let dtype, torch_dtype: String?
}
