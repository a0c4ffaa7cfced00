import CCurses

/// Byte sequences that a terminal sends for special keys.
enum TerminalKeys {
  /// Byte sequences from terminfo, and common ones for keys that terminfo lacks.
  static func described() -> [[UInt8]: Key] {
    var keys = customary
    for (name, key) in capabilities {
      guard let text = cc_key_text(name) else { continue }
      let bytes = Array(String(cString: text).utf8)
      if !bytes.isEmpty { keys[bytes] = key }
    }
    return keys
  }

  /// Names of the keys in terminfo.
  private static let capabilities: [(String, Key)] =
    [
      ("kcuu1", .up), ("kcud1", .down), ("kcub1", .left), ("kcuf1", .right), ("kpp", .pageUp),
      ("knp", .pageDown), ("khome", .home), ("kend", .end), ("kcbt", .backTab), ("kent", .enter),
      ("kbs", .backspace), ("kdch1", .delete), ("kich1", .insert),
    ] + (1...12).map { ("kf\($0)", .function($0)) }

  /// Byte sequences used by nearly all terminals, with cursor keys in both modes.
  static let customary: [[UInt8]: Key] = {
    var keys: [String: Key] = [
      "[Z": .backTab, "[1~": .home, "[7~": .home, "[4~": .end, "[8~": .end, "[2~": .insert,
      "[3~": .delete, "[5~": .pageUp, "[6~": .pageDown,
    ]
    let cursor: [(String, Key)] = [
      ("A", .up), ("B", .down), ("C", .right), ("D", .left), ("H", .home), ("F", .end),
    ]
    for (letter, key) in cursor { (keys["[" + letter], keys["O" + letter]) = (key, key) }
    return Dictionary(uniqueKeysWithValues: keys.map { (Array("\u{1b}\($0)".utf8), $1) })
  }()
}
