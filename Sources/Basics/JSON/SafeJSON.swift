import Foundation

extension JSONDecoder {
  /// Decodes JSON from outside: what is nested too deeply is an error like any other.
  ///
  /// The decoder has a limit of its own, 512 levels, but stops the process where a text ends right
  /// behind it.
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

/// A walk over the brackets and braces of a JSON text.
enum Outline {
  /// More levels than any file has a reason for.
  static let mostLevels = 100

  /// Nil where the decoder can be let loose.
  static func fault(_ json: UnsafeRawBufferPointer) -> String? {
    var levels = 0
    var (isInString, isEscaped) = (false, false)
    for byte in json {
      // In UTF-8 only the control character itself has this byte; in other encodings, which the
      // decoder would understand, every bracket has one.
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
