/// The methods there are. A new one is a line here, and its file.
extension SelectionMethod: CaseIterable {
  static let definitions = [
    FullTokens.methods, Seats.methods, SeatsWide.methods, RandomDrop.methods, FastV.methods,
    VisionZip.methods, DivPrune.methods, DyCoke.methods, OmniZip.methods, SeatsNoLate.methods,
    OmniPack.methods, EfficientVideoSampling.methods, VidCom.methods,
  ].flatMap { $0 }

  public static let allCases = definitions.map(\.method)

  /// Nil where no method of this name can be run here.
  public var definition: MethodDefinition? {
    Self.definitions.first { $0.method == self }
  }

  /// The parameters that methods declare themselves, each once.
  public static let declaredParameters = definitions.flatMap(\.parameters).reduce(
    into: [SelectionParameter]()
  ) { known, parameter in
    if !known.contains(parameter), !SelectionParameter.shared.contains(parameter) {
      known.append(parameter)
    }
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
