import Foundation
import Media
import OmniModel
import Selection
import TestSupport
import Testing

@testable import Reports
@testable import Runs
@testable import Sessions
@testable import Traces

/// Whole conversations: against the published processors, and against the same clips by themselves.
@Suite struct `Conversations` {
  struct Case: Decodable {
    let name: String
    let usesSound: Bool

    enum CodingKeys: String, CodingKey {
      case name
      case usesSound = "uses_sound"
    }
  }

  static let folder = Fixtures.golden.deletingLastPathComponent().appending(path: "conversations")
  static let families = ["qwen2_5": "qwen2_5_av", "qwen3": "qwen3_av"]

  static func model(_ golden: String) -> String {
    Fixtures.golden.appending(path: golden + "/checkpoint").path
  }

  static func request(
    _ golden: String, _ name: String, _ method: SelectionMethod = .seats, usesSound: Bool = true
  ) -> RunRequest {
    var options = SelectionOptions()
    options.method = method
    options.retention = 35
    options.dropLayers = [1, 2]
    options.lateLayer = .some(4)
    var request = RunRequest(
      model: .directory(model(golden)), clip: "", options: options, maxNewTokens: 4)
    request.messages = folder.appending(path: "messages/\(name).json").path
    if !usesSound { request.input.asked.noAudio = true }
    return request
  }

  /// Made with transformers 4.57.1 and 5.23.0, see `conversations.py`.
  @Test(arguments: ["qwen2_5", "qwen3"])
  func `conversations have the token ids and positions of the published processor`(_ family: String)
    async throws
  {
    let golden = try #require(Self.families[family])
    let expected = try TensorArchive(Self.folder.appending(path: "expected.safetensors"))
    let cases = try JSONDecoder().decode(
      [Case].self, from: Data(contentsOf: Self.folder.appending(path: "cases.json")))
    #expect(cases.count == 23)
    var opened: OpenedRun?
    for item in cases {
      let request = Self.request(golden, item.name, usesSound: item.usesSound)
      let run =
        if let opened { try await OpenedRun(opened, request) } else {
          try await OpenedRun(request)
        }
      opened = run
      let key = "\(family)/\(item.name)"
      #expect(try run.prompt.ids == expected.integers("\(key).ids"), "\(key)")
      guard expected.has("\(key).positions") else { continue }
      let positions = run.prompt.tokens.compactMap(\.position)
      let found = (0..<3).flatMap { axis in positions.map { $0[axis] } }
      #expect(try found == expected.floats("\(key).positions"), "\(key)")
    }
  }

  private func messages(_ text: String) throws -> String {
    let file = FileManager.default.temporaryDirectory.appending(path: "\(UUID()).json")
    try Data(text.utf8).write(to: file)
    return file.path
  }

  private func finished(_ opened: OpenedRun, _ request: RunRequest) throws -> ProfiledRun {
    var run = ProfiledRun(opened, request)
    let cancellation = Cancellation()
    while try run.advance(cancellation) != nil {}
    while !run.isAnswered { _ = try run.decode() }
    return run
  }

  /// The report without times, memory and what the conversation is called.
  private func facts(_ run: ProfiledRun) throws -> NSDictionary {
    let data = try RunReport(run, full: nil).json()
    var report = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
    for key in ["timing", "memory"] { report[key] = nil }
    for key in ["boundaries", "layers"] {
      report[key] = (report[key] as? [[String: Any]])?.map { entry in
        entry.filter { !$0.key.hasSuffix("ms") }
      }
    }
    var stage = try #require(report["stage1"] as? [String: Any])
    stage["ms"] = nil
    report["stage1"] = stage
    var clip = try #require(report["clip"] as? [String: Any])
    for key in ["source", "parts"] { clip[key] = nil }
    report["clip"] = clip
    return report as NSDictionary
  }

  @Test(
    arguments: ["qwen2_5_av", "qwen3_av"],
    [("video", "a.mkv"), ("video", "silent.mkv"), ("image", "q.png"), ("audio", "s.wav")])
  func `a conversation of one clip equals a run of that clip`(
    _ golden: String, _ medium: (kind: String, name: String)
  ) async throws {
    let path = Self.folder.appending(path: "media/\(medium.name)").path
    let file = try messages(
      """
      {"messages": [{"role": "user", "content": [
        {"type": "\(medium.kind)", "\(medium.kind)": "\(path)"}, {"type": "text", "text": "What?"}]}]}
      """)
    defer { try? FileManager.default.removeItem(atPath: file) }
    var first: OpenedRun?
    for method in [SelectionMethod.seats, .random] {
      var request = Self.request(golden, "", method)
      request.messages = file
      let opened = try await first.asyncMap(request)
      first = opened
      var single = request
      single.messages = nil
      (single.clip, single.question) = (path, "What?")
      let (one, other) = (
        try finished(opened, request), try finished(try await OpenedRun(opened, single), single)
      )
      #expect(one.prefill.logits == other.prefill.logits)
      #expect(one.prefill.survivors == other.prefill.survivors)
      #expect(one.answer?.tokenIDs == other.answer?.tokenIDs)
      #expect(one.opened.subject.prompt == other.opened.subject.prompt)
      #expect(one.opened.subject.media == other.opened.subject.media)
      #expect(try facts(one) == facts(other))
    }
  }

  @Test(arguments: SelectionMethod.allCases)
  func `no window spans two clips, and each clip is selected on its own`(
    _ method: SelectionMethod
  ) async throws {
    // What is true of the rules is true of both families.
    for golden in method == .seats ? ["qwen2_5_av", "qwen3_av"] : ["qwen2_5_av"] {
      for name in method == .seats ? ["two-videos-with-sound", "mixed"] : ["mixed"] {
        let request = Self.request(golden, name, method)
        let opened = try await OpenedRun(request)
        let run = try finished(opened, request)
        let prompt = opened.subject.prompt
        #expect(prompt.clips.count >= 2)
        for window in prompt.temporalWindows.windows {
          let clips = Set(
            (Array(window.video) + Array(window.audio)).map { prompt.tokens[$0].clip })
          #expect(clips.count == 1)
        }
        for drop in run.records.compactMap(\.drop) {
          let clips = drop.before.map { prompt.tokens[$0].clip }
          let windows = TemporalWindows(
            drop.before.map { prompt.modalities[$0] }, clips: clips
          ).windows
          for window in windows {
            #expect(Set((Array(window.video) + Array(window.audio)).map { clips[$0] }).count == 1)
          }
          guard drop.path == .windows, !drop.windows.isEmpty else { continue }
          #expect(
            windows.map { [$0.video.count, $0.audio.count] }
              == drop.windows.map { [$0.videoTokens, $0.audioTokens] })
        }
        try await expectAlone(run, request)
      }
    }
  }

  /// What Stage I keeps of each clip is what it keeps of a conversation about that clip alone, unless
  /// it draws by lot.
  private func expectAlone(_ run: ProfiledRun, _ request: RunRequest) async throws {
    let subject = run.opened.subject
    let random: [SelectionMethod] = [.random, .randomLate, .fastv, .dycoke]
    guard !random.contains(request.options.method),
      let kept = run.records.compactMap(\.drop).first(where: { $0.kind == .stage1 })?.kept
    else { return }
    for (index, part) in subject.clip.parts.enumerated() {
      let frames = part.kind == "video" ? ", \"nframes\": \(part.frames)" : ""
      let file = try messages(
        """
        [{"role": "user", "content": [{"type": "\(part.kind)", "path": "\(part.source)"\(frames)},
         {"type": "text", "text": "Alone?"}]}]
        """)
      defer { try? FileManager.default.removeItem(atPath: file) }
      var request = request
      request.messages = file
      let opened = try await OpenedRun(run.opened, request)
      // The plan's ratios are of the whole conversation.
      var prefill = Prefill(opened.prompt, thinker: opened.thinker, plan: run.plan)
      try prefill.advance(Cancellation())
      try prefill.advance(Cancellation())
      let own = subject.prompt.tokens.indices.filter { subject.prompt.tokens[$0].clip == index }
      let alone = opened.prompt.tokens.indices.filter { opened.prompt.modalities[$0] != .text }
      #expect(own.count == alone.count)
      let ranks = { (positions: [Int], kept: [Int]) in
        let kept = Set(kept)
        return positions.indices.filter { kept.contains(positions[$0]) }
      }
      // Sounds beside longer ones are padded by Qwen3-Omni's extractor: their features differ.
      guard opened.thinker.configuration.family == .qwen25 || part.audio == 0 else { continue }
      #expect(ranks(own, kept) == ranks(alone, prefill.survivors), "clip \(index + 1)")
    }
  }

  @Test func `a clip left empty by the input settings gives a notice`() async throws {
    var request = Self.request("qwen2_5_av", "mixed")
    request.input.asked.noVideo = true
    let subject = try await OpenedRun(request).subject
    #expect(subject.prompt.counts.video == 0)
    #expect(subject.clip.parts.map(\.audio) == [50, 33, 0, 0, 75])
    let notices = subject.clip.audit.notices
    #expect(notices.contains("clip 3 clip not used: excluded by the input settings"))
  }

  @Test func `a message part whose file lacks its kind of media is refused`() async throws {
    let path = Self.folder.appending(path: "media/s.wav").path
    for kind in ["video", "image"] {
      let file = try messages(
        #"[{"role": "user", "content": [{"type": "\#(kind)", "path": "\#(path)"}]}]"#)
      defer { try? FileManager.default.removeItem(atPath: file) }
      var request = Self.request("qwen2_5_av", "")
      request.messages = file
      let fault = MessagesFault.holdsNone(kind: kind, path: path, holds: "sound")
      await #expect(
        throws: MessagesError.fault(file: file, place: "messages[0].content[0]", fault)
      ) { try await OpenedRun(request) }
    }
  }

  @Test func `replaying a trace of several clips equals the run`() async throws {
    let request = Self.request("qwen2_5_av", "media-in-two-turns")
    let opened = try await OpenedRun(request)
    let run = try finished(opened, request)
    var writer = TraceWriter()
    var data = try writer.header(writer: "test", started: nil)
    var events: [SessionEvent] = [
      .opened(opened.subject, settings: run.settings, plan: run.plan)
    ]
    events += run.records.map { .advanced($0) }
    if let answer = run.answer { events.append(.answered(answer)) }
    for event in events { data += try writer.line(event, at: nil) ?? Data() }
    let replayed = try TracedRun(data)
    #expect(replayed.subject.prompt == opened.subject.prompt)
    #expect(replayed.subject.media == opened.subject.media)
    #expect(replayed.subject.clip == opened.subject.clip)
    #expect(replayed.records.faults(of: replayed.subject).isEmpty)
  }
}

extension OpenedRun? {
  /// The same model with another request; loaded where there is none.
  fileprivate func asyncMap(_ request: RunRequest) async throws -> OpenedRun {
    guard let self else { return try await OpenedRun(request) }
    return try await OpenedRun(self, request)
  }
}
