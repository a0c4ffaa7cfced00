import Foundation
import TestSupport
import Testing

/// What SECURITY.md promises.
@Suite struct `Security` {
  private let model = Fixtures.golden.appending(path: "qwen2_5_av/checkpoint").path
  private let clip = Fixtures.golden.appending(path: "qwen2_5_av/clip").path

  private func answer(_ model: String, _ clip: String) async throws -> String {
    let outcome = try await Program.run([
      "report", clip, "--model", model, "--format", "json", "--max-new-tokens", "4",
      "--ignore-eos",
    ])
    #expect(outcome.code == 0, "\(outcome.errorOutput)")
    let report = try JSONSerialization.jsonObject(with: Data(outcome.output.utf8))
    let answer = try #require((report as? [String: Any])?["answer"] as? [String: Any])
    return "\(try #require(answer["token_ids"]))"
  }

  @Test func `the program makes no network calls`() throws {
    let program = try Data(contentsOf: URL(filePath: Program.path))
    for call in ["connect", "getaddrinfo", "sendto", "bind", "listen", "popen", "dlopen"] {
      #expect(program.range(of: Data("\0\(call)\0".utf8)) == nil, "\(call)")
    }
    // What it does start, it starts by its path: this shows that the search above can find a name.
    #expect(program.range(of: Data("\0posix_spawn\0".utf8)) != nil)
  }

  @Test func `no code of a checkpoint is executed`() async throws {
    let scratch = try Scratch()
    try scratch.copy("qwen2_5_av/checkpoint", as: "model")
    let trap = scratch.path("trapped")
    try scratch.write("model/modeling.py", Data("open('\(trap)', 'w')".utf8))
    try scratch.write("model/pytorch_model.bin", Data("cos\nsystem\n(S'touch \(trap)'\ntR.".utf8))
    try scratch.write(
      "model/chat_template.json", Data(#"{"chat_template": "{{ open('\#(trap)') }}"}"#.utf8))
    let config = scratch.url.appending(path: "model/config.json")
    let text = try String(contentsOf: config, encoding: .utf8)
    try ("{\"auto_map\": {\"AutoModel\": \"modeling.Trap\"}," + text.dropFirst())
      .write(to: config, atomically: true, encoding: .utf8)
    #expect(try await answer(scratch.path("model"), clip) == answer(model, clip))
    #expect(!FileManager.default.fileExists(atPath: trap))
  }

  @Test func `a clip.toml cannot make the program read other files`() async throws {
    let scratch = try Scratch()
    try scratch.copy("qwen2_5_av/clip", as: "clip")
    let manifest = scratch.url.appending(path: "clip/clip.toml")
    let text = try String(contentsOf: manifest, encoding: .utf8)
    try ("video = \"/etc/passwd\"\naudio = \"../../x.wav\"\n" + text)
      .write(to: manifest, atomically: true, encoding: .utf8)
    #expect(try await answer(model, scratch.path("clip")) == answer(model, clip))
  }

  @Test func `a shard index cannot leave its directory`() async throws {
    for name in ["../model-00002-of-00003.safetensors", "/etc/passwd", "..", ""] {
      let scratch = try Scratch()
      try scratch.copy("qwen2_5_audio_only/checkpoint", as: "model")
      let index = scratch.url.appending(path: "model/model.safetensors.index.json")
      let text = try String(contentsOf: index, encoding: .utf8)
      try text.replacing("model-00002-of-00003.safetensors", with: name)
        .write(to: index, atomically: true, encoding: .utf8)
      let outcome = try await Program.run([
        "report", Fixtures.golden.appending(path: "qwen2_5_audio_only/clip").path, "--model",
        scratch.path("model"),
      ])
      #expect(outcome.code == 1 && outcome.output.isEmpty, "\(name)")
      #expect(outcome.errorOutput.contains("model"), "\(outcome.errorOutput)")
    }
  }

  @Test func `a file name is never executed as a command`() async throws {
    let scratch = try Scratch()
    let trap = scratch.path("trapped")
    for name in ["$(touch \(trap)).mp4", "-i", "; touch \(trap)"] {
      let path = scratch.path(name.replacing("/", with: "_"))
      try Data("no media".utf8).write(to: URL(filePath: path))
      let outcome = try await Program.run(["report", "--model", model, "--", path])
      #expect(outcome.code == 1, "\(outcome.errorOutput)")
    }
    #expect(!FileManager.default.fileExists(atPath: trap))
  }
}
