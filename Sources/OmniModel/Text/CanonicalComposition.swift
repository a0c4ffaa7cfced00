#if canImport(Darwin)
  import Foundation
#else
  @_spi(_Unicode) import Swift
#endif

extension String {
  /// Normalization form C, as Unicode defines it.
  ///
  /// Foundation's own for Linux leaves a Hangul syllable and its first final consonant apart, and takes
  /// characters beyond the basic plane for others where marks follow them.
  var canonicallyComposed: String {
    #if canImport(Darwin)
      precomposedStringWithCanonicalMapping
    #else
      String(String.UnicodeScalarView(_nfc))
    #endif
  }
}
