import OmniModel

extension ErrorMessage {
  static func about(_ fault: AdapterFault) -> String {
    switch fault {
    case .noBase(let adapter, nil, let reason):
      "\(adapter) holds a LoRA adapter, not a model, and \(reason): give --base the model it was "
        + "trained on."
    case .noBase(let adapter, let base?, let reason):
      "\(adapter) holds a LoRA adapter of \(base), not a model, and \(reason): give --base the "
        + "model it was trained on."
    case .unsupported(let path, let key, let value):
      "In \(path), \(key) is \(value), which is not supported: merge the adapter with peft's "
        + "merge_and_unload and give --model the result."
    case .noWeights(let path, let found):
      "The LoRA adapter needs \(path), which is missing"
        + (found.isEmpty ? "" : " (found \(found.joined(separator: ", ")))")
        + ": save it again with safe_serialization."
    case .unknownTensors(let names, let path, let base):
      "Tensors of the LoRA adapter \(path) match no tensor of \(base): "
        + names.prefix(3).joined(separator: ", ")
        + (names.count > 3 ? " and \(names.count - 3) more" : "")
        + ". Give --base the model it was trained on."
    case .wrongTensor(let name, let path, let found, let expected):
      "Tensor \(name) of the LoRA adapter \(path) is \(found), must be \(expected): "
        + "it belongs to another base or configuration."
    }
  }
}
