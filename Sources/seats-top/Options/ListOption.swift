import ArgumentParser
import Basics
import Selection

/// Parses list options such as `--methods full,seats`.
enum ListOption {
  /// Parses the entries of a list option.
  /// - Parameters:
  ///   - expected: description of valid entries, such as `methods such as full,seats`.
  ///   - entry: parses an entry; nil if it is invalid.
  /// - Throws: `ValidationError` that names the entry.
  static func entries<Entry: Equatable>(
    _ text: String, of option: String, _ expected: String, entry: (String) -> Entry?
  ) throws -> ListText<Entry> {
    do {
      return try ListText(text, entry: entry)
    } catch .emptyEntry(let place) {
      throw ValidationError(
        "\(option) takes \(expected), separated by single commas: entry \(place) is empty.")
    } catch .unknownEntry(let found) {
      throw ValidationError("\(option) takes \(expected), separated by commas, not \(found).")
    }
  }

  /// Parses a list of nominal retentions in percent.
  static func percents(_ text: String, of option: String) throws -> ListText<Double> {
    try entries(text, of: option, "percentages from 1 to 100") { typed in
      Double(typed).flatMap { RetentionBudget.nominalPercents ~= $0 ? $0 : nil }
    }
  }

  /// Prints a notice about repeated entries.
  static func report<Entry>(_ list: ListText<Entry>, of option: String) {
    report(list.repeated, of: option)
  }

  static func report(_ repeated: [String], of option: String) {
    guard !repeated.isEmpty else { return }
    Console.warn(
      "seats-top: "
        + ErrorMessage.printable(
          "\(option) names \(repeated.joined(separator: ", ")) more than once: counted once."))
  }
}
