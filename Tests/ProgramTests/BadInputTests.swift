import Foundation
import TestSupport
import Testing

/// Bad input gets one sentence that names the file and the place, exit code 1, and nothing on
/// stdout.
@Suite struct `Bad input` {
  private func expectMessage(
    _ arguments: [String], naming parts: [String], _ comment: Comment
  ) async throws {
    let outcome = try await Program.run(["report"] + arguments)
    #expect(outcome.code == 1, comment)
    #expect(outcome.output.isEmpty, comment)
    let lines = outcome.errorOutput.split(separator: "\n")
    #expect(lines.count == 1, "\(comment): \(outcome.errorOutput)")
    #expect(lines.first?.hasPrefix("seats-top: ") == true, comment)
    #expect(lines.first?.hasSuffix(".") == true, comment)
    for part in parts {
      #expect(outcome.errorOutput.contains(part), "\(comment): \(outcome.errorOutput)")
    }
  }

  /// A safetensors file with this header and `bytes` of data.
  private func safetensors(_ header: String, bytes: Int, claimed: UInt64? = nil) -> Data {
    let text = Data(header.utf8)
    var length = (claimed ?? UInt64(text.count)).littleEndian
    return Data(bytes: &length, count: 8) + text + Data(count: bytes)
  }

  @Test
  func
    `a model beyond the limit of the address space is refused with its size and what is missing`()
    async throws
  {
    let clip = Fixtures.golden.appending(path: "qwen2_5_av/clip").path
    let outcome = try await Program.run(
      ["report", clip, "--load-format", "dummy", "--shape", "3b"],
      through: ["bash", "-c", "ulimit -v 800000; exec \"$0\" \"$@\""])
    #expect(outcome.code == 1 && outcome.output.isEmpty)
    #expect(outcome.errorOutput.split(separator: "\n").count == 1, "\(outcome.errorOutput)")
    for part in ["take 8.2 GiB", "(ulimit -v)", "MiB too low", "raise it"] {
      #expect(outcome.errorOutput.contains(part), "\(outcome.errorOutput)")
    }
  }

  @Test func `a safetensors header that contradicts its file is refused`() async throws {
    let clip = Fixtures.golden.appending(path: "qwen2_5_av/clip").path
    let norm = #""thinker.model.norm.weight":{"dtype":"F32","shape":[48],"data_offsets":"#
    let cases: [(String, Data, [String])] = [
      ("empty", Data(), ["byte 0"]),
      ("header longer than the file", safetensors("{}", bytes: 0, claimed: 1 << 63), ["byte 0"]),
      ("not JSON", safetensors("{{{", bytes: 4), ["not a JSON table"]),
      (
        "offsets past the end", safetensors("{" + norm + "[0,192]}}", bytes: 100),
        ["model.norm.weight", "outside the 100 bytes"]
      ),
      (
        "offsets turned round", safetensors("{" + norm + "[192,0]}}", bytes: 192),
        ["model.norm.weight"]
      ),
      (
        "fewer bytes than the shape", safetensors("{" + norm + "[0,188]}}", bytes: 192),
        ["does not occupy 188 bytes"]
      ),
      (
        "overlapping tensors",
        safetensors(
          "{" + norm + #"[0,192]},"b":{"dtype":"F32","shape":[48],"data_offsets":[4,196]}}"#,
          bytes: 200),
        ["overlap"]
      ),
      (
        "a count beyond all bounds",
        safetensors(
          #"{"a":{"dtype":"F32","shape":[4611686018427387904,8],"data_offsets":[0,4]}}"#,
          bytes: 4),
        ["is invalid"]
      ),
      (
        "a negative count",
        safetensors(#"{"a":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}}"#, bytes: 4),
        ["is invalid"]
      ),
      (
        "counts of another type that together are beyond all bounds",
        safetensors(
          #"{"a":{"dtype":"I64","shape":[9223372036854775807],"data_offsets":[0,0]},"#
            + #""b":{"dtype":"I64","shape":[9223372036854775807],"data_offsets":[0,0]}}"#,
          bytes: 0),
        ["exceeds 0 bytes"]
      ),
      ("no tensors", safetensors("{}", bytes: 0), ["is not in"]),
    ]
    for (comment, contents, parts) in cases {
      let scratch = try Scratch()
      try scratch.copy("qwen2_5_av/checkpoint", as: "model")
      try scratch.write("model/model.safetensors", contents)
      let path = comment == "no tensors" ? scratch.path("model") : "model.safetensors"
      try await expectMessage(
        [clip, "--model", scratch.path("model")], naming: [path] + parts, "\(comment)")
    }
  }

  @Test func `truncated weights exit with 1 and name their file`() async throws {
    let scratch = try Scratch()
    try scratch.copy("qwen2_5_av/checkpoint", as: "model")
    let whole = try Data(contentsOf: scratch.url.appending(path: "model/model.safetensors"))
    try scratch.write("model/model.safetensors", whole.dropLast(1000))
    try await expectMessage(
      [Fixtures.golden.appending(path: "qwen2_5_av/clip").path, "--model", scratch.path("model")],
      naming: ["model.safetensors", "outside"], "truncated")
  }

  @Test func `an invalid config.json exits with 1 and names the key`() async throws {
    let cases: [(String, String, [String])] = [
      (#""hidden_size": 48"#, #""hidden_size": 0"#, ["text_config.hidden_size"]),
      (#""num_attention_heads": 4"#, #""num_attention_heads": 5"#, ["num_attention_heads"]),
      (#""num_hidden_layers": 10"#, #""num_hidden_layers": 11"#, ["is 11", "10, the number"]),
      (#""num_hidden_layers": 10"#, #""num_hidden_layers": -1"#, ["num_hidden_layers"]),
      (#""intermediate_size": 56"#, #""intermediate_size": 64"#, ["mlp", "[64, 48]", "[56, 48]"]),
      (#""rms_norm_eps": 1e-06"#, #""rms_norm_eps": -1"#, ["rms_norm_eps"]),
      (#""rope_theta": 1000000.0"#, #""rope_theta": 0"#, ["rope_theta"]),
      (#""vocab_size": 640"#, #""vocab_size": "many""#, ["vocab_size", "an integer"]),
      (#""model_type": "qwen2_5_omni","#, #""model_type": "llama","#, ["not supported"]),
      (#""text_config": {"#, #""text_konfig": {"#, ["thinker_config.text_config", "is missing"]),
      ("{", "[", ["not valid JSON"]),
    ]
    for (from, to, parts) in cases {
      let scratch = try Scratch()
      try scratch.copy("qwen2_5_av/checkpoint", as: "model")
      let config = scratch.url.appending(path: "model/config.json")
      let text = try String(contentsOf: config, encoding: .utf8)
      #expect(text.contains(from))
      try text.replacing(from, with: to, maxReplacements: 1)
        .write(to: config, atomically: true, encoding: .utf8)
      try await expectMessage(
        [
          Fixtures.golden.appending(path: "qwen2_5_av/clip").path, "--model", scratch.path("model"),
        ],
        naming: parts, "\(to)")
    }
  }

  /// Runs a copy of a fixture after `change`.
  private func expectMessage(
    _ fixture: String, _ parts: [String], _ comment: Comment, _ change: (URL) throws -> Void
  ) async throws {
    let scratch = try Scratch()
    try scratch.copy(fixture + "/checkpoint", as: "model")
    try change(scratch.url.appending(path: "model"))
    let clip = Fixtures.golden.appending(path: fixture + "/clip").path
    try await expectMessage([clip, "--model", scratch.path("model")], naming: parts, comment)
  }

  private func replace(_ from: String, _ to: String, in file: String) -> (URL) throws -> Void {
    { model in
      let url = model.appending(path: file)
      let text = try String(contentsOf: url, encoding: .utf8)
      #expect(text.contains(from), "\(from)")
      try Data(text.replacing(from, with: to, maxReplacements: 1).utf8).write(to: url)
    }
  }

  @Test func `a config.json that contradicts the weights exits with 1`()
    async throws
  {
    let cases: [(String, String, String, [String])] = [
      (
        "qwen2_5_av", #""num_hidden_layers": 10"#, #""num_hidden_layers": 9"#,
        ["text_config.num_hidden_layers is 9", "10, the number"]
      ),
      ("qwen3_av", #""depth": 4"#, #""depth": 3"#, ["vision_config.depth is 3", "4, the number"]),
      ("qwen3_av", #""num_experts": 5"#, #""num_experts": 4"#, ["num_experts is 4", "must be 5"]),
      ("qwen3_av", #""num_experts": 5"#, #""num_experts": 6"#, ["num_experts is 6", "must be 5"]),
      (
        "qwen3_av", #""num_experts_per_tok": 2"#, #""num_experts_per_tok": 9"#,
        ["num_experts_per_tok is 9"]
      ),
      ("qwen3_av", #""n_window": 50"#, #""n_window": 60"#, ["audio_config.n_window is 60", "50"]),
      (
        "qwen3_av", #""gelu_pytorch_tanh""#, #""relu6""#, ["vision_config.hidden_act is relu6"]
      ),
      (
        "qwen3_av", #""attention_bias": false"#, #""attention_bias": true"#,
        ["layers.0.self_attn.q_proj.bias", "is not in"]
      ),
      (
        "qwen3_av", #""num_position_embeddings": 64"#, #""num_position_embeddings": 100"#,
        ["pos_embed.weight", "[64, 32]", "[100, 32]"]
      ),
      (
        "qwen3_av", #""architectures""#,
        #""quantization_config": {"quant_method": "awq"}, "architectures""#,
        ["quantization_config is awq", "BF16"]
      ),
      (
        "qwen3_av", #""model_type": "qwen3_omni_moe","#, #""model_type": "qwen3_omni_talker","#,
        ["not supported", "Qwen3-Omni"]
      ),
    ]
    for (fixture, from, to, parts) in cases {
      try await expectMessage(
        fixture,
        ["config.json"].filter { _ in !to.contains("bias") && !to.contains("100") } + parts,
        "\(to)", replace(from, to, in: "config.json"))
    }
  }

  @Test func `missing or wrong weight shards are named`() async throws {
    let shard = "model-00002-of-00003.safetensors"
    try await expectMessage("qwen2_5_audio_only", [shard, "missing"], "no shard") { model in
      try FileManager.default.removeItem(at: model.appending(path: shard))
    }
    try await expectMessage(
      "qwen2_5_audio_only", ["model.safetensors.index.json says", "no such tensor"], "wrong index"
    ) { model in
      let index = model.appending(path: "model.safetensors.index.json")
      let text = try String(contentsOf: index, encoding: .utf8)
      try Data(text.replacing("00001-of", with: "00002-of").utf8).write(to: index)
    }
  }

  @Test func `a model repository that is not downloaded is named`() async throws {
    let scratch = try Scratch()
    let outcome = try await Program.run(
      ["report", "--model", "Qwen/Qwen2.5-Omni-3B"],
      environment: ["HF_HUB_CACHE": scratch.path("hub")])
    #expect(outcome.code == 1)
    #expect(outcome.errorOutput.contains("hf download Qwen/Qwen2.5-Omni-3B"))
    #expect(outcome.errorOutput.contains(scratch.path("hub")))
  }

  @Test func `contradictory --load-format dummy options exit with 2`() async throws {
    for options in [
      ["--load-format", "dummy"], ["--shape", "7b"], ["--layers", "3"],
      ["--load-format", "dummy", "--shape", "7b", "--model", "x"],
      ["--load-format", "dummy", "--shape", "9b"],
      ["--load-format", "dummy", "--shape", "7b", "--layers", "0"],
    ] {
      let outcome = try await Program.run(["report"] + options)
      #expect(outcome.code == 2, "\(options)")
    }
  }

  @Test func `weights that are NaN or infinite are refused`() async throws {
    let scratch = try Scratch()
    try scratch.copy("qwen2_5_av/checkpoint", as: "model")
    let file = scratch.url.appending(path: "model/model.safetensors")
    var weights = try Data(contentsOf: file)
    // Every byte of the tail set makes not-a-number of every float there.
    weights.replaceSubrange(
      weights.count - 300_000..<weights.count, with: Data(repeating: 0xff, count: 300_000))
    try weights.write(to: file)
    try await expectMessage(
      [Fixtures.golden.appending(path: "qwen2_5_av/clip").path, "--model", scratch.path("model")],
      naming: ["not finite"], "not a number")
  }

  @Test func `a file modified after the year 2262 is read`() async throws {
    let scratch = try Scratch()
    try scratch.copy("qwen2_5_av/checkpoint", as: "model")
    // Nanoseconds since 1970 fill 64 bits in that year.
    var times = [timespec](repeating: timespec(tv_sec: 13_569_465_600, tv_nsec: 0), count: 2)
    #expect(utimensat(AT_FDCWD, scratch.path("model/config.json"), &times, 0) == 0)
    let clip = Fixtures.golden.appending(path: "qwen2_5_av/clip").path
    let outcome = try await Program.run(["report", clip, "--model", scratch.path("model")])
    #expect(outcome.code == 0, "\(outcome.errorOutput)")
  }

  @Test func `a pipe in place of a file is refused at once`() async throws {
    let scratch = try Scratch()
    try scratch.copy("qwen2_5_av/checkpoint", as: "model")
    try FileManager.default.removeItem(at: scratch.url.appending(path: "model/config.json"))
    #expect(mkfifo(scratch.path("model/config.json"), 0o600) == 0)
    try await expectMessage(
      [Fixtures.golden.appending(path: "qwen2_5_av/clip").path, "--model", scratch.path("model")],
      naming: ["config.json", "not a regular file"], "FIFO")
  }

  @Test func `control characters in file names never reach the terminal`() async throws {
    let scratch = try Scratch()
    try scratch.copy("qwen2_5_av/checkpoint", as: "model")
    let name = "\\u001b[31m" + String(repeating: "x", count: 5000)
    try scratch.write(
      "model/model.safetensors",
      safetensors(
        "{\"\(name)\":{\"dtype\":\"F32\",\"shape\":[9],\"data_offsets\":[0,4]}}", bytes: 4))
    let outcome = try await Program.run([
      "report", Fixtures.golden.appending(path: "qwen2_5_av/clip").path, "--model",
      scratch.path("model"),
    ])
    #expect(outcome.code == 1 && outcome.errorOutput.count < 700)
    #expect(!outcome.errorOutput.contains("\u{1B}"))
  }

  @Test func `a missing file exits with 1 and names the path`() async throws {
    let clip = Fixtures.golden.appending(path: "qwen2_5_audio_only/clip").path
    for name in ["config.json", "tokenizer.json", "model-00002-of-00003.safetensors"] {
      let scratch = try Scratch()
      try scratch.copy("qwen2_5_audio_only/checkpoint", as: "model")
      // Without tokenizer.json, the older files would do.
      for gone in [name] + (name == "tokenizer.json" ? ["vocab.json"] : []) {
        try FileManager.default.removeItem(at: scratch.url.appending(path: "model/" + gone))
      }
      try await expectMessage([clip, "--model", scratch.path("model")], naming: [name], "\(name)")
    }
    try await expectMessage([clip, "--model", "/no/such"], naming: ["/no/such"], "no directory")
  }

  @Test func `an invalid clip exits with 1 and names the file`() async throws {
    let cases: [(String, String, Data, [String])] = [
      ("bad TOML", "clip.toml", Data("title = ".utf8), ["clip.toml:1:"]),
      ("fps of nothing", "clip.toml", Data("fps = 0".utf8), ["clip.toml", "fps"]),
      ("no frames", "video.ppm", Data(), ["video.ppm"]),
      ("odd size", "video.ppm", Data("P6 4 4 255\n123".utf8), ["video.ppm", "frame 1"]),
      ("no sound", "audio.wav", Data("RIFF".utf8), ["audio.wav"]),
    ]
    for (comment, name, contents, parts) in cases {
      let scratch = try Scratch()
      try scratch.copy("qwen2_5_av/clip", as: "clip")
      try scratch.write("clip/" + name, contents)
      try await expectMessage(
        [
          scratch.path("clip"), "--model",
          Fixtures.golden.appending(path: "qwen2_5_av/checkpoint").path,
        ],
        naming: parts, "\(comment)")
    }
  }

  @Test func `an empty clip exits with 1`() async throws {
    let scratch = try Scratch()
    try scratch.write("clip.toml", Data("title = 'nothing'".utf8))
    let model = Fixtures.golden.appending(path: "qwen2_5_av/checkpoint").path
    try await expectMessage(
      [scratch.url.path, "--model", model], naming: ["no video, audio, image or question"],
      "nothing")
    let asked = try await Program.run(
      ["report", scratch.url.path, "--model", model, "--question", "Hello?"])
    #expect(asked.code == 0 && asked.output.contains("0 video + 0 audio"))
  }

  @Test(arguments: [
    ["report", "--retention", "101"], ["report", "--video-ratio", "nan"],
    ["report", "--drop-layers", "1-x"], ["report", "--late-layer", "0"],
    ["report", "--snapshot-memory", "9223372036854775807"],
    ["report", "--snapshot-memory", "2000000T"], ["report", "--snapshot-memory=-1"],
    ["report", "--threads", "0"], ["report", "--max-new-tokens=-4"],
    ["render", "scenes.jsonl", "folder", "--limit=-1"],
    ["sweep", "--encoder-scale=-1e308"], ["sweep", "--encoder-scale=nan"],
    ["report", "--nonsense"],
    ["report", "--method", "guess"], ["compare", "--methods", ","],
    ["compare", "--methods", "seats", "--method", "random"], ["sweep", "--methods", ","],
  ])
  func `wrong command-line options exit with 2`(_ arguments: [String]) async throws {
    let outcome = try await Program.run(arguments)
    #expect(outcome.code == 2 && outcome.output.isEmpty)
    #expect(outcome.errorOutput.contains("Usage:"))
  }
}
