import Foundation

/// One thing that was read, or left out, on the way from the files to the clip.
///
/// `AuditLine(.video, "sampled", "12 frames at 2.000 fps")`
public struct AuditLine: Sendable, Equatable {
  /// What the line speaks of.
  public enum Subject: String, Sendable, CaseIterable {
    case clip, manifest, video, audio, image
  }

  public let subject: Subject
  /// What was measured, in a word or two.
  public let name: String
  /// What was found, with its unit.
  public let value: String
  /// True when something was ignored, cut short, assumed or repaired: worth the user's eye.
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
