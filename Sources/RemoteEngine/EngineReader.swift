import Basics
import CToolProcess
import Foundation
import OmniModel

/// Reads the output of a child process until it exits.
struct EngineReader {
  private let process: tool_process
  private var buffer = Data()
  private var isOutputOpen = true
  private var isErrorOpen = true
  /// Ticks without a message while a request was open.
  private var silentTicks = 0
  private static let tick = 250
  /// Maximum number of bytes of one read.
  private static let piece = 1 << 20

  init(_ process: tool_process) { self.process = process }

  /// - Parameter owner: returns nil once the owner is deallocated; the process is then killed and reaped.
  func run(_ owner: () -> EngineProcess?) {
    var reader = self
    while let engine = owner(), engine.fault == nil, reader.isOutputOpen { reader.turn(engine) }
    // Its last lines arrive after its output is closed.
    for _ in 0..<8 where reader.isErrorOpen {
      guard let engine = owner(), engine.fault == nil else { break }
      reader.turn(engine)
    }
    let reason = reader.ending()
    guard let engine = owner() else {
      tool_end(process)
      return
    }
    let last = engine.lastLine
    engine.end(EngineFault(.ended, reason: last.isEmpty ? reason : last))
    engine.close()
  }

  private mutating func turn(_ engine: EngineProcess) {
    var streams = [
      pollfd(fd: isOutputOpen ? process.output : -1, events: Int16(POLLIN), revents: 0),
      pollfd(fd: isErrorOpen ? process.error : -1, events: Int16(POLLIN), revents: 0),
    ]
    guard poll(&streams, 2, Int32(Self.tick)) > 0 else { return countSilence(engine) }
    if streams[1].revents != 0 {
      switch availableBytes(of: process.error, atMost: 1 << 16) {
      case nil: break
      case .some(let bytes) where bytes.isEmpty: isErrorOpen = false
      case .some(let bytes): engine.takeErrorBytes(bytes)
      }
    }
    guard streams[0].revents != 0,
      let bytes = availableBytes(of: process.output, atMost: Self.piece)
    else { return }
    silentTicks = 0
    guard !bytes.isEmpty else {
      isOutputOpen = false
      if !buffer.isEmpty {
        engine.end(EngineFault(.malformed, reason: EngineFrameFault.cut.reason))
      }
      return
    }
    buffer.append(contentsOf: bytes)
    takeFrames(engine)
  }

  private mutating func takeFrames(_ engine: EngineProcess) {
    do throws(EngineFrameFault) {
      while let frame = try EngineFrame.first(of: &buffer) { engine.take(frame) }
      // The bytes of the frames before are freed.
      buffer = Data(buffer)
    } catch {
      engine.end(EngineFault(.malformed, reason: error.reason))
    }
  }

  private mutating func countSilence(_ engine: EngineProcess) {
    silentTicks = engine.isWaiting ? silentTicks + 1 : 0
    if silentTicks * Self.tick > engine.patienceSeconds * 1000 {
      engine.end(EngineFault(.silent(engine.patienceSeconds), reason: engine.lastLine))
    }
  }

  /// Waits briefly for the process to exit, then kills it.
  /// - Returns: exit code or signal.
  private func ending() -> String {
    var status: Int32 = 0
    for _ in 0..<100 {
      if tool_has_ended(process, &status) == 1 {
        let signal = status & 0x7F
        return signal == 0 ? "exit code \(status >> 8 & 0xFF)" : "signal \(signal)"
      }
      usleep(10_000)
    }
    tool_kill(process)
    for _ in 0..<100 where tool_has_ended(process, &status) == 0 { usleep(10_000) }
    return "its output was closed"
  }
}

/// Splits bytes into lines of bounded length and keeps the last line.
struct LineTail {
  private static let longest = 1000
  private var partial: [UInt8] = []
  private var newest = ""

  /// The last line that is not empty, complete or not.
  var last: String {
    let unfinished = Self.text(partial)
    return unfinished.isEmpty ? newest : unfinished
  }

  /// - Returns: lines completed by these bytes.
  mutating func append(_ bytes: [UInt8]) -> [String] {
    var lines: [String] = []
    for byte in bytes {
      guard byte == UInt8(ascii: "\n") || byte == UInt8(ascii: "\r") else {
        if partial.count < Self.longest { partial.append(byte) }
        continue
      }
      let line = Self.text(partial)
      partial.removeAll(keepingCapacity: true)
      guard !line.isEmpty else { continue }
      newest = line
      lines.append(line)
    }
    return lines
  }

  private static func text(_ bytes: [UInt8]) -> String {
    let text = String(decoding: bytes, as: UTF8.self)
    return String(text.unicodeScalars.filter { $0.value >= 32 && $0.value != 127 })
      .trimmingCharacters(in: .whitespaces)
  }
}
