/// The name of a model family; traces may contain a name that is not supported.
public struct ModelFamily: RawRepresentable, Hashable, Sendable, Codable {
  public let rawValue: String

  public init(rawValue: String) { self.rawValue = rawValue }

  /// The name of the default family.
  public static var standard: ModelFamily { FamilyList.standard.family }

  /// The family of a model architecture; the default family if unknown.
  public init(architecture: String) {
    let name = architecture.lowercased()
    let fitting = FamilyList.all.filter { name.hasPrefix($0.architecture) }
      .max { $0.architecture.count < $1.architecture.count }
    self = (fitting ?? FamilyList.standard).family
  }

  /// Settings of the family's published evaluations; for an unknown family those of the default
  /// one.
  public var published: PublishedSettings {
    (FamilyList.all.first { $0.family == self } ?? FamilyList.standard).published
  }

  /// Whether models of the family accept audio; true for an unknown family.
  public var takesAudio: Bool {
    FamilyList.all.first { $0.family == self }.map { $0.audio != nil } ?? true
  }
}

extension ModelFamily: CaseIterable {
  /// The names of all supported families.
  public static var allCases: [ModelFamily] { FamilyList.all.map(\.family) }
}
