import Foundation

/// One fact about reading a clip: a value that was read, assumed, truncated or ignored.
///
/// Example: `AuditLine(.video, "sampled", "12 frames at 2.000 fps")`
public struct AuditLine: Sendable, Equatable {
  /// The part of the clip that the fact is about.
  public enum Subject: String, Sendable, CaseIterable {
    case clip, manifest, video, audio, image
  }

  public let subject: Subject
  /// Name of the fact in one or two words.
  public let name: String
  /// Value of the fact, with its unit.
  public let value: String
  /// Whether something was ignored, truncated, assumed or repaired.
  public let isNotice: Bool

  public init(_ subject: Subject, _ name: String, _ value: String, isNotice: Bool = false) {
    self.subject = subject
    self.name = name
    self.value = value
    self.isNotice = isNotice
  }

  static func notice(_ subject: Subject, _ name: String, _ value: String) -> AuditLine {
    AuditLine(subject, name, value, isNotice: true)
  }
}

extension Double {
  /// The number with `digits` decimals, for audit lines.
  func fixed(_ digits: Int) -> String {
    String(format: "%.\(digits)f", self)
  }
}
