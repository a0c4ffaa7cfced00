import Foundation

/// A soak test: presses random keys for a long time and checks for crashes, memory leaks and hangs.
///
///     seats-top-bench soak [--minutes 60] [--seed 1] [--haste 1] SEATS-TOP [ARGUMENTS…]
///
/// The seed determines the keys; pauses are divided by the haste. Exits with 0 if the program
/// always responded and quit on request, otherwise with 1 and the last keys.
struct Soak {
  private var minutes = 60.0
  private var haste = 1
  private var checkCount = 0
  private var keys: RandomKeys
  private var command: [String] = []
  private let scratch = FileManager.default.temporaryDirectory.appending(path: "soak-\(UUID())")

  /// Maximum time in which the program must respond.
  private static let patience = Duration.seconds(5)

  init(_ arguments: some Collection<String>) throws {
    var seed: UInt64 = 1
    var rest = arguments[...]
    while let option = rest.first, option.hasPrefix("--") {
      let value = rest.dropFirst().first
      switch option {
      case "--minutes": minutes = value.flatMap(Double.init) ?? minutes
      case "--haste": haste = value.flatMap(Int.init).map { max(1, $0) } ?? haste
      case "--seed": seed = value.flatMap(UInt64.init) ?? seed
      default: throw Usage()
      }
      rest = rest.dropFirst(2)
    }
    guard let program = rest.first else { throw Usage() }
    keys = RandomKeys(seed: seed)
    command = [URL(filePath: program).path]
    // The program runs in a temporary directory, so its paths must be absolute.
    command += rest.dropFirst().map { argument in
      FileManager.default.fileExists(atPath: argument) ? URL(filePath: argument).path : argument
    }
  }

  /// The error of invalid command-line arguments.
  struct Usage: Error, CustomStringConvertible {
    let description =
      "usage: seats-top-bench soak [--minutes N] [--seed N] [--haste N] SEATS-TOP [ARGUMENTS…]"
  }

  mutating func run() throws -> Int32 {
    try FileManager.default.createDirectory(at: scratch, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: scratch) }
    guard FileManager.default.changeCurrentDirectoryPath(scratch.path) else { return 1 }
    let terminal = try PseudoTerminal(command[0], Array(command.dropFirst()))
    terminal.drain(for: .seconds(20), silence: .seconds(3))
    for key in RandomKeys.opening {
      terminal.write(key)
      terminal.drain(for: .seconds(60), silence: .seconds(2))
    }
    var record = SoakRecord(terminal.process)
    while record.minutes < minutes {
      for _ in 0..<20 {
        press(on: terminal, &record)
        if let status = terminal.status() {
          return record.fail("ended unexpectedly with wait status \(status)")
        }
      }
      guard isAnswered(on: terminal, &record) else {
        terminal.close()
        return record.fail("did not respond within \(Self.patience)")
      }
      record.sample()
    }
    return leave(terminal, record)
  }

  private mutating func press(on terminal: PseudoTerminal, _ record: inout SoakRecord) {
    switch keys.next() {
    case .text(let text):
      record.note(text)
      terminal.write(text)
    case .interrupt:
      record.note("^C")
      // A signal is handled before pending keys, such as an incomplete Escape sequence.
      for key in ["", "\u{03}", "j"] {
        terminal.write(key)
        terminal.drain(for: .milliseconds(max(100, 300 / haste)))
      }
    case .size(let columns, let rows):
      record.note("<\(columns)x\(rows)>")
      terminal.resize(columns: columns, rows: rows)
    }
    terminal.drain(for: .milliseconds(keys.pause / haste))
  }

  /// Whether the program responds. ^L always redraws the screen, so the time to the next output is
  /// the key's latency; a resize is tested too.
  private mutating func isAnswered(on terminal: PseudoTerminal, _ record: inout SoakRecord) -> Bool
  {
    checkCount += 1
    let isByKey = checkCount.isMultiple(of: 2)
    if !isByKey { terminal.resize(columns: 82, rows: 25) }
    // Longer than the Escape timeout.
    terminal.drain(for: .milliseconds(400), silence: .milliseconds(60))
    if isByKey { terminal.write("\u{0C}") } else { terminal.resize(columns: 83, rows: 25) }
    var watch = Stopwatch()
    while watch.seen < Self.patience {
      let answer = terminal.next(within: 250)
      watch.look()
      guard answer.isEmpty else {
        if isByKey, !watch.wasStopped { record.latencies.append(watch.seen / .milliseconds(1)) }
        return true
      }
    }
    return false
  }

  private func leave(_ terminal: PseudoTerminal, _ record: SoakRecord) -> Int32 {
    // First closes overlays and line editors, in which q is a letter.
    for key in ["\u{1B}", "\u{1B}", "\u{1B}", "q"] {
      terminal.write(key)
      terminal.drain(for: .milliseconds(300))
    }
    let deadline = ContinuousClock.now + .seconds(10)
    while terminal.status() == nil, ContinuousClock.now < deadline { _ = terminal.next(within: 50) }
    let status = terminal.status()
    terminal.close()
    guard status == 0 else { return record.fail("did not quit with exit status 0 on request") }
    record.say()
    return 0
  }
}
