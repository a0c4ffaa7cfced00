/// Paired comparison of two files with answers: how much the accuracy of the second file differs
/// from that of the first.
public struct ResultsComparison: Sendable {
  /// Comparison of one method and budget of each file; the point is nil for lmms-eval samples.
  public struct Row: Sendable {
    public let first, second: SweepPoint.Key?
    public let rule: Rule
    /// Paired difference in accuracy; nil if no common question has scores.
    public let paired: PairedDifference?
    /// Whether standard errors are clustered by clip.
    public let isClustered: Bool
    /// Names of questions answered in only one of the files.
    public let onlyFirst, onlySecond: [String]
    /// Names of paired questions without a score in one of the files.
    public let unscored: [String]
    /// Names of paired questions with different text, choices or right answers, and of those with
    /// different media.
    public let otherWords, otherMedia: [String]
  }

  /// The key by which answers were paired.
  public enum Rule: String, Sendable, Encodable {
    case questions
    case documents
    case targets
  }

  public let first, second: ScoredFile
  /// Comparisons, one per method and budget.
  public let rows: [Row]
  /// Known differences in how the two files were computed; the first file's value is `wanted`.
  public let differences: [SweepDifference]

  /// Methods and budgets to compare; all by default.
  public struct Filter: Sendable, Equatable {
    public let methods: [String]?
    /// Nominal retentions to compare, in percent; full tokens are always included. Nil for all.
    public let retentions: [Double]?

    public init(methods: [String]? = nil, retentions: [Double]? = nil) {
      (self.methods, self.retentions) = (methods, retentions)
    }

    func accepts(_ point: SweepPoint.Key) -> Bool {
      let isWanted = retentions.map { $0.contains(point.retention) } ?? true
      return (methods.map { $0.contains(point.method) } ?? true)
        && (isWanted || point.method == "full")
    }
  }

  /// Compares two files.
  /// - Throws: `ResultsComparisonError`.
  public init(
    _ first: ScoredFile, _ second: ScoredFile, _ filter: Filter = Filter()
  ) throws(ResultsComparisonError) {
    (self.first, self.second) = (first, second)
    if filter != Filter(), first.points.isEmpty, second.points.isEmpty { throw .nothingToFilter }
    let groups = try Self.partners(first, second, filter)
    var rows: [Row] = []
    for (one, other) in groups { rows.append(try Row(one, other, first, second)) }
    self.rows = rows
    if case .sweep(let header) = first.kind, case .sweep(let other) = second.kind {
      differences = other.differences(from: header)
    } else {
      differences = []
    }
  }

  /// Pairs of groups to compare: equal method and budget, and equal settings if there are several.
  /// lmms-eval samples are compared with every group of the other file. If the files have no common
  /// method, see `unmatchedGroups`.
  static func partners(
    _ first: ScoredFile, _ second: ScoredFile, _ filter: Filter
  ) throws(ResultsComparisonError) -> [(ScoredFile.Group, ScoredFile.Group)] {
    let own = try groups(first, filter, besides: second)
    let other = try groups(second, filter, besides: first)
    if own.contains(where: { $0.point == nil }) || other.contains(where: { $0.point == nil }) {
      return own.flatMap { one in other.map { (one, $0) } }
    }
    var pairs: [(ScoredFile.Group, ScoredFile.Group)] = []
    for one in own {
      let same = other.filter {
        $0.point?.method == one.point?.method && $0.point?.retention == one.point?.retention
      }
      let alike = same.filter { $0.point?.settings == one.point?.settings }
      let rivals = own.count {
        $0.point?.method == one.point?.method && $0.point?.retention == one.point?.retention
      }
      if let partner = alike.first {
        pairs.append((one, partner))
      } else if same.count == 1, rivals == 1 {
        pairs.append((one, same[0]))
      }
    }
    // Every sweep contains full tokens, so they are not a common method here.
    if !pairs.contains(where: { Self.isSwept($0.0) }) {
      pairs += Self.unmatchedGroups(own.filter(Self.isSwept), other.filter(Self.isSwept))
    }
    guard !pairs.isEmpty else {
      throw .noCommonPoints(first: own.compactMap(\.point), second: other.compactMap(\.point))
    }
    return pairs
  }

  /// Pairs of groups with different methods: at each budget with one group per file, or the only
  /// group of each file.
  private static func unmatchedGroups(
    _ own: [ScoredFile.Group], _ other: [ScoredFile.Group]
  ) -> [(ScoredFile.Group, ScoredFile.Group)] {
    let sameBudget = own.compactMap { one -> (ScoredFile.Group, ScoredFile.Group)? in
      let isRival = { (group: ScoredFile.Group) in
        group.point?.retention == one.point?.retention
      }
      let rivals = other.filter(isRival)
      return own.count(where: isRival) == 1 && rivals.count == 1 ? (one, rivals[0]) : nil
    }
    if sameBudget.isEmpty, own.count == 1, other.count == 1 { return [(own[0], other[0])] }
    return sameBudget
  }

  private static func isSwept(_ group: ScoredFile.Group) -> Bool { group.point?.method != "full" }

  static func groups(
    _ file: ScoredFile, _ filter: Filter, besides other: ScoredFile
  ) throws(ResultsComparisonError) -> [ScoredFile.Group] {
    let known = Set((file.points + other.points).map(\.method))
    if let unknown = filter.methods?.first(where: { !known.contains($0) }), !known.isEmpty {
      throw .noSuchMethod(unknown, there: known.sorted())
    }
    let groups = file.groups.filter { $0.point.map(filter.accepts) ?? true }
    guard groups.contains(where: { !$0.answers.isEmpty }) else {
      throw .nothingLeft(file: file.path, there: file.points)
    }
    return groups
  }
}

extension ResultsComparison.Row {
  fileprivate init(
    _ first: ScoredFile.Group, _ second: ScoredFile.Group, _ firstFile: ScoredFile,
    _ secondFile: ScoredFile
  ) throws(ResultsComparisonError) {
    let pairing: AnswerPairing
    do throws(AnswerPairing.Problem) {
      pairing = try AnswerPairing(first.answers, second.answers)
    } catch {
      throw Self.comparisonError(error, firstFile.path, secondFile.path)
    }
    (self.first, self.second) = (first.point, second.point)
    rule =
      switch pairing.rule {
      case .questions: .questions
      case .documents: .documents
      case .targets: .targets
      }
    (otherWords, otherMedia) = (pairing.otherWords, pairing.otherMedia)
    let (mine, theirs) = (Set(pairing.pairs.map(\.first)), Set(pairing.pairs.map(\.second)))
    onlyFirst = Self.names(first.answers, without: mine)
    onlySecond = Self.names(second.answers, without: theirs)
    var unscored: [String] = []
    var pairs: [PairedDifference.Pair] = []
    var isClustered = false
    for (one, other) in pairing.pairs {
      let (own, rival) = (first.answers[one], second.answers[other])
      guard let score = own.score, let rivalScore = rival.score else {
        unscored.append(own.name)
        continue
      }
      let clip = own.clip ?? rival.clip
      isClustered = isClustered || clip != nil
      pairs.append(
        .init(
          cluster: clip.map { "clip \($0)" } ?? "question \(one)", score: rivalScore,
          baseline: score))
    }
    (self.unscored, self.isClustered) = (unscored, isClustered)
    paired = PairedDifference(pairs)
  }

  static func comparisonError(
    _ problem: AnswerPairing.Problem, _ first: String, _ second: String
  ) -> ResultsComparisonError {
    switch problem {
    case .nothingInCommon: .nothingInCommon(first: first, second: second)
    case .otherTargets(let count, let all):
      .otherTargets(first: first, second: second, count: count, of: all)
    case .noDocuments(let isFirst): .noDocuments(file: isFirst ? first : second)
    }
  }

  private static func names(_ answers: [ScoredAnswer], without paired: Set<Int>) -> [String] {
    answers.enumerated().filter { !paired.contains($0.offset) }.map(\.element.name)
  }
}

/// Errors of comparing two files with answers.
public enum ResultsComparisonError: Error, Sendable, Equatable {
  case unreadable(file: String, reason: String)
  /// The file contains neither sweep results nor lmms-eval samples.
  case neither(file: String, line: Int)
  /// A line among lmms-eval samples is invalid.
  case badSample(file: String, line: Int)
  case noMetric(file: String, String, there: [String])
  /// A metric was given, but neither file has lmms-eval samples.
  case noSamples
  /// Methods or budgets were given, but neither file has sweep results.
  case nothingToFilter
  /// Neither file has results of the method; `there` lists the methods present.
  case noSuchMethod(String, there: [String])
  /// No answers of the file match the given methods and budgets.
  case nothingLeft(file: String, there: [SweepPoint.Key])
  case noCommonPoints(first: [SweepPoint.Key], second: [SweepPoint.Key])
  case nothingInCommon(first: String, second: String)
  /// Documents with equal ids have different right answers.
  case otherTargets(first: String, second: String, count: Int, of: Int)
  /// The results have no document ids.
  case noDocuments(file: String)
  /// The file has one set of answers, with which nothing else is compared.
  case oneGroup(file: String)
  /// The file has no answers of the baseline method; `there` lists the methods present.
  case noBaseline(file: String, method: String, there: [String])
}
