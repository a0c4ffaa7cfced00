import Foundation
import TestSupport
import Testing

@testable import OmniModel

/// Directories as they are downloaded: other parts beside the thinker, tokenizers in older files,
/// the hub's cache.
@Suite struct `Model directories and repositories` {
  private let scratch = FileManager.default.temporaryDirectory
    .appending(path: "seats-top-\(UUID().uuidString)")

  private func directory(_ name: String) throws -> URL {
    let url = scratch.appending(path: name)
    try FileManager.default.createDirectory(
      at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
    return url
  }

  @Test func `shards without thinker tensors are not opened`() throws {
    defer { try? FileManager.default.removeItem(at: scratch) }
    let model = try directory("model")
    try FileManager.default.copyItem(
      at: Fixtures.golden.appending(path: "qwen2_5_audio_only/checkpoint"), to: model)
    let index = model.appending(path: "model.safetensors.index.json")
    var json = try #require(
      JSONSerialization.jsonObject(with: Data(contentsOf: index)) as? [String: Any])
    var map = try #require(json["weight_map"] as? [String: String])
    map["talker.model.embed_tokens.weight"] = "model-00004-of-00004.safetensors"
    map["token2wav.code2wav_dit_model.norm.weight"] = "model-00004-of-00004.safetensors"
    json["weight_map"] = map
    try JSONSerialization.data(withJSONObject: json).write(to: index)
    let thinker = try Thinker(directory: model.path)
    let plain = try GoldenCase("qwen2_5_audio_only").thinker()
    #expect(thinker.parameters == plain.parameters)
  }

  @Test func `vocab.json and merges.txt give the same tokenizer`() throws {
    defer { try? FileManager.default.removeItem(at: scratch) }
    let model = try directory("model")
    let source = Fixtures.golden.appending(path: "qwen3_av/checkpoint")
    try FileManager.default.copyItem(at: source, to: model)
    try FileManager.default.removeItem(at: model.appending(path: "tokenizer.json"))
    let (older, newer) = try (
      Tokenizer(directory: model.path), Tokenizer(directory: source.path)
    )
    for text in ["<|im_start|>user\nWhat is shown?<|im_end|>", "naïve — 世界 12"] {
      #expect(older.encode(text) == newer.encode(text))
      #expect(older.decode(newer.encode(text)) == newer.decode(newer.encode(text)))
    }
    try FileManager.default.removeItem(at: model.appending(path: "vocab.json"))
    #expect(throws: CheckpointError.missingFile(path: model.path + "/tokenizer.json")) {
      try Tokenizer(directory: model.path)
    }
  }

  @Test func `the byte tokenizer encodes and decodes any text`() throws {
    let tokenizer = try Tokenizer.bytes()
    let text = "naïve — 世界 12\n"
    #expect(tokenizer.encodePlain(text) == text.utf8.map { Int($0) })
    #expect(tokenizer.decode(tokenizer.encodePlain(text)) == text)
  }

  @Test func `model repositories are found in the Hugging Face cache`() throws {
    defer { try? FileManager.default.removeItem(at: scratch) }
    let hub = scratch.appending(path: "hub")
    let folder = hub.appending(path: "models--Qwen--Tiny")
    for revision in ["aaa", "bbb"] {
      try FileManager.default.createDirectory(
        at: folder.appending(path: "snapshots/" + revision), withIntermediateDirectories: true)
    }
    let cache = HubCache(environment: ["HF_HUB_CACHE": hub.path])
    let missing = CheckpointError.notDownloaded(repository: "Qwen/Tiny", cache: hub.path)
    #expect(throws: missing) { try cache.snapshot(of: "Qwen/Tiny") }
    try FileManager.default.createDirectory(
      at: folder.appending(path: "refs"), withIntermediateDirectories: true)
    try Data("bbb\n".utf8).write(to: folder.appending(path: "refs/main"))
    #expect(try cache.snapshot(of: "Qwen/Tiny").hasSuffix("models--Qwen--Tiny/snapshots/bbb"))
    try FileManager.default.removeItem(at: folder.appending(path: "refs"))
    try FileManager.default.removeItem(at: folder.appending(path: "snapshots/bbb"))
    #expect(try cache.snapshot(of: "Qwen/Tiny").hasSuffix("snapshots/aaa"))
    #expect(throws: CheckpointError.self) { try cache.snapshot(of: "Qwen/Other") }
  }

  @Test func `environment variables set the Hugging Face cache folder`() {
    func cache(_ environment: [String: String]) -> String {
      HubCache(environment: environment).directory
    }
    #expect(cache(["HOME": "/h"]) == "/h/.cache/huggingface/hub")
    #expect(cache(["HOME": "/h", "XDG_CACHE_HOME": "/x"]) == "/x/huggingface/hub")
    #expect(cache(["HOME": "/h", "HF_HOME": "/f"]) == "/f/hub")
    #expect(cache(["HF_HOME": "/f", "HF_HUB_CACHE": "/c"]) == "/c")
  }

  @Test(arguments: [
    ("Qwen/Qwen2.5-Omni-3B", true), ("a/b", true), ("./model", false), ("a/b/c", false),
    ("model", false), ("/a", false), ("a/", false), ("~/m", false), ("a/..", false),
    ("a b/c", false),
  ])
  func `only owner/name counts as a model repository`(_ name: String, _ isRepository: Bool) {
    #expect(HubCache.isRepository(name) == isRepository)
  }
}
