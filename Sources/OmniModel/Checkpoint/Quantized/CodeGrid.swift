/// The codes of a quantised matrix: small integers or 8-bit floats in rows and columns, stored in
/// one of several packings.
struct CodeGrid: Sendable {
  enum Packing: Sendable, Equatable {
    /// Codes packed along the columns in little-endian 32-bit words: code j of a row starts at bit
    /// j · bits of the row's words and may continue in the next word. [rows, ⌈columns · bits /
    /// 32⌉].
    case alongColumns(bits: Int)
    /// Codes packed along the rows in 32-bit words: [⌈rows · bits / 32⌉, columns].
    case alongRows(bits: Int)
    /// AutoAWQ's 4-bit codes, eight columns per word in the order 0, 2, 4, 6, 1, 3, 5, 7: [rows,
    /// columns / 8].
    case awq
    /// 8-bit integer codes from −128 to 127.
    case signedBytes
    /// 8-bit float codes with four bits of exponent and three of mantissa, no infinity
    /// (`float8_e4m3fn`).
    case float8
  }

  var part: StoredPart
  let rows, columns: Int
  let packing: Packing
  /// Number subtracted from every packed code when it is decoded.
  var offset: Int32 = 0
  /// Whether 1 was subtracted from every code before packing, as in GPTQ's first format. If codes
  /// do not cross words, it was subtracted from the whole words, with borrows.
  var isLessOne = false

  /// The decoded code at a row and column, before scaling.
  func value(_ row: Int, _ column: Int) -> Float {
    switch packing {
    case .alongColumns(let bits):
      return Float(field(column * bits, bits, word: row * wordsPerRow, stride: 1) - offset)
    case .alongRows(let bits):
      return Float(field(row * bits, bits, word: column, stride: columns) - offset)
    case .awq:
      let word = self.word(row * (columns / 8) + column / 8)
      return Float(Int32(word >> Self.awqShift(column & 7) & 15) - offset)
    case .signedBytes:
      return Float(
        part.bytes.loadUnaligned(
          fromByteOffset: row * columns + column, as: Int8.self))
    case .float8: return Float8.values[Int(part.bytes[row * columns + column])]
    }
  }

  /// Decodes rows to floats, row-major.
  func write(rows range: Range<Int>, to floats: UnsafeMutablePointer<Float>) {
    var next = floats
    for row in range {
      switch packing {
      case .signedBytes:
        let bytes = part.bytes
        for column in 0..<columns {
          next[column] = Float(Int8(bitPattern: bytes[row * columns + column]))
        }
      case .float8:
        let bytes = part.bytes
        Float8.values.withUnsafeBufferPointer { values in
          for column in 0..<columns { next[column] = values[Int(bytes[row * columns + column])] }
        }
      case .alongColumns(let bits) where 8 % bits == 0:
        let bytes = part.bytes
        let (start, mask) = (row * wordsPerRow * 4, UInt8(truncatingIfNeeded: (1 << bits) - 1))
        for column in 0..<columns {
          let bit = column * bits
          let field = bytes[start + bit >> 3] >> UInt8(truncatingIfNeeded: bit & 7) & mask
          next[column] = Float(Int32(field) - offset)
        }
      default:
        for column in 0..<columns { next[column] = value(row, column) }
      }
      next += columns
    }
  }

  /// Decodes columns to floats, each written as a row.
  func write(columns range: Range<Int>, to floats: UnsafeMutablePointer<Float>) {
    for row in 0..<rows {
      switch packing {
      case .alongRows(let bits) where 32 % bits == 0 && !isLessOne:
        let (bytes, mask) = (part.bytes, UInt32(1) << UInt32(bits) &- 1)
        let (line, shift) = (row * bits / 32 * columns, UInt32(row * bits % 32))
        for (place, column) in range.enumerated() {
          let word = bytes.loadUnaligned(fromByteOffset: 4 * (line + column), as: UInt32.self)
          floats[place * rows + row] = Float(Int32(word.littleEndian >> shift & mask) - offset)
        }
      default:
        for (place, column) in range.enumerated() {
          floats[place * rows + row] = value(row, column)
        }
      }
    }
  }

  private var wordsPerRow: Int {
    if case .alongColumns(let bits) = packing { (columns * bits + 31) / 32 } else { columns }
  }

  /// Bit position of a column (0…7) within a word of AutoAWQ.
  private static func awqShift(_ column: Int) -> UInt32 {
    UInt32(4 * (column % 2 == 0 ? column / 2 : 4 + column / 2))
  }

  private func word(_ index: Int) -> UInt32 {
    part.bytes.loadUnaligned(fromByteOffset: 4 * index, as: UInt32.self).littleEndian
  }

  /// The code at a bit offset in a sequence of 32-bit words.
  private func field(_ bit: Int, _ bits: Int, word first: Int, stride: Int) -> Int32 {
    let (index, shift) = (first + bit / 32 * stride, bit % 32)
    let mask = UInt32(1) << UInt32(bits) &- 1
    if isLessOne, 32 % bits == 0 {
      let ones = UInt32.max / mask
      return Int32((word(index) &+ ones) >> UInt32(shift) & mask)
    }
    var field = word(index) >> UInt32(shift)
    if shift + bits > 32 { field |= word(index + stride) << UInt32(32 - shift) }
    return Int32((isLessOne ? field &+ 1 : field) & mask)
  }
}

/// The 8-bit float type `float8_e4m3fn`.
enum Float8 {
  /// The float value of each of the 256 codes.
  static let values: [Float] = (0..<256).map { code in
    let (exponent, mantissa) = (code >> 3 & 15, Float(code & 7))
    let size: Float =
      switch (exponent, code & 7) {
      case (15, 7): .nan
      case (0, _): mantissa / 512
      default: (1 + mantissa / 8) * Float(sign: .plus, exponent: exponent - 7, significand: 1)
      }
    return code & 128 == 0 ? size : -size
  }
}
