import CAllocationMeter
import Foundation

// libFuzzer calls these two by name. `SEATS_TOP_FUZZ` says which reader is driven.

/// Lists the readers, or puts the seeds of the chosen one into the corpus: the last argument.
@_cdecl("LLVMFuzzerInitialize")
public func initialize(
  _ count: UnsafeMutablePointer<CInt>,
  _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>>
) -> CInt {
  let name = ProcessInfo.processInfo.environment["SEATS_TOP_FUZZ"] ?? "list"
  guard let reader = Reader.named(name) else {
    print(Reader.all.map(\.name).joined(separator: "\n"))
    exit(name == "list" ? 0 : 2)
  }
  if let last = arguments.pointee[Int(count.pointee) - 1] {
    let corpus = String(cString: last)
    for (number, bytes) in (reader.seeds() + FoundCases.bytes(for: name)).enumerated() {
      try? Data(bytes).write(to: URL(filePath: "\(corpus)/seed-\(number)"))
    }
  }
  Tally.current = Tally(reader)
  // What the reader builds once is not part of any case.
  for seed in reader.seeds() { reader.read(seed) }
  atexit { Tally.current?.say() }
  for bytes in reader.monsters { Tally.current?.run(bytes) }
  for seed in reader.seeds() {
    for bytes in Seed.extremes(of: seed) { Tally.current?.run(bytes) }
  }
  return 0
}

@_cdecl("LLVMFuzzerTestOneInput")
public func test(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  Tally.current?.run([UInt8](UnsafeBufferPointer(start: start, count: count)))
  return 0
}

/// Measures every case, and stops at the first that takes too long or too much.
private struct Tally {
  nonisolated(unsafe) static var current: Tally?

  private let reader: Reader
  private var cases = 0
  private var slowest = 0.0
  private var largest = (bytes: 0, input: 0)

  init(_ reader: Reader) { self.reader = reader }

  mutating func run(_ bytes: [UInt8]) {
    let start = Self.processorSeconds
    allocation_meter_start()
    reader.read(bytes)
    let held = Int(allocation_meter_stop())
    let seconds = Self.processorSeconds - start
    cases += 1
    slowest = max(slowest, seconds)
    if held > largest.bytes { largest = (held, bytes.count) }
    let allowed = reader.bound.bytes(forInputOf: bytes.count)
    if held > allowed { stop(bytes, "holds \(held) bytes and \(allowed) are allowed") }
    if seconds > 1 { stop(bytes, "takes \(seconds) s") }
  }

  private func stop(_ bytes: [UInt8], _ why: String) {
    let start = String(decoding: bytes.prefix(40), as: UTF8.self)
    FileHandle.standardError.write(
      Data("\(reader.name): a case of \(bytes.count) bytes \(why): \(start)…\n".utf8))
    abort()
  }

  func say() {
    print(
      String(
        format: "%@: %d cases, slowest %.1f ms, most memory %d bytes for %d bytes of input",
        reader.name, cases, slowest * 1000, largest.bytes, largest.input))
  }

  private static var processorSeconds: Double {
    var time = timespec()
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
  }
}
