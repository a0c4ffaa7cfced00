import Foundation
import TestSupport
import Testing

/// Everything that strangers write – models, clips, media, tasks, results, traces, themes, settings,
/// names, arguments – passes through every command, and nothing of it acts on the terminal.
@Suite struct `Control characters in command output` {
  /// C0, DEL, C1, directional marks and separators of lines.
  static let attack =
    "a\u{1b}]2;owned\u{7}\u{1b}[31m\u{9b}32m\u{7f}\u{202e}\u{2066}\u{200f}\u{61c}\u{2028}\u{85}\rz"

  private static let samples = Fixtures.directory.deletingLastPathComponent()
    .deletingLastPathComponent().appending(path: "samples")

  /// Nothing but letters and layout.
  private func expectTame(
    _ text: String, _ command: [String], at location: SourceLocation = #_sourceLocation
  ) {
    let wild = text.unicodeScalars.first { scalar in
      switch scalar.value {
      case 0x09, 0x0a: false
      case 0..<0x20, 0x7f..<0xa0, 0x061c, 0x200e, 0x200f, 0x2028...0x202e, 0x2066...0x2069: true
      default: false
      }
    }
    let found = wild.map { String($0.value, radix: 16) }
    #expect(found == nil, "\(command)\n\(text.debugDescription)", sourceLocation: location)
  }

  private func run(_ command: [String], in world: HostileWorld) async throws {
    let outcome = try await Program.run(
      command, environment: ["XDG_CONFIG_HOME": world.path("config"), "TERM": Self.attack],
      through: ["timeout", "120"])
    #expect([0, 1, 2].contains(outcome.code), "\(command) \(outcome.code) \(outcome.errorOutput)")
    expectTame(outcome.output, command)
    expectTame(outcome.errorOutput, command)
  }

  @Test(arguments: ["text", "json", "csv", "markdown"])
  func `control characters in models and clips are escaped`(_ format: String) async throws {
    let world = try HostileWorld()
    let run = [world.clip, "--model", world.model, "--max-new-tokens", "2"]
    var commands = [
      ["compare"] + run + ["--format", format],
      ["sweep"] + run + [
        "--methods", "full", "--format", format, "--results", world.path("r\(Self.attack)"),
      ],
    ]
    if format != "markdown" {
      commands.append(
        ["report"] + run + ["--format", format, "--record", world.path("t\(Self.attack)")])
    }
    if ["text", "json"].contains(format) {
      commands += [
        ["analyze"] + run + ["--format", format], ["worth"] + run + ["--format", format],
        ["agreement"] + run + ["--format", format],
        ["bench"] + run + ["--repeats", "1", "--warmups", "0", "--format", format],
        ["themes", "--format", format], ["doctor", "--format", format],
        ["keys", "--format", format], ["cache", "--format", format],
      ]
    }
    for command in commands { try await self.run(command, in: world) }
    // Files that were written, shown with cat.
    for name in ["r", "t"] {
      let file = world.path(name + Self.attack)
      guard let text = try? String(contentsOfFile: file, encoding: .utf8) else { continue }
      expectTame(text, [name])
    }
  }

  @Test func `JSON output escapes control characters in names`() async throws {
    let world = try HostileWorld()
    let outcome = try await Program.run([
      "report", world.clip, "--model", world.model, "--max-new-tokens", "2", "--format", "json",
    ])
    #expect(outcome.code == 0, "\(outcome.errorOutput)")
    #expect(outcome.output.contains("\\u009b") && outcome.output.contains("\\u202e"))
    let report = try JSONSerialization.jsonObject(with: Data(outcome.output.utf8)) as? [String: Any]
    let clip = report?["clip"] as? [String: Any]
    #expect((clip?["title"] as? String)?.contains("\u{9b}32m") == true)
  }

  @Test func `control characters in invalid models are escaped`() async throws {
    for model in HostileWorld.brokenModels {
      let world = try HostileWorld()
      try world.breakModel(model)
      for command in [["report"], ["sweep"], ["analyze"]] {
        try await run(command + [world.clip, "--model", world.model], in: world)
      }
    }
  }

  @Test func `control characters in media, tasks and results are escaped`() async throws {
    let world = try HostileWorld()
    try world.writeFiles()
    for name in ["tasks", "badtasks"] {
      try await run(
        [
          "sweep", "--tasks", world.path(name), "--methods", "full", "--details", "--samples",
          world.path("s"),
        ], in: world)
      try await run(["compare", "--tasks", world.path(name), "--details"], in: world)
    }
    for name in ["benchmark", "badbenchmark"] {
      try await run(
        ["sweep", "--benchmark", world.path(name), "--methods", "full", "--details"], in: world)
      try await run(["render", world.path(name), world.path("out")], in: world)
    }
    for name in ["media\(Self.attack).mp4", "media\(Self.attack).mkv", "no\(Self.attack)where"] {
      try await run(["report", world.path(name)], in: world)
    }
    try await run(
      [
        "sweep", "--tasks", world.path("tasks"), "--methods", "full", "--results",
        world.path("own"),
      ], in: world)
    for name in ["own", "results", "badresults", "no\(Self.attack)where"] {
      for format in ["text", "csv", "markdown", "json"] {
        try await run(
          ["sweep", "--merge", world.path(name), "--details", "--format", format], in: world)
      }
    }
  }

  @Test func `control characters in traces are escaped`() async throws {
    let world = try HostileWorld()
    try world.writeTraces()
    for name in ["trace", "badtrace"] {
      for format in ["perfetto", "csv", "markdown", "config.yaml"] {
        try await run(["export", world.path(name), "--to", format], in: world)
      }
      for format in ["svg", "text"] {
        for screen in ["1", "2", "3", "8", "9"] {
          try await run(
            [
              "capture", "--trace", world.path(name), "--format", format, "--keys", screen,
              "--size", "200x60",
            ],
            in: world)
        }
      }
      try await run(["replay", world.path(name)], in: world)
    }
  }

  @Test func `control characters in settings and arguments are escaped`() async throws {
    let world = try HostileWorld()
    try world.writeFiles()
    let clip = [world.clip, "--model", world.model]
    let options = [
      "--method", "--retention", "--video-ratio", "--drop-layers", "--late-layer", "--config-yaml",
      "--threads", "--compute", "--max-new-tokens", "--snapshot-memory", "--format",
      "--\(Self.attack)", "--record",
    ]
    for option in options {
      try await run(
        ["report"] + clip + [option, option == "--record" ? "no\(Self.attack)/x" : Self.attack],
        in: world)
    }
    for option in ["--methods", "--retentions", "--shard", "--results", "--merge", "--tasks"] {
      try await run(["sweep"] + clip + [option, "x\(Self.attack)/y"], in: world)
    }
    for option in ["--keys", "--theme", "--size", "--color", "--config", "--trace", "--output"] {
      try await run(["capture"] + clip + [option, "x\(Self.attack)/y"], in: world)
    }
    for arguments in [
      [Self.attack], ["help", Self.attack], ["report", Self.attack, Self.attack],
      ["-\(Self.attack)"],
      ["report", "--config-yaml", world.path("settings.yaml")] + clip,
      ["doctor", "--config", world.path("config.toml")],
      ["capture", "--config", world.path("config.toml")] + clip,
      ["keys", "--config", world.path("config.toml")],
      ["keys", "--config", world.path("no\(Self.attack)")],
      ["replay", world.path("no\(Self.attack)")],
      ["export", world.path("no"), "--to", Self.attack],
    ] {
      try await run(arguments, in: world)
    }
  }
}

/// Files whose every word is an attack.
struct HostileWorld {
  static let brokenModels = [
    "architectures", "model_type", "hidden_act", "tokenizer", "vocabulary", "header", "index",
  ]
  private static var attack: String { `Control characters in command output`.attack }
  private let scratch: Scratch

  var model: String { path("model\(Self.attack)") }
  var clip: String { path("clip\(Self.attack)") }

  func path(_ name: String) -> String { scratch.path(name) }

  init() throws {
    scratch = try Scratch()
    try scratch.copy("qwen2_5_av/checkpoint", as: "model\(Self.attack)")
    try scratch.copy("qwen2_5_av/clip", as: "clip\(Self.attack)")
    let manifest = URL(filePath: clip + "/clip.toml")
    let quoted = try Self.quoted()
    let text = try String(contentsOf: manifest, encoding: .utf8)
      .replacing(/title = .*/, with: "title = \(quoted)")
      .replacing(
        /question = .*/,
        with: "question = \(quoted)\nchoices = [\(quoted), \"b\"]\nanswer = \(quoted)")
    try text.write(to: manifest, atomically: true, encoding: .utf8)
    try FileManager.default.createDirectory(
      at: scratch.url.appending(path: "config/seats-top/themes"), withIntermediateDirectories: true)
    let theme = """
      inherits = \(quoted)
      \(quoted) = \(quoted)
      [palette]
      \(quoted) = \(quoted)
      [roles]
      video = { fg = \(quoted), modifiers = [\(quoted)] }
      \(quoted) = { fg = "red" }
      """
    try scratch.write("config/seats-top/themes/theme\(Self.attack).toml", Data(theme.utf8))
  }

  /// The attack as a string of JSON or TOML.
  private static func quoted() throws -> String {
    let escaped = attack.unicodeScalars.map { scalar in
      scalar.isASCII && scalar.value >= 0x20 && scalar.value < 0x7f && scalar != "\\"
        ? String(scalar) : String(format: "\\u%04x", scalar.value)
    }
    return "\"\(escaped.joined())\""
  }

  func breakModel(_ what: String) throws {
    let quoted = try Self.quoted()
    switch what {
    case "tokenizer":
      try Data("{\(quoted): \(quoted)}".utf8).write(to: URL(filePath: model + "/tokenizer.json"))
    case "vocabulary":
      let file = URL(filePath: model + "/tokenizer.json")
      let text = try String(contentsOf: file, encoding: .utf8)
      try text.replacing("\"vocab\":", with: "\"vocab\": {\(quoted): \(quoted)}, \"old\":")
        .write(to: file, atomically: true, encoding: .utf8)
    case "header":
      let header = Data(
        "{\(quoted): {\"dtype\": \(quoted), \"shape\": [1], \"data_offsets\": [0, 4]}}".utf8)
      var length = UInt64(header.count).littleEndian
      let bytes = Data(bytes: &length, count: 8) + header + Data(count: 4)
      for name in try FileManager.default.contentsOfDirectory(atPath: model)
      where name.hasSuffix(".safetensors") {
        try bytes.write(to: URL(filePath: model + "/" + name))
      }
    case "index":
      for name in try FileManager.default.contentsOfDirectory(atPath: model)
      where name.hasSuffix(".safetensors") {
        try FileManager.default.removeItem(atPath: model + "/" + name)
      }
      try Data("{\"weight_map\": {\(quoted): \(quoted)}}".utf8)
        .write(to: URL(filePath: model + "/model.safetensors.index.json"))
    default:
      let file = URL(filePath: model + "/config.json")
      let text = try String(contentsOf: file, encoding: .utf8)
      let value = what == "architectures" ? "[\(quoted)]" : quoted
      try text.replacing("\"\(what)\":", with: "\"\(what)\": \(value), \"old_\(what)\":")
        .write(to: file, atomically: true, encoding: .utf8)
    }
  }

  func writeFiles() throws {
    let quoted = try Self.quoted()
    let files = [
      "tasks":
        "{\"id\": \(quoted), \"media\": \"clip\(quoted.dropFirst()), \"question\": \(quoted), "
        + "\"choices\": [\(quoted), \"b\"], \"answer\": \(quoted), \"kind\": \(quoted)}\n",
      "badtasks":
        "{\"id\": \(quoted), \"media\": \(quoted), \(quoted): \(quoted), \"answer\": [\(quoted)]}\n",
      "benchmark": "{\"clip\": \(quoted), \"modalities\": [\"video\"], \"scene\": {\"seed\": 1, "
        + "\"clutter\": 0, \"grain\": 0, \"flicker\": false, \"hiss\": 0, \"windows\": [{\"shapes\": [], "
        + "\"sound\": {\"kind\": \"silence\"}}]}, \"questions\": [{\"id\": \(quoted), \"type\": \(quoted), "
        + "\"question\": \(quoted), \"answer\": \(quoted), \"chance\": 0.5}]}\n",
      "badbenchmark": "{\"clip\": \(quoted), \"modalities\": [\(quoted)]}\n",
      "results":
        "{\"schema\": \"seats-top/sweep/1\", \"model\": \(quoted), \"set\": \(quoted), \"kind\": \(quoted)}\n"
        + "{\"question\": \(quoted), \"kind\": \(quoted), \"method\": \(quoted)}\n",
      "badresults": "{\"schema\": \(quoted), \"model\": \(quoted)}\n\(quoted)\n",
      "media\(Self.attack).mp4": "no film", "media\(Self.attack).mkv": "",
      "settings.yaml": "\(Self.attack): 2\n",
      "config.toml": "\(quoted) = \(quoted)\ntheme = \(quoted)\nmethod = \(quoted)\n"
        + "[keys]\n\(quoted) = \(quoted)\nquit = \(quoted)\n",
    ]
    for (name, text) in files { try scratch.write(name, Data(text.utf8)) }
  }

  /// The sample trace with every string of its first run replaced, and one with bad ones.
  func writeTraces() throws {
    let sample = Fixtures.directory.deletingLastPathComponent().deletingLastPathComponent()
      .appending(path: "samples/sample.trace.jsonl")
    let quoted = try Self.quoted()
    let text = try String(contentsOf: sample, encoding: .utf8)
    let kept =
      /"(title|source|question|answer|name|architecture|dtype|fact|subject|text|writer)":"[^"]*"/
    try scratch.write(
      "trace", Data(text.replacing(kept) { "\"\($0.output.1)\":\(quoted)" }.utf8))
    let bad = text.replacing(/"(event|step|method|rule|kind|modality)":"[^"]*"/) {
      "\"\($0.output.1)\":\(quoted)"
    }
    try scratch.write("badtrace", Data(bad.utf8))
  }
}
