import Foundation

/// A compiled terminfo entry (term(5)), which can be extended by direct colours. Everything else in
/// it, such as the sequences of the keys, stays as it is.
///
/// Many terminals know colours by their components and say so in `COLORTERM`, while their terminfo
/// entry has 256 colours. The extended entry is given to curses in the variable `TERMINFO` as text;
/// no file is written, and the palette of the terminal is not changed.
struct TerminalDescription: Equatable {
  private var names: [UInt8]
  private var flags: [UInt8]
  private var numbers: [Int32]
  private var strings: [[UInt8]?]
  /// Capabilities beyond the standard ones, with their names.
  private var extraFlags: [UInt8] = []
  private var extraNumbers: [Int32] = []
  private var extraStrings: [[UInt8]?] = []
  private var extraNames: [[UInt8]] = []

  /// Reads a compiled entry; nil if it is damaged.
  init?(_ bytes: [UInt8]) {
    var reader = EntryReader(bytes)
    guard let magic = reader.short(), let wide = Self.widths[magic] else { return nil }
    guard let sizes = reader.shorts(5), sizes.allSatisfy({ $0 >= 0 }),
      let names = reader.take(sizes[0]), let flags = reader.take(sizes[1])
    else { return nil }
    (self.names, self.flags) = (names, flags)
    reader.align()
    guard let numbers = reader.numbers(sizes[2], wide: wide), let offsets = reader.shorts(sizes[3]),
      let table = reader.take(sizes[4]), let strings = Self.strings(offsets, table)
    else { return nil }
    (self.numbers, self.strings) = (numbers, strings)
    reader.align()
    guard reader.isAtEnd || readExtras(&reader, wide: wide) else { return nil }
  }

  /// Whether the numbers of an entry have 32 bits, by its first two bytes.
  private static let widths = [0o432: false, 0o1036: true]

  private mutating func readExtras(_ reader: inout EntryReader, wide: Bool) -> Bool {
    guard let sizes = reader.shorts(5), sizes.allSatisfy({ $0 >= 0 }),
      let flags = reader.take(sizes[0])
    else { return false }
    reader.align()
    guard let numbers = reader.numbers(sizes[1], wide: wide), let offsets = reader.shorts(sizes[2]),
      let nameOffsets = reader.shorts(sizes[0] + sizes[1] + sizes[2]),
      let table = reader.take(sizes[4]), let strings = Self.strings(offsets, table)
    else { return false }
    let start = strings.reduce(0) { $0 + ($1.map { $0.count + 1 } ?? 0) }
    guard start <= table.count,
      let found = Self.strings(nameOffsets, Array(table[start...]))
    else { return false }
    let names = found.compactMap(\.self)
    guard names.count == nameOffsets.count else { return false }
    (extraFlags, extraNumbers, extraStrings, extraNames) = (flags, numbers, strings, names)
    return true
  }

  /// Strings of a table, which end with 0; nil if one does not.
  private static func strings(_ offsets: [Int], _ table: [UInt8]) -> [[UInt8]?]? {
    var strings: [[UInt8]?] = []
    for offset in offsets {
      guard offset >= 0 else {
        strings.append(nil)
        continue
      }
      guard offset < table.count, let end = table[offset...].firstIndex(of: 0) else { return nil }
      strings.append(Array(table[offset..<end]))
    }
    return strings
  }
}

// MARK: - Direct colours

extension TerminalDescription {
  /// Places of the capabilities colors, pairs, setaf and setab in an entry.
  private static let (colors, pairs, foreground, background) = (13, 14, 359, 360)

  /// The entry with direct colours: numbers up to 255 are the palette, others red × 65536 + green ×
  /// 256 + blue. Nil if the terminal has fewer than 256 colours.
  var withDirectColor: TerminalDescription? {
    guard numbers.count > Self.pairs, numbers[Self.colors] >= 256,
      strings.count > Self.background
    else { return nil }
    var entry = self
    entry.numbers[Self.colors] = Int32(ColorDepth.direct.rawValue)
    entry.numbers[Self.pairs] = max(numbers[Self.pairs], 0x10000)
    entry.strings[Self.foreground] = Self.sequence(normal: 3, bright: 9, other: 38)
    entry.strings[Self.background] = Self.sequence(normal: 4, bright: 10, other: 48)
    let flag = Array("RGB".utf8)
    if !extraNames.prefix(extraFlags.count).contains(flag) {
      var named = Array(zip(extraNames, extraFlags))
      named.append((flag, 1))
      named.sort { $0.0.lexicographicallyPrecedes($1.0) }
      entry.extraFlags = named.map { $0.1 }
      entry.extraNames = named.map { $0.0 } + extraNames.dropFirst(extraFlags.count)
    }
    return entry
  }

  /// The sequence that sets a colour, in the language of terminfo(5).
  private static func sequence(normal: Int, bright: Int, other: Int) -> [UInt8] {
    let red = "%p1%{65536}%/%d"
    let green = "%p1%{256}%/%{255}%&%d"
    let blue = "%p1%{255}%&%d"
    let text =
      "\u{1b}[%?%p1%{8}%<%t\(normal)%p1%d%e%p1%{16}%<%t\(bright)%p1%{8}%-%d"
      + "%e%p1%{256}%<%t\(other);5;%p1%d%e\(other);2;\(red);\(green);\(blue)%;m"
    return Array(text.utf8)
  }

  /// The compiled entry, with numbers of 32 bits.
  var compiled: [UInt8] {
    let (offsets, table) = Self.packed(strings)
    var bytes: [UInt8] = []
    for size in [0o1036, names.count, flags.count, numbers.count, strings.count, table.count] {
      bytes.append(short: size)
    }
    bytes += names + flags
    bytes.align()
    for number in numbers { bytes.append(number: number) }
    for offset in offsets { bytes.append(short: offset) }
    bytes += table
    bytes.align()
    return bytes + extras
  }

  private var extras: [UInt8] {
    let (offsets, table) = Self.packed(extraStrings)
    let (nameOffsets, nameTable) = Self.packed(extraNames)
    var bytes: [UInt8] = []
    let sizes = [
      extraFlags.count, extraNumbers.count, extraStrings.count, offsets.count + nameOffsets.count,
      table.count + nameTable.count,
    ]
    for size in sizes { bytes.append(short: size) }
    bytes += extraFlags
    bytes.align()
    for number in extraNumbers { bytes.append(number: number) }
    for offset in offsets + nameOffsets { bytes.append(short: offset) }
    return bytes + table + nameTable
  }

  private static func packed(_ strings: [[UInt8]?]) -> (offsets: [Int], table: [UInt8]) {
    var table: [UInt8] = []
    let offsets = strings.map { string -> Int in
      guard let string else { return -1 }
      defer { table += string + [0] }
      return table.count
    }
    return (offsets, table)
  }
}

// MARK: - Finding and using an entry

extension TerminalDescription {
  /// The entry of a terminal type in the directories that curses searches; nil if it is in none.
  static func find(_ name: String, environment: [String: String]) -> TerminalDescription? {
    guard let first = name.utf8.first, !name.contains("/") else { return nil }
    var folders = [environment["TERMINFO"], environment["HOME"].map { $0 + "/.terminfo" }]
    folders += (environment["TERMINFO_DIRS"] ?? "").split(separator: ":").map(String.init)
    folders += [
      "/etc/terminfo", "/lib/terminfo", "/usr/share/terminfo", "/usr/lib/terminfo",
      "/usr/local/share/terminfo",
    ]
    for folder in folders.compactMap(\.self) where folder.hasPrefix("/") {
      for part in [String(name.prefix(1)), String(first, radix: 16)] {
        let file = URL(filePath: "\(folder)/\(part)/\(name)").resolvingSymlinksInPath()
        let values = try? file.resourceValues(forKeys: [.isRegularFileKey, .fileSizeKey])
        guard values?.isRegularFile == true, values?.fileSize ?? .max <= 1 << 15,
          let bytes = try? Data(contentsOf: file)
        else { continue }
        return TerminalDescription([UInt8](bytes))
      }
    }
    return nil
  }

  /// Opens a terminal while this entry is in the variable `TERMINFO`.
  func inForce<Screen>(_ environment: [String: String], _ open: () -> Screen) -> Screen {
    setenv("TERMINFO", "b64:" + Data(compiled).base64EncodedString(), 1)
    defer {
      if let before = environment["TERMINFO"] {
        setenv("TERMINFO", before, 1)
      } else {
        unsetenv("TERMINFO")
      }
    }
    return open()
  }
}

/// Reads numbers of a compiled entry, which are little-endian.
private struct EntryReader {
  private let bytes: [UInt8]
  private var at = 0

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  var isAtEnd: Bool { at >= bytes.count }

  mutating func align() { at += at % 2 }

  mutating func take(_ count: Int) -> [UInt8]? {
    guard count >= 0, at + count <= bytes.count else { return nil }
    defer { at += count }
    return Array(bytes[at..<at + count])
  }

  mutating func short() -> Int? {
    take(2).map { Int(Int16(truncatingIfNeeded: Int($0[0]) | Int($0[1]) << 8)) }
  }

  mutating func shorts(_ count: Int) -> [Int]? {
    var values: [Int] = []
    for _ in 0..<max(0, count) {
      guard let value = short() else { return nil }
      values.append(value)
    }
    return values
  }

  mutating func numbers(_ count: Int, wide: Bool) -> [Int32]? {
    guard wide else { return shorts(count).map { $0.map(Int32.init) } }
    guard let bytes = take(4 * count) else { return nil }
    return (0..<count).map { index in
      var value: UInt32 = 0
      for byte in bytes[4 * index..<4 * index + 4].reversed() { value = value << 8 | UInt32(byte) }
      return Int32(bitPattern: value)
    }
  }
}

extension [UInt8] {
  fileprivate mutating func append(short value: Int) {
    append(UInt8(truncatingIfNeeded: value))
    append(UInt8(truncatingIfNeeded: value >> 8))
  }

  fileprivate mutating func append(number value: Int32) {
    for shift in [0, 8, 16, 24] as [Int32] { append(UInt8(truncatingIfNeeded: value >> shift)) }
  }

  fileprivate mutating func align() {
    if count % 2 != 0 { append(0) }
  }
}
