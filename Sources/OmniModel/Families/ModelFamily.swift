/// The family of a thinker, by its name. A trace may name one that is not known here.
public struct ModelFamily: RawRepresentable, Hashable, Sendable, Codable {
  public let rawValue: String

  public init(rawValue: String) { self.rawValue = rawValue }

  /// The one taken where nothing says which.
  public static var standard: ModelFamily { FamilyList.standard.family }

  /// The family whose models name such an architecture; the standard one where none does.
  public init(architecture: String) {
    let name = architecture.lowercased()
    let fitting = FamilyList.all.filter { name.hasPrefix($0.architecture) }
      .max { $0.architecture.count < $1.architecture.count }
    self = (fitting ?? FamilyList.standard).family
  }

  /// What was published for it; for a family that is not known, what was for the standard one.
  public var published: PublishedSettings {
    (FamilyList.all.first { $0.family == self } ?? FamilyList.standard).published
  }
}

extension ModelFamily: CaseIterable {
  /// The families that are known.
  public static var allCases: [ModelFamily] { FamilyList.all.map(\.family) }
}
