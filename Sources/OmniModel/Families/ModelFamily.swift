/// A model family by name. A trace may name an unknown one.
public struct ModelFamily: RawRepresentable, Hashable, Sendable, Codable {
  public let rawValue: String

  public init(rawValue: String) { self.rawValue = rawValue }

  /// The default family.
  public static var standard: ModelFamily { FamilyList.standard.family }

  /// The family of an architecture; the default one if unknown.
  public init(architecture: String) {
    let name = architecture.lowercased()
    let fitting = FamilyList.all.filter { name.hasPrefix($0.architecture) }
      .max { $0.architecture.count < $1.architecture.count }
    self = (fitting ?? FamilyList.standard).family
  }

  /// Published settings; for an unknown family those of the default one.
  public var published: PublishedSettings {
    (FamilyList.all.first { $0.family == self } ?? FamilyList.standard).published
  }

  /// Whether its models take sound; true for a family that is not known.
  public var takesAudio: Bool {
    FamilyList.all.first { $0.family == self }.map { $0.audio != nil } ?? true
  }
}

extension ModelFamily: CaseIterable {
  /// Supported families.
  public static var allCases: [ModelFamily] { FamilyList.all.map(\.family) }
}
