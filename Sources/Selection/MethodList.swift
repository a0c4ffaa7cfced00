/// A method: its name, what there is to set about it, and the plan it makes.
public struct MethodDefinition: Sendable {
  public let method: SelectionMethod
  /// What it does, in half a line.
  public let summary: String
  /// Settings that change what it does; it ignores the others.
  public let parameters: [SelectionParameter]
  let plan: @Sendable (SelectionSettings, PromptShape) -> SelectionPlan
  /// Settings of another method that do the same; the same settings for most.
  var equivalent: @Sendable (SelectionSettings) -> SelectionSettings = { $0 }
}

/// The methods there are. A new one is a line here, and its file.
extension SelectionMethod: CaseIterable {
  static let definitions = [
    FullTokens.methods, Seats.methods, SeatsWide.methods, RandomDrop.methods, FastV.methods,
    VisionZip.methods, DivPrune.methods, DyCoke.methods, OmniZip.methods, SeatsNoLate.methods,
  ].flatMap { $0 }

  public static let allCases = definitions.map(\.method)

  /// Nil where no method of this name can be run here.
  public var definition: MethodDefinition? {
    Self.definitions.first { $0.method == self }
  }

  /// The settings that change what the method does; it ignores the others.
  public var parameters: Set<SelectionParameter> { Set(definition?.parameters ?? []) }
}

extension SelectionMethod: RawRepresentable {
  /// Nil where no method of this name can be run here.
  public init?(rawValue: String) {
    self.init(named: rawValue)
    if definition == nil { return nil }
  }
}

extension SelectionSettings {
  /// The plan these settings make for a prompt: full tokens where the method cannot be run here.
  public func plan(for shape: PromptShape) -> SelectionPlan {
    method.definition?.plan(self, shape) ?? .full
  }
}
