/// The generated answer of a run so far. A copy with more tokens shares memory with the original.
public struct AnswerRecord: Sendable, Equatable {
  /// One of the most probable first tokens, with its logit.
  public struct Candidate: Sendable, Equatable, Codable {
    public let id: Int
    /// Text of the token; may contain control characters.
    public let text: String
    public let logit: Float

    public init(id: Int, text: String, logit: Float) {
      self.id = id
      self.text = text
      self.logit = logit
    }
  }

  private var ids: GrowingList<Int>
  /// UTF-8 bytes of the answer's text.
  private var bytes: GrowingList<UInt8>
  /// The five most probable first tokens, in descending order.
  public private(set) var topLogits: [Candidate]
  /// Wall time per generated token after the first, in milliseconds; nil before the second token.
  public private(set) var millisecondsPerToken: Double?
  public private(set) var isComplete: Bool

  public init(
    text: String, tokenIDs: [Int], topLogits: [Candidate], millisecondsPerToken: Double?,
    isComplete: Bool
  ) {
    ids = GrowingList(tokenIDs)
    bytes = GrowingList(text.utf8)
    self.topLogits = topLogits
    self.millisecondsPerToken = millisecondsPerToken
    self.isComplete = isComplete
  }

  /// The answer before the first token.
  public static let empty = AnswerRecord(
    text: "", tokenIDs: [], topLogits: [], millisecondsPerToken: nil, isComplete: false)

  /// Decoded text without special tokens; may contain control characters. O(length).
  public var text: String { String(decoding: bytes.elements, as: UTF8.self) }
  /// Token ids of the answer. O(count).
  public var tokenIDs: [Int] { ids.elements }
  public var tokenCount: Int { ids.count }
  public var lastTokenID: Int? { ids.last }
  /// Length of the text, in UTF-8 bytes.
  var byteCount: Int { bytes.count }
}

/// Difference between an answer and an earlier one.
public struct AnswerGrowth: Sendable, Equatable {
  public let keptIDs: Int
  public let ids: [Int]
  /// Number of bytes kept from the earlier text; ends between Unicode scalars.
  public let keptBytes: Int
  public let bytes: [UInt8]
  public let topLogits: [AnswerRecord.Candidate]
  public let millisecondsPerToken: Double?
  public let isComplete: Bool

  public init(
    keptIDs: Int, ids: [Int], keptBytes: Int, bytes: [UInt8],
    topLogits: [AnswerRecord.Candidate], millisecondsPerToken: Double?, isComplete: Bool
  ) {
    self.keptIDs = keptIDs
    self.ids = ids
    self.keptBytes = keptBytes
    self.bytes = bytes
    self.topLogits = topLogits
    self.millisecondsPerToken = millisecondsPerToken
    self.isComplete = isComplete
  }
}

extension AnswerRecord {
  /// The difference from `other`. O(added tokens) if this answer was grown from it.
  public func growth(since other: AnswerRecord) -> AnswerGrowth {
    let keptIDs = ids.commonPrefix(with: other.ids)
    var keptBytes = bytes.commonPrefix(with: other.bytes)
    while keptBytes > 0, Self.continues(bytes, keptBytes) || Self.continues(other.bytes, keptBytes)
    {
      keptBytes -= 1
    }
    return AnswerGrowth(
      keptIDs: keptIDs, ids: ids.suffix(from: keptIDs), keptBytes: keptBytes,
      bytes: bytes.suffix(from: keptBytes), topLogits: topLogits,
      millisecondsPerToken: millisecondsPerToken, isComplete: isComplete)
  }

  public func grown(by growth: AnswerGrowth) -> AnswerRecord {
    var record = self
    record.ids.truncate(to: growth.keptIDs)
    record.ids.append(contentsOf: growth.ids)
    record.bytes.truncate(to: growth.keptBytes)
    record.bytes.append(contentsOf: growth.bytes)
    record.topLogits = growth.topLogits
    record.millisecondsPerToken = growth.millisecondsPerToken
    record.isComplete = growth.isComplete
    return record
  }

  /// Byte offset of the last `count` Unicode scalars; nil if the text has fewer.
  public func start(ofLastScalars count: Int) -> Int? {
    guard count >= 0, count <= bytes.count else { return nil }
    var start = bytes.count
    for _ in 0..<count {
      guard start > 0 else { return nil }
      repeat { start -= 1 } while start > 0 && Self.continues(bytes, start)
    }
    return start
  }

  /// Number of Unicode scalars of the text from byte `start` on.
  public func scalarCount(from start: Int) -> Int {
    (start..<bytes.count).count { !Self.continues(bytes, $0) }
  }

  /// Whether the byte is a UTF-8 continuation byte.
  private static func continues(_ bytes: GrowingList<UInt8>, _ index: Int) -> Bool {
    index < bytes.count && bytes[index] & 0xc0 == 0x80
  }
}

extension AnswerRecord: Codable {
  private enum CodingKeys: CodingKey {
    case text, tokenIDs, topLogits, millisecondsPerToken, isComplete
  }

  public init(from decoder: any Decoder) throws {
    let keys = try decoder.container(keyedBy: CodingKeys.self)
    self.init(
      text: try keys.decode(String.self, forKey: .text),
      tokenIDs: try keys.decode([Int].self, forKey: .tokenIDs),
      topLogits: try keys.decode([Candidate].self, forKey: .topLogits),
      millisecondsPerToken: try keys.decodeIfPresent(Double.self, forKey: .millisecondsPerToken),
      isComplete: try keys.decode(Bool.self, forKey: .isComplete))
  }

  public func encode(to encoder: any Encoder) throws {
    var keys = encoder.container(keyedBy: CodingKeys.self)
    try keys.encode(text, forKey: .text)
    try keys.encode(tokenIDs, forKey: .tokenIDs)
    try keys.encode(topLogits, forKey: .topLogits)
    try keys.encodeIfPresent(millisecondsPerToken, forKey: .millisecondsPerToken)
    try keys.encode(isComplete, forKey: .isComplete)
  }
}
