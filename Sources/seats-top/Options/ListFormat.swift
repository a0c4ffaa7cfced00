import ArgumentParser

/// How commands that list things print them.
enum ListFormat: String, ExpressibleByArgument, CaseIterable {
  case text, json
}
