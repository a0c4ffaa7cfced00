/// The list of selection methods. A new method is one file and one line here.
extension SelectionMethod: CaseIterable {
  static let definitions = [
    FullTokens.methods, Seats.methods, SeatsWide.methods, RandomDrop.methods, FastV.methods,
    VisionZip.methods, DivPrune.methods, DyCoke.methods, OmniZip.methods, SeatsNoLate.methods,
    OmniPack.methods, EfficientVideoSampling.methods, VidCom.methods, OmniDrop.methods,
    SeatsEven.methods,
  ].flatMap { $0 }

  public static let allCases = definitions.map(\.method)

  /// Definition of the method; nil if the method is unknown.
  public var definition: MethodDefinition? {
    Self.definitions.first { $0.method == self }
  }

  /// Parameters declared by the methods, without duplicates.
  public static let declaredParameters = definitions.flatMap(\.parameters).reduce(
    into: [SelectionParameter]()
  ) { known, parameter in
    if !known.contains(parameter), !SelectionParameter.shared.contains(parameter) {
      known.append(parameter)
    }
  }

  /// Parameters that the method uses.
  public var parameters: Set<SelectionParameter> { Set(definition?.parameters ?? []) }
}

extension SelectionMethod: RawRepresentable {
  /// Finds a method by name; nil if it is unknown.
  public init?(rawValue: String) {
    self.init(named: rawValue)
    if definition == nil { return nil }
  }
}

extension SelectionSettings {
  /// The plan of these settings for a prompt; an unknown method drops nothing. Tokens kept or
  /// dropped by hand take precedence over every rule of the method.
  public func plan(for shape: PromptShape) -> SelectionPlan {
    (method.definition?.plan(self, shape) ?? .full).forcing(forced, shape)
  }
}
