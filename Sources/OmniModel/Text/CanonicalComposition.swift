#if canImport(Darwin)
  import Foundation
#else
  @_spi(_Unicode) import Swift
#endif

extension String {
  /// Normalization form C, as Unicode defines it.
  ///
  /// Foundation's implementation on Linux does not compose a Hangul syllable with its first final
  /// consonant, and confuses characters beyond the basic plane followed by marks.
  var canonicallyComposed: String {
    #if canImport(Darwin)
      precomposedStringWithCanonicalMapping
    #else
      String(String.UnicodeScalarView(_nfc))
    #endif
  }
}
