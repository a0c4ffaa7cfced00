import Basics
import Foundation
import OmniModel
import Tensors

/// An engine's answer to `hello`.
struct EngineFacts: Sendable {
  let name: String
  let layers: Int
  /// Vocabulary size: rows of the output head.
  let vocabulary: Int
  /// Number of bytes of one element of hidden states, keys and values.
  let bytesPerNumber: Int
  let compute, device: String
  let versions: [String: String]
  let dtype: String
  let parameters: Int
  let fingerprint: String
  /// Whether the engine offers all operations of the lens.
  let hasLens: Bool

  /// - Throws: `EngineFault` if a required key is missing.
  init(_ hello: EngineFrame) throws(EngineFault) {
    let model = hello["model"]
    func missing(_ key: String) -> EngineFault {
      EngineFault(.malformed, reason: "an answer to hello without \(key)")
    }
    guard let layers = model?["layers"]?.integer, 1...1000 ~= layers else {
      throw missing("model.layers")
    }
    guard let vocabulary = model?["vocabulary"]?.integer, 1...1 << 24 ~= vocabulary else {
      throw missing("model.vocabulary")
    }
    guard let compute = hello["compute"]?.string, let fingerprint = hello["fingerprint"]?.string
    else { throw missing("compute and fingerprint") }
    guard let bytes = hello["bytes_per_number"]?.integer, 1...8 ~= bytes else {
      throw missing("bytes_per_number")
    }
    (self.layers, self.vocabulary, bytesPerNumber) = (layers, vocabulary, bytes)
    (self.compute, self.fingerprint) = (compute.short, fingerprint.short)
    name = model?["name"]?.string?.short ?? "model"
    dtype = model?["dtype"]?.string?.short ?? compute.short
    parameters = max(0, model?["parameters"]?.integer ?? 0)
    let operations = Set((hello["operations"]?.array ?? []).compactMap(\.string))
    hasLens = operations.isSuperset(of: ["take", "lens", "looks"])
    device = hello["device"]?.string?.short ?? "unknown device"
    versions = (hello["versions"]?.object ?? [:]).prefix(16).reduce(into: [:]) {
      if let text = $1.value.string { $0[$1.key.short] = text.short }
    }
  }

  /// Device, versions and type, such as `NVIDIA H100, torch 2.9.0, transformers 5.23.0, bfloat16`.
  var words: String {
    let libraries = ["torch", "transformers"].compactMap { name in
      versions[name].map { "\(name) \($0)" }
    }
    return ([device] + libraries + [compute]).joined(separator: ", ")
  }

  /// The tensors of a piece of media: patches of 8-bit frames as bytes, with the values of the bytes, otherwise
  /// numbers.
  func tensors(
    of piece: EnginePrompt.Piece, index: Int
  ) -> [(name: String, tensor: EngineTensor)] {
    guard piece.grid != nil, let levels = PatchLevels(piece.values) else {
      return [(name: "piece\(index)", tensor: tensor(piece.values))]
    }
    return [
      (
        name: "piece\(index)",
        tensor: EngineTensor(kind: .u8, shape: piece.values.shape, bytes: levels.bytes)
      ), (name: "levels\(index)", tensor: EngineTensor(levels.values)),
    ]
  }

  /// The tensor in bfloat16 if the engine computes in it, else in float32.
  func tensor(_ values: Tensor) -> EngineTensor {
    compute == "bfloat16" ? EngineTensor(bfloat16: values) : EngineTensor(values)
  }
}

extension String {
  /// The text as one line of at most 200 characters.
  fileprivate var short: String {
    String(
      unicodeScalars.filter { $0.value >= 32 && $0.value != 127 }.map(Character.init).prefix(200))
  }
}

extension EngineFrame {
  /// The tensor `name`, with `count` numbers.
  func floats(_ name: String, _ count: Int) throws(EngineFault) -> [Float] {
    guard let floats = tensors[name]?.floats, floats.count == count else {
      throw EngineFault(.malformed, reason: "an answer without \(count) numbers of \(name)")
    }
    return floats
  }

  /// The tensor `name` as a matrix; `rows` and `columns` are checked if given.
  func matrix(
    _ name: String, columns: Int? = nil, rows: Int? = nil
  ) throws(EngineFault) -> Tensor {
    guard let tensor = tensors[name], tensor.shape.count == 2, let floats = tensor.floats,
      rows ?? tensor.shape[0] == tensor.shape[0], columns ?? tensor.shape[1] == tensor.shape[1]
    else { throw EngineFault(.malformed, reason: "an answer without the matrix \(name)") }
    return Tensor(tensor.shape, floats)
  }
}

extension EngineTensor {
  /// The elements of a `u32` tensor; nil for another type.
  var indices: [Int]? {
    guard kind == .u32 else { return nil }
    let bytes = Array(bytes)
    return stride(from: 0, to: bytes.count, by: 4).map { at in
      (0..<4).reduce(0) { $0 | Int(bytes[at + $1]) << (8 * $1) }
    }
  }
}

extension JSONValue {
  /// A duration in milliseconds, as seconds; nil if negative or not finite.
  var duration: Double? {
    number.flatMap { $0.isFinite && $0 >= 0 && $0 < 1e12 ? $0 / 1000 : nil }
  }
}
