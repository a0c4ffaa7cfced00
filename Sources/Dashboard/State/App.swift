import Media
import Profiling
import Selection
import Terminal

/// The state of the screen as one value. Events change it; a frame shows it.
public struct App: Program, Equatable {
  /// Events of the engine.
  public typealias Message = SessionEvent

  /// Options of the app.
  public struct Options: Sendable, Equatable {
    /// Theme names, in the order of `t`.
    public var themes: [String]
    public var theme: String
    /// Methods, in the order of `m`.
    public var methods: [SelectionMethod]
    /// The user's key table.
    public var keys: AppKeyTable
    /// Path of the report saved by `s`.
    public var reportPath: String
    /// Default path of sweep results on screen 7.
    public var sweepPath: String
    /// Initial step delay; must also be sent to the engine.
    public var pace: Duration
    /// Whether mouse reports are initially on; must also be set on the display.
    public var isMouseOn: Bool
    /// Requested input settings; edited on screen 8.
    public var input = InputSettings()
    /// Whether colours are turned off by the user.
    public var isColorless = false
    public var isASCIIOnly = false
    /// The screens there are; the key table has a key for each.
    var screens = Screen.all

    public init(
      themes: [String] = ["ansi"], theme: String = "ansi",
      methods: [SelectionMethod] = [.seats, .full], keys: AppKeyTable = .standard,
      reportPath: String = "seats-top-report.json",
      sweepPath: String = "seats-top-sweep.jsonl", pace: Duration = .zero,
      isMouseOn: Bool = false
    ) {
      self.themes = themes
      self.theme = theme
      self.methods = methods
      self.keys = keys
      self.reportPath = reportPath
      self.sweepPath = sweepPath
      self.pace = pace
      self.isMouseOn = isMouseOn
    }
  }

  /// Current options; keys change some.
  public internal(set) var options: Options
  var run = RunState()
  var view = ViewState()

  public init(options: Options = Options()) {
    self.options = options
    run.pace = options.pace
    view.isMouseOn = options.isMouseOn
  }

  /// Whether a run is open.
  public var isOpen: Bool { run.subject != nil }

  /// The current theme.
  public var themeName: String { options.theme }

  /// Interval of clock events while the engine works or a message is shown.
  public var tick: Duration? {
    if run.activity != .idle || run.isLoading { return .milliseconds(100) }
    return view.toast == nil ? nil : .milliseconds(500)
  }

  /// Applies an event and returns effects in order.
  public mutating func update(_ event: AppEvent) -> [Effect] {
    let effects = take(event)
    return effects + (isPeakDue() ? [.send(.measurePeak)] : [])
  }

  /// Whether the peak should be measured: screen 4 is open and the engine is idle.
  private mutating func isPeakDue() -> Bool {
    guard view.screen.page.showsPeak, !run.isPeakWanted, run.subject != nil, run.activity == .idle
    else { return false }
    run.isPeakWanted = true
    return true
  }

  private mutating func take(_ event: AppEvent) -> [Effect] {
    switch event {
    case .key(let key): return press(key)
    case .mouse(let event): return mouse(event)
    case .pasted(let text): paste(text)
    case .resized(let size): view.size = size
    case .interrupted: return interrupt()
    case .resumed: run.restartClock(at: view.now)
    case .clock(let now): passTime(now)
    case .message(let event): apply(event)
    }
    return []
  }

  private mutating func passTime(_ now: Duration) {
    view.now = now
    if let toast = view.toast, toast.until <= now { view.toast = nil }
  }

  /// ^C: closes a line editor; otherwise cancels the run or asks, and quits the second time.
  private mutating func interrupt() -> [Effect] {
    if view.context == .prompt {
      view.overlay = nil
      return []
    }
    if view.isQuitArmed { return [.quit(130)] }
    view.isQuitArmed = true
    guard run.activity == .idle else {
      say(Self.cancelling, .warning)
      return [.cancel]
    }
    say("quit? ^C again or \(key(.quit)) quits, any other key continues", .warning)
    return []
  }

  /// Message while the run is being cancelled.
  static let cancelling = "cancelling: ^C again quits"

  /// Shows a message in the status line for a while.
  mutating func say(_ text: String, _ role: Role = .normal, seconds: Int = 6) {
    view.toast = Toast(text: text, role: role, until: view.now + .seconds(seconds))
  }
}
