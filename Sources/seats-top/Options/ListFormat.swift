import ArgumentParser

/// Output format of listing commands.
enum ListFormat: String, ExpressibleByArgument, CaseIterable {
  case text, json
}
