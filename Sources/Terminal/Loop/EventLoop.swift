import Basics

/// An event that the event loop passes to a program.
public enum LoopEvent<Message: Sendable>: Sendable {
  case key(Key)
  case mouse(MouseEvent)
  /// Pasted text, or a part of it.
  case pasted(String)
  case resized(Size)
  /// The user pressed ^C, or SIGINT was received.
  case interrupted
  /// The process was stopped and continued.
  case resumed
  /// Time since the loop started. Sent before every batch of other events, and at `tick` intervals.
  case clock(Duration)
  /// A message from another thread.
  case message(Message)
}

/// An effect that the event loop itself carries out.
public enum LoopDirective: Sendable, Equatable {
  case quit(Int32)
  case repaint
  case suspend
  /// Turn mouse reports on or off.
  case mouse(Bool)
}

/// A side effect that a program requests.
public protocol LoopEffect: Sendable {
  /// Directive for the event loop; nil if the program carries out the effect.
  var directive: LoopDirective? { get }
}

/// A program with a screen. Its whole state is one value: `update` changes it by an event, `render`
/// draws it.
public protocol Program: Sendable {
  associatedtype Message: Sendable
  associatedtype Effect: LoopEffect

  mutating func update(_ event: LoopEvent<Message>) -> [Effect]

  func render(size: Size, look: Look) -> Frame

  /// Interval of `clock` events when there are no other events; nil for none.
  var tick: Duration? { get }
}

/// Reads events, updates the program, carries out its effects and draws frames. Blocks when there
/// is nothing to do.
public struct EventLoop<App: Program> {
  public private(set) var program: App
  private let display: any Display
  private let mailbox: Mailbox<App.Message>
  private let look: (App) -> Look
  private let perform: (App.Effect) -> Void

  private let clock = ContinuousClock()
  private let start: ContinuousClock.Instant
  private var pacer = FramePacer()
  private var isStale = true
  private var isUrgent = true
  private var lastTick: Duration = .zero
  private var exitCode: Int32?

  /// An event loop for a program.
  /// - Parameters:
  ///   - look: returns theme, glyphs and colours for the state of the program.
  ///   - perform: carries out effects that are no directives for the loop.
  public init(
    _ program: App, on display: any Display, mailbox: Mailbox<App.Message>,
    look: @escaping (App) -> Look, perform: @escaping (App.Effect) -> Void
  ) {
    self.program = program
    self.display = display
    self.mailbox = mailbox
    self.look = look
    self.perform = perform
    start = clock.now
  }

  /// Runs until the program quits or the terminal is closed.
  /// - Returns: the exit code: the program's, or 128 + the number of the signal that ended it.
  public mutating func run() -> Int32 {
    dispatch(.resized(display.size))
    while exitCode == nil {
      drawIfDue()
      let inputs = display.wait(upTo: timeUntilNextTurn(), wake: mailbox.descriptor)
      take(inputs, mailbox.drain())
    }
    return exitCode ?? 0
  }

  private var now: Duration { clock.now - start }

  private mutating func take(_ inputs: [InputEvent], _ messages: [App.Message]) {
    let isTickDue = program.tick.map { now - lastTick >= $0 } ?? false
    guard isTickDue || !inputs.isEmpty || !messages.isEmpty else { return }
    lastTick = now
    isStale = true
    dispatch(.clock(lastTick))
    for message in messages { dispatch(.message(message)) }
    for input in inputs { receive(input) }
  }

  private mutating func receive(_ input: InputEvent) {
    isUrgent = true
    switch input {
    case .key(let key): dispatch(.key(key))
    case .mouse(let event): dispatch(.mouse(event))
    case .pasted(let text): dispatch(.pasted(text))
    case .resized(let size): dispatch(.resized(size))
    case .interrupted: dispatch(.interrupted)
    case .resumed: dispatch(.resumed)
    case .terminated(let number): exitCode = 128 + number
    case .hungUp: exitCode = 128 + 1
    }
  }

  private mutating func dispatch(_ event: LoopEvent<App.Message>) {
    guard exitCode == nil else { return }
    for effect in program.update(event) {
      switch effect.directive {
      case nil: perform(effect)
      case .quit(let code): exitCode = code
      case .repaint: display.repaint()
      case .mouse(let isOn): display.reportMouse(isOn)
      case .suspend:
        display.suspend()
        dispatch(.resumed)
        dispatch(.resized(display.size))
      }
    }
  }

  private mutating func drawIfDue() {
    guard isStale, pacer.delay(at: now, isUrgent: isUrgent) == .zero else { return }
    pacer.spend(at: now)
    display.show(program.render(size: display.size, look: look(program)))
    (isStale, isUrgent) = (false, false)
  }

  private func timeUntilNextTurn() -> Duration? {
    let frame = isStale ? pacer.delay(at: now, isUrgent: isUrgent) : nil
    let tick = program.tick.map { max(.zero, lastTick + $0 - now) }
    return [frame, tick].compactMap { $0 }.min()
  }
}
