import Foundation
import Selection
import Synchronization
import TestSupport
import Testing

@testable import OmniModel
@testable import RemoteEngine

/// What becomes of a run whose engine fails.
@Suite struct `Faults of an engine` {
  private func opening(_ options: String, patience: Int = 60) throws -> RemoteModel {
    try RemoteModel(ScriptedProcess.link(options, patience: patience))
  }

  private func fault(_ work: () throws -> Void) -> EngineFault? {
    do {
      try work()
      return nil
    } catch let fault as EngineFault {
      return fault
    } catch PrefillError.engine(let fault) {
      return fault
    } catch {
      Issue.record("\(error)")
      return nil
    }
  }

  /// A prefill over an engine with these options.
  private func prefill(_ options: String, patience: Int = 60) throws -> Prefill {
    let thinker = try Thinker(opening(options, patience: patience))
    let frames = [[UInt8]](repeating: [UInt8](repeating: 90, count: 112 * 112 * 3), count: 4)
    let clip = ClipInput(
      question: "What?", video: PixelFrames(frames, height: 112, width: 112), waveform: nil)
    return Prefill(try Prompt(clip, for: thinker), thinker: thinker, plan: .full)
  }

  private func advance(_ prefill: inout Prefill, steps: Int) throws {
    for _ in 0..<steps { _ = try prefill.advance(Cancellation()) }
  }

  @Test(arguments: [
    ("version", EngineFault.Kind.version(7, 9)), ("print", .malformed), ("die", .ended),
    ("cut", .malformed), ("oversized", .malformed), ("json", .malformed), ("empty", .malformed),
    ("tensors", .malformed), ("refuse", .refused),
  ])
  func `an engine that does not open says why`(_ name: String, _ kind: EngineFault.Kind) {
    #expect(fault { _ = try opening("--fault \(name)") }?.kind == kind)
  }

  @Test func `a command that is not there, or is none, cannot be started`() throws {
    #expect(
      fault { _ = try RemoteModel(EngineLink(command: "no-such-program-at-all x")) }?.kind
        == .notStarted)
    #expect(fault { _ = try EngineLink(command: "'a") }?.kind == .notStarted)
    let gone = fault { _ = try RemoteModel(EngineLink(command: "false")) }
    #expect(gone == EngineFault(.ended, reason: "exit code 1"))
  }

  @Test(arguments: [
    ("die", EngineFault.Kind.ended), ("cut", .malformed), ("oversized", .malformed),
    ("json", .malformed), ("empty", .malformed), ("tensors", .malformed), ("refuse", .refused),
    ("memory", .memory),
  ])
  func `a layer that fails leaves the run as it was`(_ name: String, _ kind: EngineFault.Kind)
    throws
  {
    var prefill = try prefill("--fault \(name) --at 3")
    try advance(&prefill, steps: 4)
    #expect(fault { try advance(&prefill, steps: 1) }?.kind == kind)
    #expect(prefill.outcomes.count == 4)
  }

  @Test func `the end of an engine comes with its last words`() throws {
    let lines = Mutex<[String]>([])
    let link = try ScriptedProcess.link("--fault die") { line in
      lines.withLock { $0.append(line) }
    }
    let fault = fault { _ = try RemoteModel(link) }
    #expect(fault == EngineFault(.ended, reason: "RuntimeError: the device is gone"))
    #expect(lines.withLock { $0 } == ["warming up", "RuntimeError: the device is gone"])
  }

  @Test func `without memory for a layer, fewer tokens go on`() throws {
    var prefill = try prefill("--fault memory --at 2 --limit 45")
    try advance(&prefill, steps: 3)
    let all = prefill.survivors.count
    #expect(fault { try advance(&prefill, steps: 1) }?.kind == .memory)
    let rule = RemovalRule()
    prefill.apply(
      SelectionPlan(
        method: .full, encoderRule: nil, boundaries: [LayerBoundary(afterLayer: 1, rule: rule)]))
    #expect(prefill.survivors.count < all)
    while try prefill.advance(Cancellation()) != nil {}
    #expect(prefill.isComplete)
  }

  @Test func `states that are not finite are the numeric fault of their layer`() throws {
    var prefill = try prefill("--fault infinite --at 2")
    try advance(&prefill, steps: 3)
    #expect(throws: PrefillError.broken(NumericFault(.layer(2), .notFinite))) {
      _ = try prefill.advance(Cancellation())
    }
  }

  @Test func `an engine that sends nothing for the time limit counts as lost`() throws {
    var prefill = try prefill("--fault silent --at 2", patience: 1)
    try advance(&prefill, steps: 3)
    #expect(fault { try advance(&prefill, steps: 1) }?.kind == .silent(1))
  }

  @Test func `a slow engine that gives signs of life is waited for, and heeds a cancel`() throws {
    var prefill = try prefill("--fault slow --at 2", patience: 1)
    try advance(&prefill, steps: 3)
    let cancellation = Cancellation()
    DispatchQueue.global().asyncAfter(deadline: .now() + 1.5) { cancellation.request() }
    #expect(throws: PrefillError.cancelled) { _ = try prefill.advance(cancellation) }
    #expect(prefill.outcomes.count == 3)
  }

  @Test func `after its end a restart from the encoders runs on a new process`() throws {
    let once = FileManager.default.temporaryDirectory.appending(path: "once-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: once) }
    var prefill = try prefill("--fault die --at 3 --once '\(once.path)'")
    try advance(&prefill, steps: 4)
    #expect(fault { try advance(&prefill, steps: 1) }?.kind == .ended)
    #expect(fault { try advance(&prefill, steps: 1) }?.kind == .ended)
    prefill.rewind(toSteps: 1)
    #expect(prefill.outcomes.isEmpty, "the encoder outputs are lost")
    while try prefill.advance(Cancellation()) != nil {}
    #expect(prefill.isComplete)
  }

  @Test func `the files that an engine sent are removed with it`() throws {
    var path = ""
    do {
      let model = try opening("")
      path = model.directory
      #expect(FileManager.default.fileExists(atPath: path + "/config.json"))
      #expect(!FileManager.default.fileExists(atPath: path + "/model.safetensors"))
    }
    #expect(!path.isEmpty && !FileManager.default.fileExists(atPath: path))
  }
}
