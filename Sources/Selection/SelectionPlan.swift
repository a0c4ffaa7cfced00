/// What is dropped after which step. The engine's only input from a selection method.
public struct SelectionPlan: Sendable, Equatable {
  public let method: SelectionMethod
  /// The rule applied between the encoders and layer 1; nil: all tokens enter.
  public let encoderRule: (any EncoderRule)?
  /// Inner drops and the removal, ascending by layer, at most one per layer.
  public let boundaries: [LayerBoundary]
  /// Notes on requests that could not be met exactly.
  public let notes: [String]

  public init(
    method: SelectionMethod, encoderRule: (any EncoderRule)? = nil,
    boundaries: [LayerBoundary] = [], notes: [String] = []
  ) {
    self.method = method
    self.encoderRule = encoderRule
    self.boundaries = boundaries
    self.notes = notes
  }

  /// The boundary after layer `layer` (counted from 1), if any.
  public func boundary(afterLayer layer: Int) -> LayerBoundary? {
    boundaries.first { $0.afterLayer == layer }
  }

  /// The layer after which all video and audio tokens are removed, if any.
  public var removalLayer: Int? {
    boundaries.first { $0.rule.removesAll }?.afterLayer
  }

  /// Layers after which tokens are chosen, ascending.
  public var dropLayers: [Int] {
    boundaries.filter { $0.rule.kind != .remove }.map(\.afterLayer)
  }

  /// The first step whose outcome differs from that of `other`: 0 for the encoder rule, l for the
  /// boundary after layer l, nil if the plans are equivalent.
  public func firstDifference(from other: SelectionPlan) -> Int? {
    if !Self.isSame(encoderRule, other.encoderRule) { return 0 }
    let layers = Set(boundaries.map(\.afterLayer) + other.boundaries.map(\.afterLayer)).sorted()
    return layers.first { boundary(afterLayer: $0) != other.boundary(afterLayer: $0) }
  }

  public static func == (left: SelectionPlan, right: SelectionPlan) -> Bool {
    left.method == right.method && isSame(left.encoderRule, right.encoderRule)
      && left.boundaries == right.boundaries && left.notes == right.notes
  }

  private static func isSame(_ left: (any EncoderRule)?, _ right: (any EncoderRule)?) -> Bool {
    guard let left, let right else { return left == nil && right == nil }
    return left.isEqual(to: right)
  }
}

/// A selection after a decoder layer.
public struct LayerBoundary: Sendable, Equatable {
  /// Counted from 1.
  public let afterLayer: Int
  public let rule: any BoundaryRule

  public init(afterLayer: Int, rule: any BoundaryRule) {
    self.afterLayer = afterLayer
    self.rule = rule
  }

  public static func == (left: LayerBoundary, right: LayerBoundary) -> Bool {
    left.afterLayer == right.afterLayer && left.rule.isEqual(to: right.rule)
  }
}

extension BoundaryRule {
  /// No video or audio token is left.
  var removesAll: Bool { kind == .remove && ratios == RetentionBudget(video: 0, audio: 0) }
}
