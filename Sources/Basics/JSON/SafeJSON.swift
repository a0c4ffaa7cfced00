import Foundation

extension JSONDecoder {
  /// Decodes untrusted JSON; too deep nesting is an error.
  ///
  /// Foundation's decoder has a limit of 512 levels, but traps if a text ends directly after it.
  /// - Parameter json: UTF-8
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

/// A scan of the brackets and braces of a JSON text.
enum Outline {
  /// Maximum nesting depth.
  static let mostLevels = 100

  /// Nil if the text is safe to decode.
  static func fault(_ json: UnsafeRawBufferPointer) -> String? {
    var levels = 0
    var (isInString, isEscaped) = (false, false)
    for byte in json {
      // A NUL byte means another encoding, which the decoder would accept.
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
