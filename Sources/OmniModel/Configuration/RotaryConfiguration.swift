import Basics

/// Settings of the decoder's rotary embedding, in the layout of either transformers version:
/// `rope_theta` and `rope_scaling`, or both in `rope_parameters`.
///
/// If both layouts are present, `rope_scaling` is used and `rope_parameters` is ignored, as in
/// transformers 4.57 and 5.23. If the two versions would give different results, the contradiction
/// is an error.
struct RotaryConfiguration: Sendable {
  let base: Double
  /// Axis (0 time, 1 height, 2 width) of each rotary angle of a head, [headWidth / 2].
  let axes: [Int]
  /// Facts for the audit: keys that determined the rotary embedding.
  let facts: [CheckpointFact]

  /// Validates the rotary settings.
  /// - Parameters:
  ///   - text: `text_config` as raw JSON.
  ///   - half: half the width of a head.
  init(
    _ text: [String: JSONValue], _ family: FamilyRotary, half: Int, _ check: ConfigurationValidator
  ) throws(CheckpointError) {
    let (scaling, parameters) = (
      try Self.object("rope_scaling", in: text, family, check),
      try Self.object("rope_parameters", in: text, family, check)
    )
    let written = WrittenRotary(
      base: try Self.base(text["rope_theta"], "text_config.rope_theta", check),
      scaling: scaling, parameters: parameters)
    let base = try written.base(family, check)
    let sections = try written.sections(check)
    if let value = base.value {
      self.base = value
    } else {
      self.base = try family.base(check)
    }
    let value = sections.value ?? family.sections
    let key = sections.key ?? "text_config.rope_parameters.mrope_section"
    guard value.count == 3, value.allSatisfy({ $0 >= 0 }), value.reduce(0, +) == half else {
      throw check.wrong(
        key, sections.value.map { "\($0)" } ?? "absent (transformers defaults to \(value))",
        "three numbers with sum \(half), half the head width")
    }
    axes = family.isInterleaved ? Self.interleaved(value, half: half) : Self.inTurn(value)
    facts =
      [
        CheckpointFact(
          "rope",
          "base \(self.base.plain) from \(base.key.map(check.spelled) ?? "transformers' default"), "
            + "sections \(value) from \(sections.key.map(check.spelled) ?? "transformers' default")"
        )
      ] + written.unread(base: self.base, sections: value, check)
  }

  /// Reads an object with rotary settings; nil if absent or empty.
  private static func object(
    _ key: String, in text: [String: JSONValue], _ family: FamilyRotary,
    _ check: ConfigurationValidator
  ) throws(CheckpointError) -> RotaryObject? {
    let place = "text_config." + key
    guard let value = text[key], value != .null else { return nil }
    guard let object = value.object else { throw check.wrong(place, value.summary, "an object") }
    guard !object.isEmpty else { return nil }
    try ConfigurationKeys.rotary(family).check(object, at: check.spelled(place) + ".", check)
    var sections: [Int]?
    if let value = object["mrope_section"], value != .null {
      let numbers = value.array?.compactMap(\.integer) ?? []
      guard numbers.count == 3, value.array?.count == 3,
        numbers.allSatisfy({ (0...1 << 16).contains($0) })
      else { throw check.wrong(place + ".mrope_section", value.summary, "three numbers") }
      sections = numbers
    }
    return RotaryObject(
      place: place, base: try base(object["rope_theta"], place + ".rope_theta", check),
      sections: sections)
  }

  private static func base(
    _ value: JSONValue?, _ key: String, _ check: ConfigurationValidator
  ) throws(CheckpointError) -> Double? {
    guard let value, value != .null else { return nil }
    guard let number = value.number else { throw check.wrong(key, value.summary, "a number") }
    guard number > 0, number.isFinite else { throw check.wrong(key, value.summary, "more than 0") }
    return number
  }

  private static func inTurn(_ sections: [Int]) -> [Int] {
    sections.enumerated().flatMap { Array(repeating: $0.offset, count: $0.element) }
  }

  /// Interleaved axes: height and width use every third angle, from the second and third on, up to
  /// their section length; time uses the others.
  private static func interleaved(_ sections: [Int], half: Int) -> [Int] {
    (0..<half).map { angle in
      let axis = angle % 3
      return axis > 0 && angle < 3 * sections[axis] ? axis : 0
    }
  }
}

/// The raw JSON of `rope_scaling` or `rope_parameters`.
struct RotaryObject: Sendable {
  let place: String
  let base: Double?
  let sections: [Int]?
}

/// All rotary settings that a configuration contains.
struct WrittenRotary: Sendable {
  /// Rotary base at the outer level: `text_config.rope_theta`.
  let base: Double?
  let scaling, parameters: RotaryObject?

  private static let baseKey = "text_config.rope_theta"

  /// The rotary base, which must be the same for both transformers versions, and its key.
  func base(_ family: FamilyRotary, _ check: ConfigurationValidator) throws(CheckpointError) -> (
    key: String?, value: Double?
  ) {
    let inside = (scaling ?? parameters).flatMap { object in
      object.base.map { (key: object.place + ".rope_theta", value: $0) }
    }
    if let inside, let base, base != inside.value {
      // The older transformers version reads the outer key, the newer one the inner key.
      throw check.contradiction(
        (Self.baseKey, base.plain), (inside.key, inside.value.plain))
    }
    if let inside { return (inside.key, inside.value) }
    if let base { return (Self.baseKey, base) }
    if let scaling, let parameters, let other = parameters.base, try other != family.base(check) {
      throw check.contradiction(
        (scaling.place, "without rope_theta"), (parameters.place + ".rope_theta", other.plain))
    }
    return (nil, nil)
  }

  /// The rotary sections, which must be the same for both transformers versions, and their key.
  func sections(_ check: ConfigurationValidator) throws(CheckpointError) -> (
    key: String?, value: [Int]?
  ) {
    guard let object = scaling ?? parameters else { return (nil, nil) }
    if let sections = object.sections { return (object.place + ".mrope_section", sections) }
    if scaling != nil, let parameters, let other = parameters.sections {
      throw check.contradiction(
        (object.place, "without mrope_section"), (parameters.place + ".mrope_section", "\(other)"))
    }
    return (nil, nil)
  }

  /// Audit facts on `rope_parameters` that are ignored.
  func unread(base: Double, sections: [Int], _ check: ConfigurationValidator) -> [CheckpointFact] {
    guard scaling != nil, let parameters else { return [] }
    var differences: [String] = []
    if let other = parameters.base, other != base {
      differences.append("rope_theta \(other.plain)")
    }
    if let other = parameters.sections, other != sections {
      differences.append("mrope_section \(other)")
    }
    guard !differences.isEmpty else { return [] }
    return [
      CheckpointFact(
        "rope",
        "\(differences.joined(separator: ", ")) of \(check.spelled(parameters.place)) is not "
          + "read, as in transformers: \(check.spelled("text_config.rope_scaling")) is present too",
        isWarning: true)
    ]
  }
}
