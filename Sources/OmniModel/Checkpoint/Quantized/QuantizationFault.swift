/// Why quantised weights cannot be read.
public enum QuantizationFault: Error, Sendable, Equatable {
  /// The configuration names a scheme, or a form of one, that is not read. `place` is the key.
  case unknownScheme(String, path: String, place: String)
  /// A matrix is stored as tensors that belong to no scheme that is read; `scheme` is a guess.
  case unknownTensors(module: String, tensors: [String], scheme: String?, path: String)
  /// The configuration says one scheme, and a matrix is stored in another.
  case otherScheme(stated: String, found: String, module: String, path: String, place: String)
  /// The configuration says that weights are quantised, and none is.
  case plainWeights(stated: String, path: String, place: String)
  /// A tensor of a quantised matrix has a shape or a type that no writer of the scheme makes.
  case wrongTensor(scheme: String, name: String, path: String, found: String, expected: String)
  /// A tensor of a quantised matrix is missing.
  case missingTensor(scheme: String, name: String, path: String)
  /// No configuration says how the tensors of a scheme are to be read, and they can be read in more
  /// than one way; `missing` is the key that would tell.
  case ambiguous(scheme: String, module: String, path: String, missing: String)
}
