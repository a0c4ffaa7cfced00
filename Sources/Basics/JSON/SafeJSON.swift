import Foundation

extension JSONDecoder {
  /// Decodes untrusted JSON; excessive nesting is an error.
  ///
  /// Foundation's decoder limits nesting to 512 levels, but it traps if the text ends directly
  /// after the limit.
  /// - Parameter json: UTF-8 text.
  /// - Throws: `DecodingError`.
  public func decode<Value: Decodable>(
    _ type: Value.Type, fromOutside json: Data
  ) throws -> Value {
    if let fault = json.withUnsafeBytes(Outline.fault) {
      throw DecodingError.dataCorrupted(.init(codingPath: [], debugDescription: fault))
    }
    return try decode(type, from: json)
  }
}

/// Scans the brackets and braces of a JSON text to limit its nesting.
enum Outline {
  /// Maximum nesting depth of JSON values.
  static let mostLevels = 100

  /// The reason why a JSON text must not be decoded; nil if it is safe.
  static func fault(_ json: UnsafeRawBufferPointer) -> String? {
    var levels = 0
    var (isInString, isEscaped) = (false, false)
    for byte in json {
      // A NUL byte indicates another encoding, which the decoder would accept.
      guard byte != 0 else { return "not UTF-8 text" }
      if isInString {
        if byte == UInt8(ascii: "\""), !isEscaped { isInString = false }
        isEscaped = byte == UInt8(ascii: "\\") && !isEscaped
        continue
      }
      switch byte {
      case UInt8(ascii: "\""): isInString = true
      case UInt8(ascii: "["), UInt8(ascii: "{"):
        levels += 1
        guard levels <= mostLevels else { return "nested more than \(mostLevels) levels deep" }
      case UInt8(ascii: "]"), UInt8(ascii: "}"): levels -= 1
      default: break
      }
    }
    return nil
  }
}
