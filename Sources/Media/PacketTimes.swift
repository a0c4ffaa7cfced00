/// Counts the frames that a container promises, and finds the time that they cover.
///
/// Reads lines of ffprobe such as `0.040000,0.000000,0.040000,K__`: time of presentation, time of
/// decoding and duration in seconds (`N/A` where unknown), flags. Packets that are to be discarded
/// (`_D_`) are passed over. Also reads lines of one field, such as `P`, which it only counts.
struct PacketTimes {
  private(set) var count = 0
  /// How many are decoded but not shown, as an edit list asks.
  private(set) var discarded = 0
  private var earliest = Double.infinity
  private var latest = -Double.infinity
  private var latestDuration: Double?
  private var lastDecoding: Double?
  /// Whether the clock of the stream was set in between, as in recordings put one behind the other.
  private var isInterrupted = false
  private static let longestStep = 60.0
  private var line: [UInt8] = []
  /// Longer lines are none of ffprobe's.
  private static let longestLine = 200

  mutating func read(_ piece: RawSpan) {
    for offset in piece.byteOffsets {
      let byte = piece.unsafeLoad(fromByteOffset: offset, as: UInt8.self)
      if byte == UInt8(ascii: "\n") {
        readLine()
        line.removeAll(keepingCapacity: true)
      } else if line.count < Self.longestLine {
        line.append(byte)
      }
    }
  }

  private mutating func readLine() {
    // Some formats end every line with an empty field.
    let fields = line.split(separator: UInt8(ascii: ","))
    guard let flags = fields.last else { return }
    guard !flags.contains(UInt8(ascii: "D")) else {
      discarded += 1
      return
    }
    count += 1
    guard fields.count >= 4 else { return }
    let times = fields.prefix(3).map { Self.seconds($0) }
    if let decoding = times[1] {
      let step = decoding - (lastDecoding ?? decoding)
      isInterrupted = isInterrupted || step < 0 || step > Self.longestStep
      lastDecoding = decoding
    }
    guard let time = times[0] ?? times[1] else { return }
    earliest = min(earliest, time)
    guard time >= latest else { return }
    latest = time
    latestDuration = times[2]
  }

  private static func seconds(_ field: ArraySlice<UInt8>) -> Double? {
    Double(String(decoding: field, as: UTF8.self)).flatMap { $0.isFinite ? $0 : nil }
  }

  /// From the first frame's beginning to the last one's end, which lasts as long as the others do
  /// on average where the container does not say; nil without time stamps that make sense.
  var seconds: Double? {
    guard count > 1, !isInterrupted, latest > earliest else { return nil }
    let span = latest - earliest
    return span + (latestDuration.flatMap { $0 > 0 ? $0 : nil } ?? span / Double(count - 1))
  }
}
