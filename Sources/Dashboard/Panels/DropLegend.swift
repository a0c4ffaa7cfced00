import Runs
import Selection
import Terminal

/// Symbols of dropped tokens, by the boundary that dropped them: `·` for Stage I, `1`, `2`, … for
/// drops by relevance, a cross for the late removal.
struct DropLegend: Equatable {
  enum Mark: Equatable {
    case stage1
    case prune(Int)
    case removal

    func glyph(_ glyphs: Glyphs) -> Character {
      switch self {
      case .stage1: glyphs.waiting
      case .prune(let number): Character("\(number % 10)")
      case .removal: glyphs.remove
      }
    }
  }

  /// Symbol of each ledger row with a drop.
  let marks: [Int: Mark]
  let line: StyledLine

  /// The legend of a run's drops.
  /// - Parameter isGrey: whether dropped tokens are drawn in grey.
  init(_ run: RunState, isGrey: Bool) {
    var marks: [Int: Mark] = [:]
    var prunes = 0
    var line = StyledLine(isGrey ? "grey: dropped at" : "dropped at", .title)
    for row in 0..<run.stepCount {
      let step = run.step(at: row)
      let record = row < run.ledger.current.count ? run.ledger.current[row] : nil
      guard let kind = record.map({ $0.drop?.kind }) ?? run.mark(after: step) else { continue }
      let place: String
      switch kind {
      case .stage1:
        marks[row] = .stage1
        place = "Stage I"
      case .prune:
        prunes += 1
        marks[row] = .prune(prunes)
        place = "layer \(run.layer(of: step))"
      case .remove:
        marks[row] = .removal
        place = "removal"
      }
      let symbol: String
      switch kind {
      case .stage1: symbol = "·"
      case .prune: symbol = "\(prunes % 10)"
      case .remove: symbol = "✕"
      }
      line.append("  \(symbol)", .strong)
      line.append(" \(place)", record == nil ? .planned : .normal)
    }
    if marks.isEmpty {
      line = StyledLine(
        run.isPlanKnown ? "this plan drops nothing" : "no drop recorded yet")
    }
    let unknown = run.ledger.current.filter(\.dropsUnknownTokens)
    if let first = unknown.first {
      line.append(
        "  ! kept positions not recorded from \(first.step.label)", .warning)
    }
    self.marks = marks
    self.line = line
  }
}

/// Relevance of each token at the last boundary that computed it, as a rank from 0 to 1, which is
/// drawn as a colour.
struct RelevanceHeat: Equatable {
  /// Ledger row of the boundary that computed the relevance.
  let row: Int
  private let shares: [Int: Double]

  /// Ranks of relevance after a ledger row: those computed after it, or else those of the last drop
  /// by relevance before it; nil if there are none.
  init?(_ run: RunState, upTo row: Int) {
    if let asked = run.scoreRequest(.relevance, row: row), let found = run.history.scores[asked],
      !found.positions.isEmpty
    {
      self.init(run, row: row, found.positions, found.scores)
      return
    }
    let records = run.ledger.current.prefix(max(0, row + 1))
    guard let last = records.lastIndex(where: { $0.drop?.scores.isEmpty == false }),
      let drop = records[last].drop
    else { return nil }
    self.init(run, row: last, drop.before, drop.scores)
  }

  /// Ranks of some scores; nil before a run is open.
  init?(_ run: RunState, row: Int, _ positions: [Int], _ scores: [Float]) {
    guard let places = run.places else { return nil }
    self.row = row
    // Ranks are used because a few tokens, mostly text, receive nearly all of the attention.
    let media = zip(positions, scores).filter {
      $0.0 < places.modalities.count && places.modalities[$0.0].isDroppable
    }.sorted { ($0.1, $0.0) < ($1.1, $1.0) }
    var shares: [Int: Double] = [:]
    for (rank, token) in media.enumerated() {
      shares[token.0] = (Double(rank) + 0.5) / Double(media.count)
    }
    self.shares = shares
  }

  subscript(position: Int) -> Double? { shares[position] }

  /// Where relevance was computed: `after 8`.
  static func place(_ step: PrefillStep) -> String {
    if case .layer(let layer) = step { "after \(layer)" } else { "before 1" }
  }

  /// Colour of a rank from 0 to 1: from dark blue over red to light yellow.
  static func pixel(_ share: Double) -> Pixel {
    let stops = [
      Pixel(20, 20, 90), Pixel(110, 30, 140), Pixel(210, 60, 80), Pixel(250, 160, 40),
      Pixel(255, 250, 160),
    ]
    let place = min(0.9999, max(0, share)) * Double(stops.count - 1)
    return stops[Int(place)].mixed(with: stops[Int(place) + 1], place - Double(Int(place)))
  }
}
