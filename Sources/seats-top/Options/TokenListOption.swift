import ArgumentParser
import Selection

/// Parses options that name tokens, such as `--keep video:1-8,audio:3`.
enum TokenListOption {
  /// - Throws: `ValidationError` that names the entry.
  static func tokens(_ text: String) throws -> TokenList {
    let expected = "write video:1-8,audio:3, with numbers from 1."
    do {
      return try TokenList(text)
    } catch .emptyEntry(let place) {
      throw ValidationError("entry \(place) is empty: \(expected)")
    } catch .unknownEntry(let entry) {
      throw ValidationError("\(entry) names no tokens: \(expected)")
    }
  }
}
