/// Errors of reading quantised weights.
public enum QuantizationFault: Error, Sendable, Equatable {
  /// A quantisation scheme, or a variant of it, that is not supported; `place` is the configuration
  /// key.
  case unknownScheme(String, path: String, place: String)
  /// A matrix whose tensors fit no supported quantisation scheme; `scheme` is a guess.
  case unknownTensors(module: String, tensors: [String], scheme: String?, path: String)
  /// A matrix that is stored in a different scheme from the configured one.
  case otherScheme(stated: String, found: String, module: String, path: String, place: String)
  /// The configuration states a quantisation, but the weights are not quantised.
  case plainWeights(stated: String, path: String, place: String)
  /// A tensor of a quantised matrix has an invalid shape or type.
  case wrongTensor(scheme: String, name: String, path: String, found: String, expected: String)
  /// A tensor of a quantised matrix is missing.
  case missingTensor(scheme: String, name: String, path: String)
  /// Tensors that can be read in two ways without a configuration; `missing` is the key that would
  /// decide.
  case ambiguous(scheme: String, module: String, path: String, missing: String)
}
