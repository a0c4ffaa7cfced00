/// ASCII replacements of the program's own non-ASCII characters and of common punctuation.
enum Transliteration {
  static let ascii: [UInt32: String] = {
    let pairs: [(String, String)] = [
      ("‘’‚′", "'"), ("“”„″", "\""), ("–—‐‑−", "-"), ("…", "..."), ("·•∙", "."), ("×", "x"),
      ("÷", "/"), ("≈", "~"), ("≤", "<="), ("≥", ">="), ("≠", "!="), ("→", "->"), ("←", "<-"),
      ("↑", "^"), ("↓", "v"), ("λ", "lambda"), ("τ", "tau"), ("φ", "phi"), ("Σ", "sum"),
      ("µμ", "u"), ("Ø∅", "avg"), ("ⁱ", "^i"), ("²", "^2"), ("½", "1/2"), ("°", "deg"),
      ("─━", "-"), ("│┃", "|"), ("┌┐└┘├┤┬┴┼╭╮╰╯", "+"), ("█▓▒░", "#"), ("▶►▸", ">"), ("◀◂", "<"),
      ("▲▴", "^"), ("▼▾", "v"), ("✓✔", "+"), ("✕✗✘", "x"), ("■◆●", "*"), ("□○◇", "o"),
      ("àáâãäå", "a"), ("èéêë", "e"), ("ìíîï", "i"), ("òóôõöø", "o"), ("ùúûü", "u"), ("ç", "c"),
      ("ñ", "n"), ("ýÿ", "y"), ("ß", "ss"), ("æ", "ae"), ("œ", "oe"), ("ÀÁÂÃÄÅ", "A"),
      ("ÈÉÊË", "E"), ("ÌÍÎÏ", "I"), ("ÒÓÔÕÖ", "O"), ("ÙÚÛÜ", "U"), ("Ç", "C"), ("Ñ", "N"),
      ("€", "EUR"), ("£", "GBP"), ("©", "(c)"), ("®", "(r)"), ("™", "TM"), ("«", "<<"),
      ("»", ">>"),
    ]
    var table: [UInt32: String] = [:]
    for (characters, replacement) in pairs {
      for scalar in characters.unicodeScalars { table[scalar.value] = replacement }
    }
    return table
  }()
}
