// swift-format-ignore-file: AlwaysUseLowerCamelCase
// Keys as in the file.

import Basics
import Foundation

/// The header of a trace: its first line.
struct TraceHeader: Codable, Equatable {
  static let family = "seats-top/trace/"
  static let version = 1
  static var schema: String { "\(family)\(version)" }

  var schema = Self.schema
  /// Writing program with its version: `seats-top 0.1.0`.
  var writer: String?
  /// Start time in ISO 8601 format.
  var started: String?
  /// Unique id of this trace.
  var run_id: String?
}

extension TraceHeader {
  /// Whether a line is a trace header: it has a schema of this format and no event.
  static func begins(_ line: Data) -> Bool {
    guard line.count < 1 << 16, line.firstRange(of: Data(family.utf8)) != nil else { return false }
    let header = try? JSONDecoder().decode(HeaderMark.self, fromOutside: line)
    return header?.event == nil && header?.schema?.hasPrefix(family) == true
  }

  private struct HeaderMark: Decodable {
    var schema: String?
    var event: String?
  }
}

/// Any line of a trace after the header, as defined in docs/trace-format.md.
struct TraceLine: Codable {
  enum Event {
    case run(TraceRun)
    case plan(TracePlanChange)
    case began(TraceStepName)
    case step(TraceStep)
    case rewind(TraceRewind)
    case activity(TraceActivity)
    case token(TraceToken)
    case answer(TraceAnswer)
    case full(TraceFull)
    case repeated(TraceRepeat)
    case lens(TraceLens)
    case peak(TracePeak)
    case message(TraceMessage)
    case end(TraceEnd)
    /// An event of a later version, with its name.
    case unknown(String)
  }

  /// Time since the header was written, in seconds.
  var at: Double?
  var event: Event

  private enum CodingKeys: CodingKey { case at, event }

  init(at: Double?, _ event: Event) {
    self.at = at
    self.event = event
  }

  init(from decoder: any Decoder) throws {
    let keys = try decoder.container(keyedBy: CodingKeys.self)
    at = try keys.decodeIfPresent(Double.self, forKey: .at)
    event = try Self.event(try keys.decode(String.self, forKey: .event), decoder)
  }

  private static func event(_ name: String, _ decoder: any Decoder) throws -> Event {
    switch name {
    case "run": .run(try TraceRun(from: decoder))
    case "plan": .plan(try TracePlanChange(from: decoder))
    case "began": .began(try TraceStepName(from: decoder))
    case "step": .step(try TraceStep(from: decoder))
    case "rewind": .rewind(try TraceRewind(from: decoder))
    case "activity": .activity(try TraceActivity(from: decoder))
    case "token": .token(try TraceToken(from: decoder))
    case "answer": .answer(try TraceAnswer(from: decoder))
    case "full": .full(try TraceFull(from: decoder))
    case "repeated": .repeated(try TraceRepeat(from: decoder))
    case "lens": .lens(try TraceLens(from: decoder))
    case "peak": .peak(try TracePeak(from: decoder))
    case "message": .message(try TraceMessage(from: decoder))
    case "end": .end(try TraceEnd(from: decoder))
    default: .unknown(name)
    }
  }

  func encode(to encoder: any Encoder) throws {
    var keys = encoder.container(keyedBy: CodingKeys.self)
    try keys.encodeIfPresent(at, forKey: .at)
    let (name, value) = parts
    try keys.encode(name, forKey: .event)
    try value?.encode(to: encoder)
  }

  private var parts: (name: String, value: (any Encodable)?) {
    switch event {
    case .run(let value): ("run", value)
    case .plan(let value): ("plan", value)
    case .began(let value): ("began", value)
    case .step(let value): ("step", value)
    case .rewind(let value): ("rewind", value)
    case .activity(let value): ("activity", value)
    case .token(let value): ("token", value)
    case .answer(let value): ("answer", value)
    case .full(let value): ("full", value)
    case .repeated(let value): ("repeated", value)
    case .lens(let value): ("lens", value)
    case .peak(let value): ("peak", value)
    case .message(let value): ("message", value)
    case .end(let value): ("end", value)
    case .unknown(let name): (name, nil)
    }
  }
}

extension TraceLine.Event {
  /// Name of the event in the trace file.
  var name: String { TraceLine(at: nil, self).name }
}

extension TraceLine {
  fileprivate var name: String { parts.name }
}
