/// Code type and granularity of scales of a quantised matrix, in the terms of compressed-tensors.
struct WeightForm: Sendable, Equatable, Hashable {
  enum Strategy: Sendable, Equatable, Hashable {
    case tensor, channel
    /// One scale per output and group of this number of inputs.
    case group(Int)
    case block(outputs: Int, inputs: Int)
  }

  let bits: Int
  let isFloat, isSymmetric: Bool
  let strategy: Strategy

  /// The block of matrix elements that shares one scale.
  func block(outputs: Int, inputs: Int) -> ScaleGrid.Block {
    switch strategy {
    case .tensor: .init(outputs: max(1, outputs), inputs: max(1, inputs))
    case .channel: .init(outputs: 1, inputs: max(1, inputs))
    case .group(let size): .init(outputs: 1, inputs: size)
    case .block(let height, let width): .init(outputs: height, inputs: width)
    }
  }

  /// Valid shapes of the scale tensor; empty if the matrix size does not fit.
  func scaleShapes(outputs: Int, inputs: Int) -> [[Int]] {
    switch strategy {
    case .tensor: [[1], [], [1, 1]]
    case .channel: [[outputs, 1], [outputs]]
    case .group(let size): inputs % size == 0 ? [[outputs, inputs / size]] : []
    case .block(let height, let width):
      [[(outputs + height - 1) / height, (inputs + width - 1) / width]]
    }
  }

  /// Description of the form in error messages.
  var sentence: String {
    let codes = "\(isFloat ? "float" : "int")\(bits) \(isSymmetric ? "symmetric" : "asymmetric")"
    return switch strategy {
    case .tensor: codes + " with one scale"
    case .channel: codes + " with a scale for each output"
    case .group(let size): codes + " in groups of \(size) inputs"
    case .block(let height, let width): codes + " in blocks of \(height)×\(width)"
    }
  }
}

extension QuantizationSettings {
  /// Forms that the quantisation settings allow.
  func forms() throws(QuantizationFault) -> [WeightForm] {
    if let groups = file.config_groups {
      var forms: [WeightForm] = []
      for (name, group) in groups.sorted(by: { $0.key < $1.key }) {
        if let weights = group.weights {
          forms.append(try form(weights, "config_groups.\(name).weights"))
        }
      }
      return forms
    }
    if case .block(let sides)? = file.group_size, sides.count == 2,
      sides.allSatisfy(StoredPart.sides.contains)
    {
      return float8([sides])
    }
    guard let sides = file.weight_block_size else { return float8([[128, 128]]) }
    guard sides.count == 2, sides.allSatisfy(StoredPart.sides.contains) else {
      throw .unknownScheme(
        "\(method) with weight_block_size \(sides)", path: path, place: place)
    }
    return float8([sides])
  }

  /// 8-bit float forms: one scale, one per output, or one per block of the given sizes.
  private func float8(_ blocks: [[Int]]) -> [WeightForm] {
    let strategies: [WeightForm.Strategy] =
      [.tensor, .channel] + blocks.map { .block(outputs: $0[0], inputs: $0[1]) }
    return strategies.map { WeightForm(bits: 8, isFloat: true, isSymmetric: true, strategy: $0) }
  }

  private func form(
    _ weights: QuantizationFile.Group.Weights, _ key: String
  ) throws(QuantizationFault) -> WeightForm {
    func unknown(_ what: String) -> QuantizationFault {
      .unknownScheme("\(method) with \(what)", path: path, place: place + "." + key)
    }
    let type = weights.type?.lowercased() ?? "int"
    guard ["int", "float"].contains(type) else { throw unknown("weights of type \(type)") }
    let strategy: WeightForm.Strategy
    switch (weights.strategy?.lowercased(), weights.group_size) {
    case ("tensor", _): strategy = .tensor
    case ("channel", _): strategy = .channel
    case ("group", let size?) where StoredPart.sides.contains(size): strategy = .group(size)
    case ("group", -1): strategy = .channel
    case ("block", _):
      guard let sides = weights.block_structure?.sides, sides.count == 2,
        sides.allSatisfy(StoredPart.sides.contains)
      else { throw unknown("an invalid block_structure") }
      strategy = .block(outputs: sides[0], inputs: sides[1])
    case (nil, let size?) where StoredPart.sides.contains(size): strategy = .group(size)
    case (nil, -1): strategy = .channel
    case (nil, nil): strategy = .tensor
    case (let name, _): throw unknown("\(name.map { "strategy \($0)" } ?? "an invalid group_size")")
    }
    return WeightForm(
      bits: weights.num_bits ?? 8, isFloat: type == "float",
      isSymmetric: weights.symmetric ?? true, strategy: strategy)
  }
}
