/// A value in a chat template: a Jinja string, number, list, table or function.
enum TemplateValue {
  case undefined
  case none
  case bool(Bool)
  case integer(Int)
  case string(String)
  case list([TemplateValue])
  case table([String: TemplateValue])
  /// The result of Jinja's `namespace(…)`, whose fields can be assigned.
  case namespace(TemplateNamespace)
  /// A method of a value, not yet called.
  indirect case method(of: TemplateValue, name: String)

  var isTrue: Bool {
    switch self {
    case .undefined, .none: false
    case .bool(let bool): bool
    case .integer(let integer): integer != 0
    case .string(let string): !string.isEmpty
    case .list(let list): !list.isEmpty
    case .table(let table): !table.isEmpty
    case .namespace, .method: true
    }
  }

  /// The value as printed in the output.
  func text() throws(TemplateError) -> String {
    switch self {
    case .undefined: ""
    case .none: "None"
    case .bool(let bool): bool ? "True" : "False"
    case .integer(let integer): "\(integer)"
    case .string(let string): string
    case .list, .table, .namespace, .method: throw .unsupported("printing a list or a table")
    }
  }

  /// The value as an element of a list, table or namespace; nesting is not supported.
  func item() throws(TemplateError) -> TemplateValue {
    switch self {
    case .list, .table, .namespace, .method: throw .unsupported("nested lists or tables")
    default: self
    }
  }

  /// Whether two scalar values are equal.
  func isSame(as other: TemplateValue) throws(TemplateError) -> Bool {
    switch (self, other) {
    case (.undefined, .undefined), (.none, .none): true
    case (.bool(let one), .bool(let other)): one == other
    case (.integer(let one), .integer(let other)): one == other
    case (.string(let one), .string(let other)): one == other
    case (.list, .list), (.table, .table), (.namespace, _), (.method, _):
      throw .unsupported("comparing lists or tables")
    default: false
    }
  }

  func contains(_ value: TemplateValue) throws(TemplateError) -> Bool {
    switch (self, value) {
    case (.string(let text), .string(let part)): return part.isEmpty || text.contains(part)
    case (.list(let list), _):
      for item in list where try item.isSame(as: value) { return true }
      return false
    case (.table(let table), .string(let key)): return table[key] != nil
    case (.undefined, _), (.none, _): return false
    default: throw .unsupported("in")
    }
  }

  private static let methods: Set<String> = ["get", "items", "keys"]

  func field(_ name: String) -> TemplateValue {
    switch self {
    case .table(let table):
      table[name] ?? (Self.methods.contains(name) ? .method(of: self, name: name) : .undefined)
    case .namespace(let namespace): namespace.fields[name] ?? .undefined
    case .string, .list: .method(of: self, name: name)
    default: .undefined
    }
  }

  func item(_ index: TemplateValue) throws(TemplateError) -> TemplateValue {
    switch (self, index) {
    case (.list(let list), .integer(let place)):
      let place = place < 0 ? list.count + place : place
      return list.indices.contains(place) ? list[place] : .undefined
    case (.table(let table), .string(let key)): return table[key] ?? .undefined
    case (.namespace, .string(let key)): return field(key)
    case (.undefined, _): return .undefined
    default: throw .unsupported("a subscript")
    }
  }
}

/// The fields of a Jinja `namespace`, which inner loops may assign.
final class TemplateNamespace {
  var fields: [String: TemplateValue]

  init(_ fields: [String: TemplateValue]) { self.fields = fields }
}

/// Errors of rendering a chat template.
enum TemplateError: Error, Equatable {
  /// The template uses a Jinja construct that is not supported.
  case unsupported(String)
  /// The template itself raised an exception.
  case raised(String)
  /// Rendering exceeded the limit of steps or output.
  case tooLong
}
