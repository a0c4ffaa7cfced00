import Media
import Runs
import Selection
import Sessions
import Terminal

/// The complete state of the screen as a value. `update` changes it by an event, `render` draws it.
public struct App: Program, Equatable {
  /// Messages to the app: events of the session.
  public typealias Message = SessionEvent

  /// Options of the app.
  public struct Options: Sendable, Equatable {
    /// Names of the themes, in the order in which the key `t` selects them.
    public var themes: [String]
    public var theme: String
    /// Selection methods, in the order in which the key `m` selects them.
    public var methods: [SelectionMethod]
    /// Key table with the user's bindings.
    public var keys: AppKeyTable
    /// Path to which the key `s` saves the report.
    public var reportPath: String
    /// Path of sweep results that screen 7 suggests.
    public var sweepPath: String
    /// Second file of answers whose flips screen 7 lists; nil for the points of one file.
    public var otherResults: String?
    /// Task files and benchmarks that have the questions of results.
    public var questionFiles: [String] = []
    /// Initial step delay; the same value must be sent to the engine.
    public var pace: Duration
    /// Whether mouse reports are on at the start; must also be set on the display.
    public var isMouseOn: Bool
    /// Input settings requested by the user; screen 8 edits them.
    public var input = InputSettings()
    /// Whether the user has turned colours off.
    public var isColorless = false
    public var isASCIIOnly = false
    /// All screens; the key table must have a key for each.
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

  /// Current options; some keys change them.
  public internal(set) var options: Options
  var run = RunState()
  var view = ViewState()
  /// The questions that can be asked, with their answers.
  var questions = QuestionList()

  public init(options: Options = Options()) {
    self.options = options
    run.pace = options.pace
    view.isMouseOn = options.isMouseOn
  }

  /// Whether a run is open.
  public var isOpen: Bool { run.subject != nil }

  /// Name of the current theme.
  public var themeName: String { options.theme }

  /// Interval of timer events; nil unless the engine works or a message is shown.
  public var tick: Duration? {
    if run.activity != .idle || run.isLoading { return .milliseconds(100) }
    return view.toast == nil ? nil : .milliseconds(500)
  }

  /// Updates the state with an event, and returns the effects in order.
  public mutating func update(_ event: AppEvent) -> [Effect] {
    let effects = take(event)
    return effects + (isFullDue() ? [.send(.runFull)] : [])
      + (isPeakDue() ? [.send(.measurePeak)] : [])
      + (takeDueScores().map { [.send(.score($0))] } ?? [])
  }

  /// The scores that the open screen shows and that are not computed yet; they are asked for once,
  /// when the engine is idle.
  private mutating func takeDueScores() -> TokenScoreRequest? {
    guard run.activity == .idle, !run.isReplay, let request = view.screen.page.scores(in: self),
      run.history.scores[request] == nil, run.wantedScores != request
    else { return nil }
    run.wantedScores = request
    return request
  }

  /// Whether the machine's peak rate should be measured now: the open screen shows it and the
  /// engine is idle.
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
    case .pasted(let text): return paste(text)
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

  /// Handles ^C: closes a line editor; otherwise cancels the run or asks whether to quit. The
  /// second ^C quits.
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

  /// Message shown while the run is being cancelled.
  static let cancelling = "cancelling: ^C again quits"

  /// Shows a message in the status line for some seconds.
  mutating func say(_ text: String, _ role: Role = .normal, seconds: Int = 6) {
    view.toast = Toast(text: text, role: role, until: view.now + .seconds(seconds))
  }
}
