/// Errors of reading quantised weights.
public enum QuantizationFault: Error, Sendable, Equatable {
  /// An unsupported scheme, or form of one. `place` is the key.
  case unknownScheme(String, path: String, place: String)
  /// A matrix with tensors of no supported scheme; `scheme` is a guess.
  case unknownTensors(module: String, tensors: [String], scheme: String?, path: String)
  /// A matrix stored in another scheme than configured.
  case otherScheme(stated: String, found: String, module: String, path: String, place: String)
  /// A configured quantisation without quantised weights.
  case plainWeights(stated: String, path: String, place: String)
  /// A tensor of a quantised matrix with an invalid shape or type.
  case wrongTensor(scheme: String, name: String, path: String, found: String, expected: String)
  /// A tensor of a quantised matrix is missing.
  case missingTensor(scheme: String, name: String, path: String)
  /// Ambiguous tensors without a configuration; `missing` is the key that would decide.
  case ambiguous(scheme: String, module: String, path: String, missing: String)
}
