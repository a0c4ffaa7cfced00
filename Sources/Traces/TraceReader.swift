import Basics
import Foundation
import OmniModel
import Selection
import Sessions

/// An event of a trace, with its time.
public struct TracedEvent: Sendable, Equatable {
  /// Time since the start of the trace, in seconds; nil if the trace does not contain it.
  public let seconds: Double?
  public let event: SessionEvent
}

/// Reads a trace line by line and returns session events.
///
/// Each line is validated; the reader is unchanged if a line is invalid. Steps that another program
/// left out are added.
public struct TraceReader: Sendable {
  /// Number of lines read so far.
  public private(set) var lineCount = 0
  /// Whether the `end` line has been read.
  public private(set) var isEnded = false
  /// Number of header lines; more than one if another trace started in the same stream.
  public private(set) var headerCount = 0
  /// Names of events of a later version, which were skipped.
  public private(set) var unknownEvents: Set<String> = []
  private var header: TraceHeader?
  private var decoder: TraceDecoder?

  public init() {}

  /// Whether the `run` line has been read.
  public var isOpen: Bool { decoder != nil }

  /// Reads the next line.
  /// - Parameter line: the line without its line feed; blank lines are ignored.
  /// - Throws: `TraceFault`.
  public mutating func read(_ line: Data) throws(TraceFault) -> [TracedEvent] {
    lineCount += 1
    guard line.count <= TraceLimits.lineBytes else {
      throw fault(.tooLong(bytes: line.count, limit: TraceLimits.lineBytes))
    }
    guard line.contains(where: { $0 > 0x20 }) else { return [] }
    guard header != nil, !TraceHeader.begins(line) else {
      let next = try readHeader(line)
      (header, decoder, isEnded) = (next, nil, false)
      headerCount += 1
      return []
    }
    let decoded: TraceLine = try decode(line)
    do {
      let seconds = try decoded.at.map { at throws(TraceProblem) in
        try TraceCheck.number(at, "at", in: 0...1e9)
      }
      return try events(decoded.event).map { TracedEvent(seconds: seconds, event: $0) }
    } catch {
      throw fault(error.problem)
    }
  }

  private func fault(_ problem: TraceFault.Problem) -> TraceFault {
    TraceFault(line: lineCount, problem)
  }

  private func decode<Value: Decodable>(_ line: Data) throws(TraceFault) -> Value {
    do {
      return try JSONDecoder().decode(Value.self, fromOutside: line)
    } catch let error as DecodingError {
      throw fault(TraceFault.Problem(error))
    } catch let error as RuleFault {
      throw fault(TraceProblem(error).problem)
    } catch {
      throw fault(.notJSON("\(error)"))
    }
  }

  private func readHeader(_ line: Data) throws(TraceFault) -> TraceHeader {
    guard let header: TraceHeader = try? decode(line) else { throw fault(.notATrace) }
    guard header.schema == TraceHeader.schema else { throw fault(.otherSchema(header.schema)) }
    return header
  }

  private mutating func events(_ event: TraceLine.Event) throws(TraceProblem) -> [SessionEvent] {
    switch event {
    case .run(let run):
      let opened = try TraceDecoder(run, header)
      decoder = opened
      return [opened.opening]
    case .unknown(let name):
      if unknownEvents.count < TraceLimits.unknownEvents {
        unknownEvents.insert(String(name.prefix(80)))
      }
      return []
    case .message(let message): return [try Self.message(message)]
    case .end(let end):
      let bytes = try TraceCheck.count(
        end.peak_memory_bytes, "peak_memory_bytes", in: 0...TraceLimits.memory)
      isEnded = true
      return end.peak_memory_bytes == nil ? [] : [.peakMemory(bytes)]
    default:
      guard decoder != nil else { throw TraceProblem(.beforeRun(event: event.name)) }
      return try decoder?.events(event) ?? []
    }
  }

  private static func message(_ message: TraceMessage) throws(TraceProblem) -> SessionEvent {
    guard message.text.utf8.count <= TraceLimits.textBytes else {
      throw TraceCheck.bad("text", "\(message.text.utf8.count) bytes", "\(TraceLimits.textBytes)")
    }
    switch message.kind {
    case nil, "note"?: return .logged(.text(message.text))
    case "warning"?: return .warned(.text(message.text))
    case "error"?: return .failed(.text(message.text))
    case "saved"?: return .saved(message.text)
    case let kind?: throw TraceCheck.bad("kind", kind, "note, warning, error, saved")
    }
  }
}
