/// Inputs that are long, deep or repetitive: what makes a reader slow, hungry, or run out of stack.
extension Seed {
  /// Every one of them goes into every reader, whatever its format.
  static let monsters: [[UInt8]] = jsonMonsters + tomlMonsters + textMonsters

  private static let jsonMonsters = [
    repeated("[", 200_000),
    repeated(#"{"a":"#, 100_000),
    repeated("[", 500) + repeated("]", 500),
    bytes("[") + repeated("0,", 200_000) + bytes("0]"),
    bytes("[") + repeated("{},", 100_000) + bytes("{}]"),
    bytes("{")
      + numbered(20_000) { #""k\#($0)":{"shape":[1],"dtype":"F32","data_offsets":[0,4]},"# }
      + bytes(#""z":1}"#),
    bytes("{") + repeated(#""a":1,"#, 50_000) + bytes(#""a":1}"#),
    bytes("\"") + repeated(#"\u00e9"#, 100_000) + bytes("\""),
    repeated("1", 500_000),
    bytes("1e") + repeated("9", 500_000),
  ]

  private static let tomlMonsters = [
    repeated("a.", 100_000) + bytes("a = 1"),
    bytes("[") + repeated("a.", 100_000) + bytes("a]\nb = 1"),
    bytes("a = ") + repeated("[", 200_000),
    bytes("a = ") + repeated("{b=", 200_000),
    bytes("a = [") + repeated("1,", 200_000) + bytes("]"),
    bytes("[roles]\n") + numbered(20_000) { "k\($0) = { fg = 'nothing' }\n" },
    numbered(30_000) { "key\($0) = 1\n" },
    repeated("[[a]]\n", 50_000),
    numbered(20_000) { "[t\($0).u]\n" },
    bytes("a = \"") + repeated(#"\U0001F600"#, 50_000) + bytes("\""),
    bytes("a = '''") + repeated("''\n", 100_000) + bytes("'''"),
    repeated("# note\n", 100_000),
  ]

  private static let textMonsters = [
    [UInt8](repeating: 0, count: 300_000),
    [UInt8](repeating: 0xff, count: 300_000),
    repeated(" ", 300_000),
    repeated("\n", 300_000),
    repeated("a", 300_000),
    repeated("a ", 150_000),
    repeated("e\u{301}\u{302}", 50_000),
    bytes("e") + repeated("\u{301}", 100_000),
    repeated("\u{1F468}\u{200D}", 30_000),
    repeated("<|im_end|>", 20_000),
    repeated("\u{1B}[", 100_000),
    repeated("P6 1 1 255 abc", 20_000),
    bytes("P6 8192 8191 255\n"),
  ]

  private static func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }

  private static func repeated(_ text: String, _ count: Int) -> [UInt8] {
    let once = Array(text.utf8)
    var all: [UInt8] = []
    all.reserveCapacity(once.count * count)
    for _ in 0..<count { all += once }
    return all
  }

  private static func numbered(_ count: Int, _ text: (Int) -> String) -> [UInt8] {
    (0..<count).flatMap { Array(text($0).utf8) }
  }
}
