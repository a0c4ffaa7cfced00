import Foundation

/// Formats numbers for the screen, short and with their unit.
public enum Measure {
  /// A number with three significant digits: `0.12`, `1.23`, `12.3`, `123`, `1234`.
  public static func number(_ value: Double) -> String {
    guard value.isFinite else { return "-" }
    switch abs(value) {
    case ..<9.995: return String(format: "%.2f", value)
    case ..<99.95: return String(format: "%.1f", value)
    default: return String(format: "%.0f", value)
    }
  }

  /// A duration with a suitable unit: `0.42 ms`, `312 ms`, `4.21 s`, `2:05 min`.
  public static func time(_ milliseconds: Double) -> String {
    switch milliseconds {
    case ..<999.5: return number(milliseconds) + " ms"
    case ..<60_000: return number(milliseconds / 1000) + " s"
    default: return minutes(milliseconds) + " min"
    }
  }

  /// A duration that is still running, with few width changes: `84 ms`, `12.3 s`, `2:05`.
  public static func clock(_ milliseconds: Double) -> String {
    if milliseconds < 999.5 { return String(format: "%.0f ms", max(0, milliseconds)) }
    if milliseconds < 60_000 { return String(format: "%.1f s", max(0, milliseconds) / 1000) }
    return minutes(milliseconds)
  }

  /// Minutes and seconds: `2:05`. Times in a trace may exceed the range of integers.
  private static func minutes(_ milliseconds: Double) -> String {
    let seconds = (milliseconds / 1000).rounded(.down)
    let odd = seconds.truncatingRemainder(dividingBy: 60)
    return String(format: "%.0f:%02.0f", ((seconds - odd) / 60).rounded(), odd)
  }

  /// A token count: all digits up to 99999, then thousands: `123k`.
  public static func count(_ tokens: Int) -> String {
    tokens < 100_000 ? String(tokens) : "\(tokens / 1000)k"
  }

  /// A count with its noun: `1 window`, `3 windows`.
  public static func plural(_ count: Int, _ noun: String) -> String {
    "\(count) \(noun)\(count == 1 ? "" : "s")"
  }

  public static func bytes(_ count: Int) -> String {
    scaled(Double(count), 1024, ["B", "KiB", "MiB", "GiB", "TiB"])
  }

  /// FLOPs with an SI prefix: `987 G`.
  public static func flops(_ count: Double) -> String {
    scaled(count, 1000, ["", "k", "M", "G", "T", "P"])
  }

  /// A percentage without the sign, with one decimal if small: `93`, `7`, `0.5`.
  public static func share(_ share: Double) -> String {
    let percent = share * 100
    return String(format: percent > 0 && percent < 1 ? "%.1f" : "%.0f", percent)
  }

  /// A nominal retention in percent, with up to four digits: `15`, `12.5`.
  public static func nominal(_ percent: Double) -> String { String(format: "%.4g", percent) }

  /// A number with `digits` decimals.
  public static func decimal(_ value: Double, _ digits: Int) -> String {
    value.isFinite ? String(format: "%.\(digits)f", value) : "-"
  }

  public static func parameters(_ count: Int) -> String {
    scaled(Double(count), 1000, ["", "k", "M", "B"]).replacingOccurrences(of: " ", with: "")
  }

  private static func scaled(_ value: Double, _ base: Double, _ units: [String]) -> String {
    var (value, unit) = (value, 0)
    while value >= base * 0.9995, unit + 1 < units.count {
      value /= base
      unit += 1
    }
    return (unit == 0 ? String(format: "%.0f", value) : number(value)) + " " + units[unit]
  }

  /// A percentage, with one decimal if small or fractional: `15 %`, `1.5 %`.
  public static func percent(_ share: Double) -> String {
    let percent = share * 100
    let isWhole = abs(percent - percent.rounded()) < 0.005
    return String(format: isWhole || percent >= 99.95 ? "%.0f %%" : "%.1f %%", percent)
  }

  /// A percentage for table columns, always with one decimal: `15.0 %`; from 99.95 on, `100 %`.
  public static func evenPercent(_ share: Double) -> String {
    let percent = share * 100
    return String(format: percent >= 99.95 ? "%.0f %%" : "%.1f %%", percent)
  }

  /// A ratio with three significant digits: `5.1×`.
  public static func factor(_ value: Double) -> String { number(value) + "×" }
}
