import OmniModel

extension ErrorMessage {
  private static let readSchemes =
    "AWQ, GPTQ, compressed-tensors (pack-quantized, int- and float-quantized), FP8 and AutoRound"

  static func about(_ fault: QuantizationFault) -> String {
    switch fault {
    case .unknownScheme(let scheme, let path, let place):
      "In \(path), \(place) names the quantisation \(scheme), which is not supported: "
        + "use a checkpoint in \(readSchemes), or one of 16 bits."
    case .unknownTensors(let module, let tensors, let scheme, let path):
      "In \(path), \(module)weight has an unsupported quantisation (stored as "
        + "\(tensors.joined(separator: ", "))\(scheme.map { ", perhaps \($0)" } ?? "")): "
        + "use a checkpoint in \(readSchemes), or one of 16 bits."
    case .otherScheme(let stated, let found, let module, let path, let place):
      "In \(path), \(place) names the quantisation \(stated), but \(module)weight is "
        + "stored as \(found): configuration and weights do not match."
    case .plainWeights(let stated, let path, let place):
      "In \(path), \(place) is \(stated), but all tensors are plain F32, BF16 or "
        + "F16: remove the key if the weights were decoded, or download the quantised ones."
    case .wrongTensor(let scheme, let name, let path, let found, let expected):
      "Tensor \(name) in \(path) is quantised by \(scheme) and is \(found), where \(scheme) has "
        + "\(expected): download the checkpoint again, or quantise it again."
    case .missingTensor(let scheme, let name, let path):
      "Tensor \(name) is not in \(path), though other tensors of that matrix are, quantised by "
        + "\(scheme): download the checkpoint again."
    case .ambiguous(let scheme, let module, let path, let missing):
      "In \(path), \(module)weight is quantised by \(scheme), but no \(missing) states how its "
        + "tensors are coded: add the quantization_config that was written with them."
    }
  }
}
