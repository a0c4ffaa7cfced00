/// Parser of the header of a binary PPM picture, byte by byte: `P6`, width, height and 255,
/// separated by white space and `#` comments, and one white space byte before the pixels.
struct PPMHeader {
  private enum Field: Int {
    case magic, width, height, maximum

    var name: String {
      switch self {
      case .magic: "P6"
      case .width: "width"
      case .height: "height"
      case .maximum: "maximum value"
      }
    }
  }

  private(set) var width = 0
  private(set) var height = 0
  private var field = Field.magic
  private var bytesRead = 0
  private var number: Int?
  private var isInComment = false

  /// Whether no byte of the header has been read yet.
  var isEmpty: Bool { bytesRead == 0 }

  /// Name of the current header field, for error messages.
  var fieldName: String { field.name }

  /// Parses one byte; returns true after the last byte of the header.
  ///
  /// Sizes are checked here, before memory is allocated.
  mutating func consume(_ byte: UInt8, pixelLimit: Int) throws(PictureFault) -> Bool {
    bytesRead += 1
    if isInComment {
      isInComment = byte != UInt8(ascii: "\n") && byte != UInt8(ascii: "\r")
      return false
    }
    guard field != .magic else {
      try consumeMagic(byte)
      return false
    }
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"):
      // A digit must not follow the magic number directly, as in `P612`.
      guard bytesRead > 3 else { throw .badHeader(field: field.name, found: byte) }
      try append(digit: Int(byte - UInt8(ascii: "0")))
      return false
    case 9...13, UInt8(ascii: " "):
      return try endNumber(pixelLimit)
    // After the maximum value a `#` is an error: it is neither a comment nor white space.
    case UInt8(ascii: "#") where !(field == .maximum && number != nil):
      isInComment = true
      return try endNumber(pixelLimit)
    default:
      throw .badHeader(field: field.name, found: byte)
    }
  }

  private mutating func consumeMagic(_ byte: UInt8) throws(PictureFault) {
    let expected = bytesRead == 1 ? UInt8(ascii: "P") : UInt8(ascii: "6")
    guard byte == expected else { throw .notP6(found: byte) }
    if bytesRead == 2 { field = .width }
  }

  private mutating func append(digit: Int) throws(PictureFault) {
    let value = (number ?? 0) * 10 + digit
    // Nine digits exceed every limit without overflow.
    guard value < 1_000_000_000 else {
      throw .badHeader(field: field.name, found: UInt8(ascii: "0") + UInt8(digit))
    }
    number = value
  }

  private mutating func endNumber(_ pixelLimit: Int) throws(PictureFault) -> Bool {
    guard let value = number else { return false }
    number = nil
    switch field {
    case .magic: return false
    case .width:
      width = value
      field = .height
    case .height:
      height = value
      field = .maximum
      try checkSize(pixelLimit)
    case .maximum:
      guard value == 255 else { throw .maximumNot255(found: value) }
      return true
    }
    return false
  }

  private func checkSize(_ pixelLimit: Int) throws(PictureFault) {
    guard width > 0, height > 0 else { throw .emptySize(width: width, height: height) }
    guard width <= 1 << 20, height <= 1 << 20, width * height <= pixelLimit else {
      throw .tooLarge(width: width, height: height, pixelLimit: pixelLimit)
    }
  }
}
