import Basics
import Foundation
import Runs
import Selection

/// A row of the ledger (the table of steps): a finished or a predicted step.
public struct LedgerEntry: Sendable {
  public let step: PrefillStep
  public let entering: ModalityCounts
  /// Token counts after the step; nil if unknown.
  public let leaving: ModalityCounts?
  /// Record of the step; nil before it has run.
  public let record: StepRecord?
  /// Kind of the drop after the step; nil without a drop.
  public let drop: DropRecord.Kind?
  /// Milliseconds since the running step began; nil for other steps.
  public let runningMilliseconds: Double?
  /// Milliseconds of the same layer with full tokens; nil if it has not run.
  public let fullMilliseconds: Double?
  /// Number of tokens in the prompt.
  public let promptTokens: Int
  /// What the lens shows of a finished layer, and of the same layer with full tokens.
  public var lens: LensRecord?
  public var fullLens: LensRecord?

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

  init(_ record: StepRecord, _ lens: [LensRecord]) {
    self.init(
      step: record.step, entering: record.entering, leaving: record.leaving, record: record,
      drop: record.drop?.kind, runningMilliseconds: nil, fullMilliseconds: nil,
      promptTokens: record.entering.total)
    if case .layer(let layer) = record.step { self.lens = lens.first { $0.layer == layer } }
  }

  /// Number of tokens dropped after the step; nil without a drop.
  fileprivate var dropped: Int? {
    guard let leaving else { return nil }
    let count = max(0, entering.total - leaving.total)
    // A trace may contain counts without positions of the kept tokens.
    return drop != nil || (record != nil && count > 0) ? count : nil
  }
}

/// A column of the ledger (the table of steps), used on the screen, in `report` (text and CSV) and
/// in exports. A new column is one value in `all`.
public struct LedgerColumn: Sendable {
  public typealias Format = @Sendable (Double) -> String

  /// Title and number format of a column in one text output.
  public struct Output: Sendable {
    let title: String
    let format: Format

    init(_ title: String, _ format: @escaping Format) {
      (self.title, self.format) = (title, format)
    }
  }

  /// Title, width and format of a column on the screen.
  public struct Screen: Sendable {
    /// The rule for the colour role of a cell.
    public enum Style: Sendable {
      /// Tokens of a modality, in its colour; predicted counts are marked.
      case tokens(Modality)
      /// Dropped tokens, with the symbol of the drop.
      case drop
      case time
      case plain
      /// The next token that the lens predicts.
      case lens
      /// Values of the full-token run; the column is hidden if there is none.
      case comparison
    }

    public let title: String
    /// Width of the column, in terminal cells.
    public let width: Int
    /// Priority of the column; where space is short, columns with the lowest priority are hidden
    /// first.
    public let priority: Int
    public let style: Style
    public let format: Format
  }

  public let text, csv, markdown: Output?
  /// Whether the column counts audio tokens; such columns are hidden for models without audio.
  public private(set) var isAudio = false
  /// Whether the column shows the lens; such columns are hidden if it is off.
  public private(set) var isLens = false
  public let screen: Screen?
  /// The number shown in a row; nil leaves the cell empty.
  public let value: @Sendable (LedgerEntry) -> Double?
  /// The text shown in a row instead of a number; nil for columns of numbers.
  public private(set) var label: (@Sendable (LedgerEntry) -> String?)?

  init(
    text: Output? = nil, csv: Output? = nil, markdown: Output? = nil, screen: Screen? = nil,
    _ value: @escaping @Sendable (LedgerEntry) -> Double?
  ) {
    (self.text, self.csv, self.markdown, self.screen) = (text, csv, markdown, screen)
    self.value = value
  }

  /// A table of finished steps for one of the text outputs.
  public static func table(
    _ records: [StepRecord], _ output: KeyPath<LedgerColumn, Output?> & Sendable,
    takesAudio: Bool = true, lens: [LensRecord] = []
  ) -> PlainTable {
    // CSV has the same columns for every model.
    let isFixed = output == \LedgerColumn.csv
    let rows = records.map { LedgerEntry($0, lens) }
    let columns = all.filter { isFixed || ((takesAudio || !$0.isAudio) && $0.isUseful(in: rows)) }
      .compactMap { column in
        column[keyPath: output].map { output in
          PlainColumn<LedgerEntry>(output.title) { entry in
            let isEmpty = column.isAudio && !takesAudio
            return isEmpty ? "" : column.text(entry, output.format) ?? ""
          }
        }
      }
    let step = PlainColumn<LedgerEntry>("step") { $0.step.label }
    return PlainTable([step] + columns, rows: rows)
  }

  /// The cell of a row; nil if it is empty.
  public func text(_ entry: LedgerEntry, _ format: Format) -> String? {
    if let label { return label(entry) }
    return value(entry).map(format)
  }

  /// Whether the column has something to show: columns of the lens are hidden if it is off.
  public func isUseful(in rows: [LedgerEntry]) -> Bool {
    !isLens || rows.contains { label?($0) != nil || value($0) != nil }
  }
}

// MARK: - Columns

extension LedgerColumn {
  /// All ledger columns, in the order of every output.
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
    ] + lens

  /// Columns of the lens.
  private static let lens: [LedgerColumn] = [
    said(
      text: Output("would say", whole), markdown: Output("would say", whole),
      screen: Screen(title: "says", width: 9, priority: 90, style: .lens, format: whole)
    ) { $0.lens },
    said(
      screen: Screen(title: "full says", width: 9, priority: 22, style: .comparison, format: whole)
    ) { $0.fullLens },
    seen(csv: Output("would_say_id", whole)) {
      $0.lens?.prediction?.best.first.map { Double($0.id) }
    },
    seen(csv: Output("would_say_probability", fine)) {
      $0.lens?.prediction?.best.first?.probability
    },
    seen(csv: Output("entropy", fine)) { $0.lens?.prediction?.entropy },
    seen(
      text: Output("KL", thousandths), csv: Output("kl", fine),
      screen: Screen(title: "KL", width: 5, priority: 28, style: .plain, format: short)
    ) { $0.lens?.prediction?.divergence },
    attention("text", \.textAndImage), attention("video", \.video),
    attention("audio", \.audio, isAudio: true),
    seen(csv: Output("lens_ms", nanoseconds)) { $0.lens?.milliseconds },
    seen(csv: Output("lens_flops", whole)) { $0.lens?.flops },
  ]

  /// A column with the most likely next token and its probability.
  private static func said(
    text: Output? = nil, markdown: Output? = nil, screen: Screen? = nil,
    _ lens: @escaping @Sendable (LedgerEntry) -> LensRecord?
  ) -> LedgerColumn {
    let width = screen?.width ?? 24
    var column = LedgerColumn(text: text, markdown: markdown, screen: screen) {
      lens($0)?.prediction?.best.first?.probability
    }
    column.label = { lens($0)?.prediction?.label(width: width) }
    column.isLens = true
    return column
  }

  /// A column with a number of the lens.
  private static func seen(
    text: Output? = nil, csv: Output? = nil, screen: Screen? = nil,
    _ value: @escaping @Sendable (LedgerEntry) -> Double?
  ) -> LedgerColumn {
    var column = LedgerColumn(text: text, csv: csv, screen: screen, value)
    column.isLens = true
    return column
  }

  /// A column with the share of the next token's attention on a modality, mean over heads.
  private static func attention(
    _ title: String, _ share: @escaping @Sendable (ModalityShares) -> Double, isAudio: Bool = false
  ) -> LedgerColumn {
    var column = seen(
      text: Output("at \(title)", { Measure.share($0) + "%" }),
      csv: Output("attention_\(title)", fine)
    ) { ($0.lens?.attention?.mean).map(share) }
    column.isAudio = isAudio
    return column
  }

  /// A column value: tokens that a step processed.
  private static func entering(
    _ title: String, _ count: @escaping @Sendable (ModalityCounts) -> Int, isAudio: Bool = false
  ) -> LedgerColumn {
    var column = LedgerColumn(csv: Output(title, whole), markdown: Output(title, whole)) {
      Double(count($0.entering))
    }
    column.isAudio = isAudio
    return column
  }

  /// A column value: tokens left after a step.
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
  private static let thousandths: Format = { String(format: "%.3f", $0) }
  private static let fine: Format = { String(format: "%.6g", $0) }
  private static let decimals: Format = { String(format: "%.2f", $0) }
  /// Milliseconds with six decimals, so to nanoseconds.
  private static let nanoseconds: Format = { String(format: "%.6f", $0) }
  private static let short: Format = { Measure.number($0) }
  private static let tokens: Format = { Measure.count(Int($0)) }
}

extension StepRecord {
  /// Executed FLOPs of step and selection per second of their time, in 10⁹; nil if unknown.
  public var gigaflopsPerSecond: Double? {
    guard let executedFlops, executedFlops > 0, totalMilliseconds > 0 else { return nil }
    return executedFlops / totalMilliseconds / 1e6
  }
}
