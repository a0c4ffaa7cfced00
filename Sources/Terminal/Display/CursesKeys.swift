import CCurses

/// The curses numbers of the keys we know.
enum CursesKeys {
  static let table: [UInt32: Key] = {
    var table: [UInt32: Key] = [
      UInt32(KEY_UP): .up, UInt32(KEY_DOWN): .down, UInt32(KEY_LEFT): .left,
      UInt32(KEY_RIGHT): .right, UInt32(KEY_PPAGE): .pageUp, UInt32(KEY_NPAGE): .pageDown,
      UInt32(KEY_HOME): .home, UInt32(KEY_END): .end, UInt32(KEY_BTAB): .backTab,
      UInt32(KEY_ENTER): .enter, UInt32(KEY_BACKSPACE): .backspace, UInt32(KEY_DC): .delete,
      UInt32(KEY_IC): .insert,
    ]
    for number in 1...12 { table[UInt32(cc_key_function(Int32(number)))] = .function(number) }
    return table
  }()
}
