/// Which tokens are dropped after which step of a prefill: the output of a selection method and the
/// input of the engine.
public struct SelectionPlan: Sendable, Equatable {
  public let method: SelectionMethod
  /// The rule applied between the encoders and layer 1 (Stage I); nil if all tokens enter the
  /// decoder.
  public let encoderRule: (any EncoderRule)?
  /// Drops and removal after decoder layers, in ascending order, at most one per layer.
  public let boundaries: [LayerBoundary]
  /// Notes on settings that the plan cannot meet exactly.
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

  /// The selection after layer `layer` (counted from 1); nil if there is none.
  public func boundary(afterLayer layer: Int) -> LayerBoundary? {
    boundaries.first { $0.afterLayer == layer }
  }

  /// The layer after which all video and audio tokens are removed; nil if there is none.
  public var removalLayer: Int? {
    boundaries.first { $0.rule.removesAll }?.afterLayer
  }

  /// Layers after which some tokens are dropped, ascending.
  public var dropLayers: [Int] {
    boundaries.filter { $0.rule.kind != .remove }.map(\.afterLayer)
  }

  /// The first step whose result differs from that of another plan: 0 for the encoder rule, l for
  /// the selection after layer l; nil if the plans are equivalent.
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

/// A token selection after a decoder layer: the layer and the rule.
public struct LayerBoundary: Sendable, Equatable {
  /// The decoder layer, counted from 1.
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
  /// Whether no video or audio token is left after the rule.
  var removesAll: Bool { kind == .remove && ratios == RetentionBudget(video: 0, audio: 0) }
}
