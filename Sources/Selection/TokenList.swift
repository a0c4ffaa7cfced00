/// A set of video and audio tokens of a prompt, each given by its ordinal within its modality.
///
/// Ordinals count over the whole prompt, from 0; as text they count from 1, like on the screen:
/// `video:1-8,audio:3`.
public struct TokenList: Sendable, Equatable {
  /// Ordinals of the video and of the audio tokens.
  public private(set) var video, audio: Set<Int>

  /// An empty list.
  public init() { (video, audio) = ([], []) }

  public init(video: some Sequence<Int>) { (self.video, audio) = (Set(video), []) }

  public init(audio: some Sequence<Int>) { (video, self.audio) = ([], Set(audio)) }

  public init(video: some Sequence<Int>, audio: some Sequence<Int>) {
    (self.video, self.audio) = (Set(video), Set(audio))
  }

  public var isEmpty: Bool { video.isEmpty && audio.isEmpty }
  public var count: Int { video.count + audio.count }

  /// Ordinals of one modality; empty for text and images.
  public subscript(modality: Modality) -> Set<Int> {
    switch modality {
    case .video: video
    case .audio: audio
    case .text, .image: []
    }
  }

  /// Whether the token of a modality with this ordinal, from 0, is in the list.
  public func contains(_ modality: Modality, _ ordinal: Int) -> Bool {
    self[modality].contains(ordinal)
  }

  public func union(_ other: TokenList) -> TokenList {
    TokenList(video: video.union(other.video), audio: audio.union(other.audio))
  }

  public func subtracting(_ other: TokenList) -> TokenList {
    TokenList(video: video.subtracting(other.video), audio: audio.subtracting(other.audio))
  }

  public func intersection(_ other: TokenList) -> TokenList {
    TokenList(video: video.intersection(other.video), audio: audio.intersection(other.audio))
  }

  public func isSubset(of other: TokenList) -> Bool { subtracting(other).isEmpty }

  /// The tokens that a prompt with `counts` tokens has.
  public func within(_ counts: ModalityCounts) -> TokenList { subtracting(beyond(counts)) }

  /// The tokens beyond the ends of a prompt with `counts` tokens.
  func beyond(_ counts: ModalityCounts) -> TokenList {
    TokenList(
      video: video.filter { $0 >= counts.video }, audio: audio.filter { $0 >= counts.audio })
  }
}

// MARK: - Text

extension TokenList {
  /// Maximum ordinal in a text, from 1.
  public static let mostTokens = 10_000_000

  /// The entries of the list as text, ascending: `["video:1-8", "video:12", "audio:3"]`.
  public var entries: [String] {
    [(Modality.video, video), (.audio, audio)].flatMap { modality, ordinals in
      Self.runs(ordinals.sorted()).map { run in
        let first = "\(modality.rawValue):\(run.lowerBound + 1)"
        return run.count == 1 ? first : "\(first)-\(run.upperBound + 1)"
      }
    }
  }

  /// The list as text: `video:1-8,video:12,audio:3`; empty for an empty list.
  public var text: String { entries.joined(separator: ",") }

  /// Parses a list such as `video:1-8,audio:3`.
  /// - Throws: `ListTextError`.
  public init(_ text: String) throws(ListTextError) {
    try self.init(entries: ListText(text, entry: Entry.init).entries)
  }

  /// Parses entries such as `video:1-8`.
  /// - Throws: `ListTextError.unknownEntry`.
  public init(entries: [String]) throws(ListTextError) {
    var known: [Entry] = []
    for text in entries {
      guard let entry = Entry(text) else { throw .unknownEntry(text) }
      known.append(entry)
    }
    self.init(entries: known)
  }

  private init(entries: [Entry]) {
    func ordinals(_ modality: Modality) -> Set<Int> {
      entries.filter { $0.modality == modality }.reduce(into: []) { $0.formUnion($1.ordinals) }
    }
    self.init(video: ordinals(.video), audio: ordinals(.audio))
  }

  /// Runs of consecutive numbers in an ascending list.
  private static func runs(_ numbers: [Int]) -> [ClosedRange<Int>] {
    var runs: [ClosedRange<Int>] = []
    for number in numbers {
      if let last = runs.last, last.upperBound == number - 1 {
        runs[runs.count - 1] = last.lowerBound...number
      } else {
        runs.append(number...number)
      }
    }
    return runs
  }

  /// A range of tokens of one modality: `video:1-8` or `audio:3`.
  private struct Entry: Equatable {
    let modality: Modality
    let ordinals: Range<Int>

    init?(_ text: String) {
      let parts = text.split(separator: ":", omittingEmptySubsequences: false)
      guard parts.count == 2, let modality = Modality(rawValue: String(parts[0])),
        modality.isDroppable
      else { return nil }
      let ends = parts[1].split(separator: "-", omittingEmptySubsequences: false)
      let numbers = ends.compactMap { end in
        // `Int` would also accept a sign.
        end.first?.isNumber == true ? Int(end) : nil
      }
      guard 1...2 ~= ends.count, numbers.count == ends.count,
        let first = numbers.first, let last = numbers.last,
        first >= 1, last >= first, last <= TokenList.mostTokens
      else { return nil }
      self.modality = modality
      ordinals = first - 1..<last
    }
  }
}

/// In JSON a list of entries: `["video:1-8", "audio:3"]`.
extension TokenList: Codable {
  public init(from decoder: any Decoder) throws {
    let entries = try decoder.singleValueContainer().decode([String].self)
    do {
      try self.init(entries: entries)
    } catch {
      throw DecodingError.dataCorrupted(
        .init(codingPath: decoder.codingPath, debugDescription: "not a list of tokens"))
    }
  }

  public func encode(to encoder: any Encoder) throws {
    var value = encoder.singleValueContainer()
    try value.encode(entries)
  }
}
