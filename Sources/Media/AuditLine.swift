import Foundation

/// One fact about reading a clip: what was read, assumed, cut or left out.
///
/// `AuditLine(.video, "sampled", "12 frames at 2.000 fps")`
public struct AuditLine: Sendable, Equatable {
  /// Subject of the line.
  public enum Subject: String, Sendable, CaseIterable {
    case clip, manifest, video, audio, image
  }

  public let subject: Subject
  /// Name of the fact, one or two words.
  public let name: String
  /// Value, with unit.
  public let value: String
  /// True if something was ignored, truncated, assumed or repaired.
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
  /// This number with `digits` decimals, for audit lines.
  func fixed(_ digits: Int) -> String {
    String(format: "%.\(digits)f", self)
  }
}
