#if canImport(Darwin)
  import Foundation
#else
  @_spi(_Unicode) import Swift
#endif

extension String {
  /// The text in Unicode normalization form C (NFC).
  ///
  /// Foundation's implementation on Linux does not compose a Hangul syllable with its first final
  /// consonant, and confuses characters beyond the basic plane that are followed by marks.
  var canonicallyComposed: String {
    #if canImport(Darwin)
      precomposedStringWithCanonicalMapping
    #else
      String(String.UnicodeScalarView(_nfc))
    #endif
  }
}
