/// Number and duration of the frames in a stream, from the packets of its container.
///
/// Parses lines of ffprobe such as `0.040000,0.000000,0.040000,K__`: presentation time, decoding
/// time and duration in seconds (`N/A` if unknown), and flags. Discarded packets (`_D_`) are
/// skipped. Lines with one field, such as `P`, are only counted.
struct PacketTimes {
  private(set) var count = 0
  /// Number of packets that are decoded but not shown, because of an edit list.
  private(set) var discarded = 0
  private var earliest = Double.infinity
  private var latest = -Double.infinity
  private var latestDuration: Double?
  private var lastDecoding: Double?
  /// Whether time stamps jump, as in concatenated recordings.
  private var isInterrupted = false
  private static let longestStep = 60.0
  private var line: [UInt8] = []
  /// Maximum length of a line in bytes.
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
    // Some formats have an empty last field.
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

  /// Duration in seconds from the start of the first frame to the end of the last; nil without
  /// valid time stamps. If the last frame's duration is missing, it is the average.
  var seconds: Double? {
    guard count > 1, !isInterrupted, latest > earliest else { return nil }
    let span = latest - earliest
    return span + (latestDuration.flatMap { $0 > 0 ? $0 : nil } ?? span / Double(count - 1))
  }
}
