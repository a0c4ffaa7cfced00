import Foundation
import Selection

/// A row of the ledger: a finished or predicted step.
public struct LedgerEntry: Sendable {
  public let step: PrefillStep
  public let entering: ModalityCounts
  /// Tokens left after the step; nil if unknown.
  public let leaving: ModalityCounts?
  /// Nil before the step has run.
  public let record: StepRecord?
  /// Kind of drop after the step.
  public let drop: DropRecord.Kind?
  /// Milliseconds of a running step so far.
  public let runningMilliseconds: Double?
  /// Milliseconds of the layer with full tokens, if run.
  public let fullMilliseconds: Double?
  /// Number of prompt tokens.
  public let promptTokens: Int

  public init(
    step: PrefillStep, entering: ModalityCounts, leaving: ModalityCounts?, record: StepRecord?,
    drop: DropRecord.Kind?, runningMilliseconds: Double?, fullMilliseconds: Double?,
    promptTokens: Int
  ) {
    self.step = step
    self.entering = entering
    self.leaving = leaving
    self.record = record
    self.drop = drop
    self.runningMilliseconds = runningMilliseconds
    self.fullMilliseconds = fullMilliseconds
    self.promptTokens = promptTokens
  }

  init(_ record: StepRecord) {
    self.init(
      step: record.step, entering: record.entering, leaving: record.leaving, record: record,
      drop: record.drop?.kind, runningMilliseconds: nil, fullMilliseconds: nil,
      promptTokens: record.entering.total)
  }

  /// Tokens dropped after the step; nil without a drop.
  fileprivate var dropped: Int? {
    guard let leaving else { return nil }
    let count = max(0, entering.total - leaving.total)
    // Counts may be known without the survivors.
    return drop != nil || (record != nil && count > 0) ? count : nil
  }
}

/// A column of the ledger, used by the screen, `report` (text, CSV) and exports. A new column is
/// one value in `all`.
public struct LedgerColumn: Sendable {
  public typealias Format = @Sendable (Double) -> String

  /// Title and number format of a column in one output.
  struct Output: Sendable {
    let title: String
    let format: Format

    init(_ title: String, _ format: @escaping Format) {
      (self.title, self.format) = (title, format)
    }
  }

  /// Title and format on the screen.
  public struct Screen: Sendable {
    /// How the role of a cell is chosen.
    public enum Style: Sendable {
      /// Tokens of a modality; predictions are marked.
      case tokens(Modality)
      /// Dropped tokens, with the symbol of the drop.
      case drop
      case time
      case plain
      /// Numbers of another run; the column is hidden without them.
      case comparison
    }

    public let title: String
    /// In characters.
    public let width: Int
    /// Columns with the lowest priority are hidden first.
    public let priority: Int
    public let style: Style
    public let format: Format
  }

  let text, csv, markdown: Output?
  /// Whether it counts audio tokens; hidden for models that take no sound.
  public private(set) var isAudio = false
  public let screen: Screen?
  /// The number of a row; nil leaves the cell empty.
  public let value: @Sendable (LedgerEntry) -> Double?

  init(
    text: Output? = nil, csv: Output? = nil, markdown: Output? = nil, screen: Screen? = nil,
    _ value: @escaping @Sendable (LedgerEntry) -> Double?
  ) {
    (self.text, self.csv, self.markdown, self.screen) = (text, csv, markdown, screen)
    self.value = value
  }

  /// A table of finished steps in one of the plain outputs.
  static func table(
    _ records: [StepRecord], _ output: KeyPath<LedgerColumn, Output?> & Sendable,
    takesAudio: Bool = true
  ) -> PlainTable {
    // CSV has the same columns for every model.
    let isFixed = output == \LedgerColumn.csv
    let columns = all.filter { takesAudio || isFixed || !$0.isAudio }.compactMap { column in
      column[keyPath: output].map { output in
        PlainColumn<LedgerEntry>(output.title) { entry in
          let isEmpty = column.isAudio && !takesAudio
          return isEmpty ? "" : column.value(entry).map(output.format) ?? ""
        }
      }
    }
    let step = PlainColumn<LedgerEntry>("step") { $0.step.label }
    return PlainTable([step] + columns, rows: records.map { LedgerEntry($0) })
  }
}

// MARK: - The columns

extension LedgerColumn {
  /// All columns, in the order of every output.
  public static let all: [LedgerColumn] =
    [
      entering("text", \.textAndImage), entering("video", \.video),
      entering("audio", \.audio, isAudio: true),
      leaving("text", .text, 88, \.textAndImage), leaving("video", .video, 95, \.video),
      leaving("audio", .audio, 94, \.audio),
      LedgerColumn(text: Output("left", whole)) { ($0.leaving?.total).map(Double.init) },
      LedgerColumn(
        text: Output("dropped", whole), markdown: Output("dropped", whole)
      ) { $0.record?.drop == nil ? nil : $0.dropped.map(Double.init) },
      LedgerColumn(
        screen: Screen(title: "drop", width: 7, priority: 93, style: .drop, format: tokens)
      ) { $0.dropped.map(Double.init) },
      LedgerColumn(
        text: Output("ms", decimals), csv: Output("ms", nanoseconds),
        markdown: Output("ms", decimals)
      ) { $0.record?.milliseconds },
      LedgerColumn(
        screen: Screen(title: "ms", width: 6, priority: 92, style: .time, format: short)
      ) { $0.record?.totalMilliseconds ?? $0.runningMilliseconds },
      LedgerColumn(
        screen: Screen(title: "GF/s", width: 5, priority: 60, style: .plain, format: short)
      ) { $0.record?.gigaflopsPerSecond },
      LedgerColumn(
        text: Output("select ms", decimals), markdown: Output("select ms", decimals)
      ) { $0.record?.drop == nil ? nil : $0.record?.selectionMilliseconds },
      LedgerColumn(csv: Output("selection_ms", nanoseconds)) { $0.record?.selectionMilliseconds },
      LedgerColumn(
        text: Output("KV KiB") { String(format: "%.1f", $0 / 1024) },
        csv: Output("kv_bytes", whole),
        markdown: Output("KV MiB") { decimals($0 / Double(1 << 20)) },
        screen: Screen(
          title: "KV", width: 8, priority: 80, style: .plain, format: { Measure.bytes(Int($0)) })
      ) { ($0.record?.keyValueBytes).map(Double.init) },
      LedgerColumn(
        screen: Screen(
          title: "kept", width: 6, priority: 30, style: .plain, format: Measure.evenPercent)
      ) { entry in entry.leaving.map { Double($0.total) / Double(max(1, entry.promptTokens)) } },
      LedgerColumn(
        screen: Screen(
          title: "select", width: 7, priority: 20, style: .plain, format: { short($0) + "ms" })
      ) { $0.record?.drop == nil ? nil : $0.record?.selectionMilliseconds },
      LedgerColumn(csv: Output("reference_flops", whole)) { $0.record?.referenceFlops },
      LedgerColumn(
        csv: Output("executed_flops", whole),
        screen: Screen(
          title: "GFLOP", width: 6, priority: 15, style: .plain, format: { short($0 / 1e9) })
      ) { $0.record?.executedFlops },
      LedgerColumn(csv: Output("gflops_per_second", decimals)) { $0.record?.gigaflopsPerSecond },
      LedgerColumn(
        screen: Screen(
          title: "full ms", width: 7, priority: 25, style: .comparison, format: short)
      ) { $0.fullMilliseconds },
    ]

  /// Tokens that a step processed.
  private static func entering(
    _ title: String, _ count: @escaping @Sendable (ModalityCounts) -> Int, isAudio: Bool = false
  ) -> LedgerColumn {
    var column = LedgerColumn(csv: Output(title, whole), markdown: Output(title, whole)) {
      Double(count($0.entering))
    }
    column.isAudio = isAudio
    return column
  }

  /// Tokens left after a step.
  private static func leaving(
    _ title: String, _ modality: Modality, _ priority: Int,
    _ count: @escaping @Sendable (ModalityCounts) -> Int
  ) -> LedgerColumn {
    var column = LedgerColumn(
      text: Output(title, whole), csv: Output("left_\(title)", whole),
      screen: Screen(
        title: title, width: 6, priority: priority, style: .tokens(modality), format: tokens)
    ) { $0.leaving.map { Double(count($0)) } }
    column.isAudio = modality == .audio
    return column
  }

  private static let whole: Format = { String(format: "%.0f", $0) }
  private static let decimals: Format = { String(format: "%.2f", $0) }
  /// Milliseconds with six decimals (nanoseconds).
  private static let nanoseconds: Format = { String(format: "%.6f", $0) }
  private static let short: Format = { Measure.number($0) }
  private static let tokens: Format = { Measure.count(Int($0)) }
}

extension StepRecord {
  /// Executed FLOPs per time of step and selection, in 10⁹ per second; nil if unknown.
  public var gigaflopsPerSecond: Double? {
    guard let executedFlops, executedFlops > 0, totalMilliseconds > 0 else { return nil }
    return executedFlops / totalMilliseconds / 1e6
  }
}
