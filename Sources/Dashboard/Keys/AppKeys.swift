import Terminal

/// What a key can do.
public enum AppAction: Sendable, Hashable {
  case quit, help, close, redraw, suspend, nextTheme, saveReport, toggleMouse, options
  case search, findNext, findBefore
  case up, down, left, right, pageUp, pageDown, top, bottom, details
  case runOrPause, next, back, nextDrop, toRemoval, restart, fullRun, repeatRuns
  case more, less, muchMore, muchLess, moreVideo, lessVideo, moreAudio, lessAudio
  case laterRemoval, earlierRemoval, editPlan, editInput, nextMethod, reset
  case faster, slower, toggleBreakpoint, typeBreakpoint
  /// The layer cursor, which screens that look at one boundary share.
  case earlierStep, laterStep
  /// Screen 3: picture or relevance, and the size of the pictures.
  case toggleHeat, zoom
  case pin, measure, adopt, readResults, turnAxis
  case screen(Screen)
  case nextScreen, previousScreen
}

/// Where a key is pressed.
public enum KeyContext: Sendable, Hashable {
  case screen(Screen)
  case help
  case details
  case options
  /// A line being typed: every other key is text.
  case prompt
}

/// The keys of the screen.
public typealias AppKeyTable = KeyTable<AppAction, KeyContext>

extension AppKeyTable {
  /// The keys as they ship.
  public static let standard = KeyTable(
    run + budget + moving + pages + screenKeys + program)

  /// Every screen, with nothing above it.
  static let screens = Set(Screen.allCases.map { KeyContext.screen($0) })
  private static let all = screens.union([.help, .details, .options])

  /// Screens that look at one boundary.
  static let boundaries: Set<KeyContext> = [
    .screen(.layers), .screen(.windows), .screen(.tokens),
  ]
  private static let run: [Binding] = [
    .init(
      [.character(" ")], .runOrPause, in: screens, group: "Run",
      help: "run to the answer or pause", hint: "run"),
    .init([.character("n")], .next, in: screens, group: "Run", help: "next step", hint: "next"),
    .init([.character("p")], .back, in: screens, group: "Run", help: "one step back"),
    .init(
      [.character("d")], .nextDrop, in: screens, group: "Run", help: "run to the next drop",
      hint: "drop"),
    .init([.character("L")], .toRemoval, in: screens, group: "Run", help: "run to the removal"),
    .init([.character("0")], .restart, in: screens, group: "Run", help: "back before layer 1"),
    .init(
      [.character(">")], .faster, in: screens, group: "Run", help: "run faster, slower to watch"),
    .init(
      [.character("<")], .slower, in: screens, group: "Run", help: "run faster, slower to watch"),
    .init(
      [.character("b")], .toggleBreakpoint, in: screens, group: "Run",
      help: "breakpoint on the row"),
    .init(
      [.character("B")], .typeBreakpoint, in: screens, group: "Run",
      help: "breakpoint like audio < 40"),
    .init(
      [.character("f")], .fullRun, in: screens, group: "Run",
      help: "run full tokens to compare"),
    .init(
      [.character("c")], .pin, in: screens, group: "Run", help: "pin the run to compare with"),
    .init(
      [.character("R")], .repeatRuns, in: screens, group: "Run",
      help: "time both \(App.repetitions) times more"),
  ]

  private static let budget: [Binding] = [
    .init(
      [.character("+")], .more, in: screens, group: "Budget", help: "budget R up, down by 1",
      hint: "more"),
    .init(
      [.character("-")], .less, in: screens, group: "Budget", help: "budget R up, down by 1",
      hint: "less"),
    .init(
      [.character("]")], .muchMore, in: screens, group: "Budget", help: "budget R up, down by 5"),
    .init(
      [.character("[")], .muchLess, in: screens, group: "Budget", help: "budget R up, down by 5"),
    .init(
      [.character("V")], .moreVideo, in: screens, group: "Budget", help: "video 1 % more, less"),
    .init(
      [.character("v")], .lessVideo, in: screens, group: "Budget", help: "video 1 % more, less"),
    .init(
      [.character("A")], .moreAudio, in: screens, group: "Budget", help: "audio 1 % more, less"),
    .init(
      [.character("a")], .lessAudio, in: screens, group: "Budget", help: "audio 1 % more, less"),
    .init(
      [.character("}")], .laterRemoval, in: screens, group: "Budget",
      help: "late layer up, down"),
    .init(
      [.character("{")], .earlierRemoval, in: screens, group: "Budget",
      help: "late layer up, down"),
    .init(
      [.character("e")], .editPlan, in: screens, group: "Budget", help: "edit the whole plan"),
    .init([.character("m")], .nextMethod, in: screens, group: "Budget", help: "next method"),
    .init([.character("=")], .reset, in: screens, group: "Budget", help: "as it was opened"),
  ]

  private static let moving: [Binding] = [
    .init([.up, .character("k")], .up, in: all, group: "Look", help: "up, down"),
    .init([.down, .character("j")], .down, in: all, group: "Look", help: "up, down"),
    .init([.character(",")], .earlierStep, in: boundaries, group: "Look", help: "a layer back, on"),
    .init([.character(".")], .laterStep, in: boundaries, group: "Look", help: "a layer back, on"),
    .init([.pageUp, .control("u")], .pageUp, in: all, group: "Look", help: "a page up, down"),
    .init([.pageDown, .control("d")], .pageDown, in: all, group: "Look", help: "a page up, down"),
    .init([.character("g"), .home], .top, in: all, group: "Look", help: "first, last"),
    .init([.character("G"), .end], .bottom, in: all, group: "Look", help: "first, last"),
    .init([.enter], .details, in: [.screen(.layers)], group: "Look", help: "details"),
    .init([.character("/")], .search, in: screens, group: "Look", help: "search this screen"),
    .init(
      [.character(")"), .function(3)], .findNext, in: screens, group: "Look",
      help: "next match, before"),
    .init(
      [.character("(")], .findBefore, in: screens, group: "Look",
      help: "next match, before"),
  ]

  /// The keys of single screens.
  private static let pages = Screen.allCases.flatMap { $0.page.keys }

  private static let screenKeys: [Binding] =
    Screen.allCases.map { screen in
      .init(
        [.character(Character("\(screen.rawValue)"))], .screen(screen), in: screens,
        group: "Screens", help: screen.page.help)
    } + [
      .init([.tab], .nextScreen, in: screens, group: "Screens", help: "next screen, back"),
      .init([.backTab], .previousScreen, in: screens, group: "Screens", help: "next screen, back"),
    ]

  private static let program: [Binding] = [
    .init(
      [.character("?"), .function(1)], .help, in: screens.union([.details]), group: "Program",
      help: "these keys", hint: "help"),
    .init(
      [.escape], .close, in: all.union([.prompt]), group: "Program",
      help: "close, follow engine"),
    .init([.character("?"), .function(1)], .close, in: [.help], group: "Program", help: ""),
    .init([.enter], .close, in: [.details, .help], group: "Program", help: ""),
    .init([.character("o")], .options, in: screens, group: "Program", help: "options"),
    .init([.character("o")], .close, in: [.options], group: "Program", help: ""),
    .init([.left, .character("h")], .left, in: [.options], group: "Program", help: ""),
    .init(
      [.right, .character("l"), .character(" "), .enter], .right, in: [.options],
      group: "Program", help: ""),
    .init([.character("t")], .nextTheme, in: screens, group: "Program", help: "next theme"),
    .init([.character("M")], .toggleMouse, in: screens, group: "Program", help: "mouse on, off"),
    .init([.character("s")], .saveReport, in: screens, group: "Program", help: "save the report"),
    .init([.control("l")], .redraw, in: all.union([.prompt]), group: "Program", help: "draw anew"),
    .init([.control("z")], .suspend, in: all, group: "Program", help: "suspend"),
    .init([.character("q")], .quit, in: all, group: "Program", help: "quit", hint: "quit"),
  ]
}
