import Reports
import Runs
import Terminal

/// How the attention of the next token's row by modality is shown: the mean over heads as a bar, or
/// the maximum over heads of each modality in percent.
enum AttentionView: Sendable, Equatable {
  case mean, most

  /// Width of a column, in terminal cells.
  static let width = 9

  var title: String {
    switch self {
    case .mean: "looks at"
    case .most: "max head"
    }
  }

  /// The other view.
  var next: AttentionView { self == .mean ? .most : .mean }

  func cell(_ attention: LensRecord.Attention) -> TableCell {
    switch self {
    case .mean: .bar(StackedBar(attention.mean))
    case .most:
      .line(
        StyledLine(Self.percent(attention.most.textAndImage), .text)
          + StyledLine(Self.percent(attention.most.video), .video)
          + StyledLine(Self.percent(attention.most.audio), .audio))
    }
  }

  private static func percent(_ share: Double) -> String {
    let percent = "\(Int(bounded: (share * 100).rounded()))"
    return String(repeating: " ", count: max(0, 3 - percent.count)) + percent
  }
}

extension StackedBar {
  /// A bar of attention by modality, full for a sum of 1.
  init(_ shares: ModalityShares) {
    self.init(
      [
        .init(shares.textAndImage, .text, fill: 0), .init(shares.video, .video, fill: 1),
        .init(shares.audio, .audio, fill: 2),
      ], ceiling: 1)
  }
}
