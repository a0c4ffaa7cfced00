import Selection

/// A worth study to be measured: the effect of leaving out each window from a layer on.
public struct WorthRequest: Sendable, Equatable {
  /// First decoder layer without the window, counted from 1.
  public var layer: Int
  /// Layers after which the relevance of the windows is computed for comparison, ascending.
  public var relevanceLayers: [Int]
  /// Length of the windows.
  public var windows: SelectionWindows
  /// Length of the windows in which attention received is computed, as methods do; within one, it
  /// always has the same sum.
  public var measureWindows = SelectionWindows()
  /// Settings of the unmodified run; nil for full tokens.
  public var plan: SelectionSettings?
  /// Tokens to leave out together in one trial, instead of every window; nil for every window.
  public var span: TokenList?

  public init(
    layer: Int, relevanceLayers: [Int], windows: SelectionWindows, plan: SelectionSettings? = nil,
    span: TokenList? = nil
  ) {
    self.layer = layer
    self.relevanceLayers = relevanceLayers
    self.windows = windows
    self.plan = plan
    self.span = span
  }

  /// A study with full tokens that starts where a plan first drops tokens by relevance, or in the
  /// middle of the decoder.
  public init(_ settings: SelectionSettings, layers: Int) {
    let drops = settings.dropLayers.filter { $0 >= 1 && $0 < layers }
    let middle = max(1, layers / 2)
    self.init(
      layer: (drops.first ?? middle) + 1, relevanceLayers: drops.isEmpty ? [middle] : drops,
      windows: settings.windows)
    layer = min(layer, layers)
  }

  /// Plan of the unmodified run for a prompt.
  func base(for shape: PromptShape) -> SelectionPlan { plan?.plan(for: shape) ?? .full }

  /// Description of the unmodified run: `full tokens`, or the method.
  public var baseName: String { plan?.method.rawValue ?? "full tokens" }
}
