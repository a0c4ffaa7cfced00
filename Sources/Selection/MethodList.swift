/// The list of methods. A new method is a file and a line here.
extension SelectionMethod: CaseIterable {
  static let definitions = [
    FullTokens.methods, Seats.methods, SeatsWide.methods, RandomDrop.methods, FastV.methods,
    VisionZip.methods, DivPrune.methods, DyCoke.methods, OmniZip.methods, SeatsNoLate.methods,
    OmniPack.methods, EfficientVideoSampling.methods, VidCom.methods,
  ].flatMap { $0 }

  public static let allCases = definitions.map(\.method)

  /// Nil for an unknown method.
  public var definition: MethodDefinition? {
    Self.definitions.first { $0.method == self }
  }

  /// Parameters declared by methods, distinct.
  public static let declaredParameters = definitions.flatMap(\.parameters).reduce(
    into: [SelectionParameter]()
  ) { known, parameter in
    if !known.contains(parameter), !SelectionParameter.shared.contains(parameter) {
      known.append(parameter)
    }
  }

  /// Settings that the method uses.
  public var parameters: Set<SelectionParameter> { Set(definition?.parameters ?? []) }
}

extension SelectionMethod: RawRepresentable {
  /// Nil for an unknown method.
  public init?(rawValue: String) {
    self.init(named: rawValue)
    if definition == nil { return nil }
  }
}

extension SelectionSettings {
  /// The plan of these settings for a prompt; full tokens for an unknown method.
  public func plan(for shape: PromptShape) -> SelectionPlan {
    method.definition?.plan(self, shape) ?? .full
  }
}
