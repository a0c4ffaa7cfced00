import Foundation

@testable import Terminal

extension Reader {
  static let screenReaders = [theme, keys, shownText]

  private static let theme = Reader(
    name: "theme", seeds: Seed.themes,
    bound: AllocationBound(fixed: 1 << 20, perByte: 200)
  ) { bytes in
    let source = String(decoding: bytes, as: UTF8.self)
    let library = ThemeLibrary([("a", "a.toml", source), ("b", "b.toml", "inherits = 'a'")])
    for name in library.names {
      for depth in ColorDepth.allCases { _ = library.theme(named: name)?.adapted(to: depth) }
    }
  }

  /// Whatever a terminal sends, at once and byte by byte.
  private static let keys = Reader(
    name: "keys",
    seeds: [
      "q", "\u{1B}[1;5A", "\u{1B}\u{1B}[200~x", "\u{1B}[<0;30;2M\u{1B}[M !!",
      "\u{1B}[200~a漢\r\u{1B}[201~b",
    ].map {
      Array($0.utf8)
    },
    bound: AllocationBound(fixed: 1 << 20, perByte: 250)
  ) { bytes in
    for isUTF8 in [true, false] {
      var decoder = KeyDecoder(keys: TerminalKeys.customary, isUTF8: isUTF8)
      var pieces = decoder
      // As much as is read at a time.
      for start in stride(from: 0, to: bytes.count, by: 4096) {
        let block = bytes[start..<min(start + 4096, bytes.count)]
        let events = decoder.take(block)
        guard start == 0 else { continue }
        for case .key(let key) in events { _ = (key.name, key.label) }
        let same = joined(block.flatMap { pieces.take([$0]) }) == joined(events)
        precondition(same, "pieces say something else")
      }
      for case .key(let key) in decoder.giveUp() { _ = (key.name, key.label) }
    }
    _ = Key(String(decoding: bytes, as: UTF8.self))
  }

  /// The events with a paste in one piece.
  private static func joined(_ events: [InputEvent]) -> [InputEvent] {
    var (all, paste): ([InputEvent], String?) = ([], nil)
    for event in events {
      if case .pasted(let text) = event {
        paste = (paste ?? "") + text
      } else {
        if let text = paste.take() { all.append(.pasted(text)) }
        all.append(event)
      }
    }
    return paste.map { all + [.pasted($0)] } ?? all
  }

  /// Titles, questions, answers on their way to the screen.
  private static let shownText = Reader(
    name: "shown-text",
    seeds: ["a\u{1B}[31m\u{202E}漢e\u{301}\u{302}\u{303}\u{1F468}\u{200D}", "one two  three"].map {
      Array($0.utf8)
    },
    bound: AllocationBound(fixed: 1 << 20, perByte: 250)
  ) { bytes in
    let text = String(decoding: bytes, as: UTF8.self)
    for ascii in [false, true] {
      let clean = CleanText(text, ascii: ascii)
      let isSafe = clean.shown.unicodeScalars.allSatisfy {
        $0.value >= 0x20 && !(0x7f..<0xa0 ~= $0.value) && (!ascii || $0.value < 0x7f)
      }
      precondition(isSafe, "a control character reaches the terminal")
      let width = 2 + text.utf8.count % 7
      precondition(clean.wrapped(to: width).allSatisfy { $0.width <= width })
    }
  }
}
