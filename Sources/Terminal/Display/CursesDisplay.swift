import CCurses
import Foundation
import Glibc

/// The terminal, controlled by ncurses. It is the only code that uses curses, and is used by one
/// thread.
///
/// From `init` to `close` the terminal shows its alternate screen, standard error is captured, and
/// signals are delivered as events. A crash restores the terminal (`TerminalRestorer`).
public final class CursesDisplay: Display {
  /// Options that override the terminal's description.
  public struct Options: Sendable {
    /// Terminal type (`TERM`); nil reads it from the environment.
    public var term: String?
    /// Whether only ASCII is written: true for `--ascii`, false for `--utf8`, nil for the locale's
    /// choice.
    public var ascii: Bool?
    public var input: Int32
    public var output: Int32
    /// Whether signals are handled, standard error is captured and the output must be a terminal;
    /// false for tests that draw to a file.
    public var isInteractive: Bool
    /// The choice of colours; decides whether they are sent by their components.
    public var color: ColorChoice

    public init(
      term: String? = nil, ascii: Bool? = nil, input: Int32 = STDIN_FILENO,
      output: Int32 = STDOUT_FILENO, isInteractive: Bool = true, color: ColorChoice = .full
    ) {
      self.term = term
      self.ascii = ascii
      self.input = input
      self.output = output
      self.isInteractive = isInteractive
      self.color = color
    }
  }

  /// Number of colours of the terminal, before any user setting.
  public let depth: ColorDepth
  /// Glyphs that the locale or the user allows.
  public let glyphs: Glyphs

  private let options: Options
  private var screen: OpaquePointer?
  private var decoder: KeyDecoder
  private var pairs: ColorPairs
  private var shown: Frame?
  private var signals: Int32 = -1
  private var errors: ErrorCapture?

  /// Opens the screen.
  /// - Throws: `DisplayError` if the terminal cannot be used.
  public init(_ options: Options = Options()) throws(DisplayError) {
    self.options = options
    if options.isInteractive {
      for descriptor in [options.input, options.output] where isatty(descriptor) == 0 {
        throw .notATerminal(descriptor: descriptor)
      }
    }
    let locale = cc_choose_locale(options.ascii == false ? 1 : 0)
    glyphs = (options.ascii ?? (locale == 0)) ? .ascii : .utf8
    let name = options.term ?? getenv("TERM").map { String(cString: $0) } ?? ""
    guard !name.isEmpty else { throw .noTerminalName }
    if options.isInteractive {
      TerminalRestorer.install()
      // Signals must be handled before the first output and the first change of terminal modes.
      signals = cc_signals_open()
    }
    screen = Self.open(name, options)
    guard screen != nil else {
      if options.isInteractive { cc_signals_release() }
      throw .unusableTerminal(name)
    }
    pairs = ColorPairs()
    decoder = KeyDecoder(keys: TerminalKeys.described(), isUTF8: locale != 0)
    depth = ColorDepth(colors: Int(cc_colors()))
    guard options.isInteractive else { return }
    takeOver()
    _ = adoptSize()
  }

  deinit {
    close()
  }

  /// Opens a terminal type; if terminfo lacks it, opens xterm, because Debian's terminfo lacks
  /// several terminals that are compatible with xterm.
  private static func open(_ name: String, _ options: Options) -> OpaquePointer? {
    if name == "dumb" { return nil }
    let likeXterm = ["kitty", "alacritty", "foot", "wezterm", "ghostty", "contour", "rio"]
    let isLikeXterm = likeXterm.contains(where: name.contains)
    for name in isLikeXterm ? [name, "xterm-256color"] : [name] {
      if options.isInteractive {
        guard cc_terminal_learn(name, options.input, options.output) != 0 else { continue }
        cc_terminal_arm()
      }
      if let screen = open(name, options.input, options.output, options.color) { return screen }
      if options.isInteractive { cc_terminal_disarm() }
    }
    return nil
  }

  /// Opens a terminal type with colours by components, if they are allowed and its description can
  /// be extended; otherwise as it is described.
  private static func open(
    _ name: String, _ input: Int32, _ output: Int32, _ color: ColorChoice
  ) -> OpaquePointer? {
    let environment = ProcessInfo.processInfo.environment
    // The palette of an entry for direct colours is often only eight colours.
    let isDirect = name.contains("-direct")
    if isDirect || color.allowsDirect(terminal: name, environment: environment),
      let entry = TerminalDescription.find(name, environment: environment)?.withDirectColor
    {
      let screen = entry.inForce(environment) { cc_open(name, input, output) }
      if let screen { return screen }
    }
    return cc_open(name, input, output)
  }

  private func takeOver() {
    cc_terminal_note_modes()
    errors = ErrorCapture()
    cc_bracket_pastes()
  }

  /// Restores the terminal and prints the captured standard error. May be called more than once.
  public func close() {
    guard let screen else { return }
    cc_close(screen)
    self.screen = nil
    guard options.isInteractive else { return }
    cc_terminal_disarm()
    errors?.release()
    errors = nil
    cc_signals_release()
  }

  public var size: Size {
    Size(width: Int(cc_columns()), height: Int(cc_rows()))
  }
}

// MARK: - Drawing

extension CursesDisplay {
  public func show(_ frame: Frame) {
    guard screen != nil else { return }
    let before = shown.flatMap { $0.size == frame.size && $0.look == frame.look ? $0 : nil }
    if pairs.isNearlyFull(cells: size.width * size.height) { forgetPairs() }
    for y in 0..<min(frame.size.height, size.height) {
      guard let span = Self.changed(frame, before, row: y) else { continue }
      draw(frame, row: y, columns: span)
    }
    placeCaret(frame.caret)
    cc_refresh(shown == nil ? 1 : 0)
    shown = frame
  }

  /// Columns of a row that differ from the previous frame, extended to whole glyphs.
  private static func changed(_ frame: Frame, _ before: Frame?, row: Int) -> Range<Int>? {
    let cells = frame.row(row)
    guard let before else { return 0..<cells.count }
    let old = before.row(row)
    guard cells != old else { return nil }
    let base = cells.startIndex
    guard
      var first = cells.indices.first(where: { cells[$0] != old[$0] }),
      var last = cells.indices.last(where: { cells[$0] != old[$0] })
    else { return nil }
    while first > base, cells[first].isContinuation || old[first].isContinuation { first -= 1 }
    while last + 1 < cells.endIndex,
      cells[last + 1].isContinuation || old[last + 1].isContinuation
    { last += 1 }
    return first - base..<last - base + 1
  }

  private func draw(_ frame: Frame, row: Int, columns: Range<Int>) {
    for x in columns where x < size.width {
      let cell = frame[x, row]
      if cell.isContinuation { continue }
      cc_put(
        Int32(row), Int32(x), cell.base, cell.mark, cell.secondMark,
        Int32(cell.style.modifiers.rawValue), pairs.number(for: cell.style))
    }
  }

  private func placeCaret(_ caret: Frame.Caret?) {
    cc_cursor(Int32(caret?.y ?? -1), Int32(caret?.x ?? 0))
  }

  private func forgetPairs() {
    reset_color_pairs()
    pairs = ColorPairs()
    shown = nil
  }

  public func repaint() {
    shown = nil
  }
}

// MARK: - Input

extension CursesDisplay {
  public func wait(upTo timeout: Duration?, wake: Int32?) -> [InputEvent] {
    var sources = [options.input, signals, wake ?? -1].map {
      pollfd(fd: $0, events: Int16(POLLIN), revents: 0)
    }
    // The result is not used for reading: if the process was stopped meanwhile, the shell has read
    // the keys.
    _ = poll(&sources, nfds_t(sources.count), Self.milliseconds(timeout))
    return signalEvents() + keyEvents()
  }

  private static func milliseconds(_ timeout: Duration?) -> Int32 {
    guard let timeout else { return -1 }
    let whole = timeout / .milliseconds(1)
    return Int32(min(max(0, whole.rounded(.up)), 1_000_000))
  }

  private func signalEvents() -> [InputEvent] {
    var events: [InputEvent] = []
    while true {
      switch cc_signals_next() {
      case 0: return events
      case SIGINT: events.append(.interrupted)
      case SIGWINCH: if let size = adoptSize() { events.append(.resized(size)) }
      case SIGTSTP:
        suspend()
        events += [.resumed, .resized(size)]
      case SIGCONT:
        // The process was continued after SIGSTOP, which cannot be handled; the shell may have
        // changed the terminal modes.
        cc_terminal_await()
        cc_return()
        _ = adoptSize()
        repaint()
        events += [.resumed, .resized(size)]
      case let number: events.append(.terminated(number))
      }
    }
  }

  /// Uses the terminal's size if it has changed.
  /// - Returns: the new size; nil if it is unchanged.
  private func adoptSize() -> Size? {
    var (rows, columns): (Int32, Int32) = (0, 0)
    guard cc_window_size(options.output, Int32(Size.largestSide), &rows, &columns) != 0 else {
      return nil
    }
    let now = Size(width: Int(columns), height: Int(rows))
    guard now != size else { return nil }
    cc_resize(rows, columns)
    shown = nil
    return now
  }

  private func keyEvents() -> [InputEvent] {
    switch nextInput() {
    case .nothing: return []
    case .ended: return [.hungUp]
    case .bytes(let bytes):
      let events = decoder.take(bytes)
      // On a slow connection the parts of a key sequence arrive separately.
      guard decoder.isUnfinished, !isReadable(within: 25) else { return events }
      return events + decoder.giveUp()
    }
  }

  private func isReadable(within milliseconds: Int32) -> Bool {
    var source = pollfd(fd: options.input, events: Int16(POLLIN), revents: 0)
    return poll(&source, 1, milliseconds) > 0 && source.revents & Int16(POLLIN) != 0
  }

  private enum Input {
    case bytes([UInt8])
    case nothing
    /// The terminal was closed.
    case ended
  }

  /// Reads available input. An empty or failed read counts as end of input only if it is repeated,
  /// because stopping the process empties the queue, and a terminal refuses reads by a background
  /// process.
  private func nextInput() -> Input {
    for _ in 0..<3 {
      var source = pollfd(fd: options.input, events: Int16(POLLIN), revents: 0)
      guard poll(&source, 1, 0) > 0 else { return .nothing }
      if let bytes = waitingBytes() { return .bytes(bytes) }
      if source.revents & Int16(POLLHUP | POLLNVAL) != 0 { return .ended }
      guard isOurs() else { return .nothing }
      usleep(10_000)
    }
    return .ended
  }

  /// Whether this process may read from the terminal. If not, waits for a short time; restores
  /// terminal modes that another process has changed.
  private func isOurs() -> Bool {
    guard options.isInteractive else { return true }
    if cc_in_background() != 0 {
      usleep(50_000)
      return false
    }
    guard cc_terminal_is_cooked() != 0 else { return true }
    cc_return()
    repaint()
    return false
  }

  private func waitingBytes() -> [UInt8]? {
    var waiting: Int32 = 0
    guard ioctl(options.input, UInt(FIONREAD), &waiting) == 0, waiting > 0 else { return nil }
    var bytes = [UInt8](repeating: 0, count: 4096)
    let count = read(options.input, &bytes, bytes.count)
    return count > 0 ? Array(bytes[..<count]) : nil
  }

  public func reportMouse(_ isOn: Bool) {
    guard screen != nil else { return }
    cc_mouse(isOn ? 1 : 0)
  }

  public func suspend() {
    guard screen != nil, options.isInteractive else { return }
    cc_leave()
    cc_terminal_disarm()
    errors?.release()
    errors = nil
    cc_stop_self()
    cc_terminal_await()
    cc_terminal_arm()
    cc_return()
    takeOver()
    cc_signals_forget_stop()
    _ = adoptSize()
    shown = nil
  }

  /// For tests: a cell as curses has stored it, with palette numbers of its colours.
  func peek(x: Int, y: Int) -> (
    text: String, modifiers: Modifiers, foreground: Int, background: Int
  ) {
    var scalars = [UInt32](repeating: 0, count: 8)
    var (modifiers, pair): (Int32, Int32) = (0, 0)
    let count = cc_peek(Int32(y), Int32(x), &scalars, &modifiers, &pair)
    let text = scalars.prefix(Int(count)).compactMap(Unicode.Scalar.init).map(String.init).joined()
    var (foreground, background): (Int32, Int32) = (-1, -1)
    if pair != 0 { extended_pair_content(pair, &foreground, &background) }
    return (text, Modifiers(rawValue: UInt8(modifiers)), Int(foreground), Int(background))
  }

  /// For tests: changes the size, as resizing a terminal would.
  func resize(to size: Size) {
    cc_resize(Int32(size.height), Int32(size.width))
    shown = nil
  }
}
