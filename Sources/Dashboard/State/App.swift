import Media
import Profiling
import Selection
import Terminal

/// The state of the screen as one value. Events change it; a frame shows it.
public struct App: Program, Equatable {
  /// What the engine says.
  public typealias Message = SessionEvent

  /// What can be chosen from outside.
  public struct Options: Sendable, Equatable {
    /// Names that `t` cycles through.
    public var themes: [String]
    public var theme: String
    /// Methods that `m` cycles through.
    public var methods: [SelectionMethod]
    /// The key table, as the user has it.
    public var keys: AppKeyTable
    /// Where `s` writes the report.
    public var reportPath: String
    /// Where screen 7 reads the results of a sweep.
    public var sweepPath: String
    /// Time that runs wait after each step at first; the engine has to be told as well.
    public var pace: Duration
    /// The mouse is ours from the start; the display has to be told as well.
    public var isMouseOn: Bool
    /// Settings of the input that were asked for; the form of screen 8 changes them.
    public var input = InputSettings()
    /// Less than the terminal can, because somebody wants it so.
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

  /// What the screen is set to; its keys turn some of it.
  public internal(set) var options: Options
  var run = RunState()
  var view = ViewState()

  public init(options: Options = Options()) {
    self.options = options
    run.pace = options.pace
    view.isMouseOn = options.isMouseOn
  }

  /// There is a run to look at.
  public var isOpen: Bool { run.subject != nil }

  /// The theme to show.
  public var themeName: String { options.theme }

  /// The clock moves by itself while the engine works or a message is to fade.
  public var tick: Duration? {
    if run.activity != .idle || run.isLoading { return .milliseconds(100) }
    return view.toast == nil ? nil : .milliseconds(500)
  }

  /// Takes in one event, and returns what the run loop has to do about it, in order.
  public mutating func update(_ event: AppEvent) -> [Effect] {
    let effects = take(event)
    return effects + (isPeakDue() ? [.send(.measurePeak)] : [])
  }

  /// Somebody looks at the times for the first time, and the engine is free to measure.
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

  /// ^C leaves what is being typed. Else the first cancels what runs, or asks; the second quits.
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
    say("quit? ^C again or \(key(.quit)) quits, any other key stays", .warning)
    return []
  }

  /// Until what ran has stopped.
  static let cancelling = "cancelling: ^C again quits"

  /// Shows a message in the status line for a while.
  mutating func say(_ text: String, _ role: Role = .normal, seconds: Int = 6) {
    view.toast = Toast(text: text, role: role, until: view.now + .seconds(seconds))
  }
}
