import ArgumentParser

/// Output format of commands that print a list.
enum ListFormat: String, ExpressibleByArgument, CaseIterable {
  case text, json
}
