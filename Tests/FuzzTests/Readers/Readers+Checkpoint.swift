import Foundation
import Tensors
import TestSupport

@testable import OmniModel

extension Reader {
  static let checkpointReaders = [
    safetensors, packedWeights, shardIndex, configuration, preprocessor, drops, tokenizer, merges,
    chatTemplate,
    tokenizedText,
  ]

  /// Memory of JSON: every value becomes an object.
  private static let json = AllocationBound(fixed: 1 << 20, perByte: 120)

  private static let safetensors = Reader(
    name: "safetensors", seeds: Seed.safetensors, dress: Seed.withLength, bound: json
  ) { bytes in
    CheckpointFolder.shared.with("model.safetensors", bytes) { directory in
      guard let checkpoint = try? Checkpoint(directory) else { return }
      _ = checkpoint.content
      for (name, located) in checkpoint.tensors {
        let entry = located.entry
        guard let tensor = try? checkpoint.stored(name, shape: entry.shape).tensor() else {
          continue
        }
        precondition(tensor.elements.count == entry.shape.reduce(1, *))
      }
    }
  }

  /// Whole files, and tables whose checksum is right.
  private static let packedWeights = Reader(
    name: "packed", seeds: [Seed.packedTable, Seed.packed(Seed.packedTable)], dress: Seed.packed,
    bound: json
  ) { bytes in
    for bytes in [bytes, Seed.packed(bytes)] {
      CheckpointFolder.shared.with("a.packed", bytes) { directory in
        guard let file = try? PackedFile(directory + "/a.packed") else { return }
        _ = file.hasDamage
        for matrix in file.table.matrices.prefix(100) {
          let found = try? file.matrix(
            matrix.name, outputs: matrix.outputs, inputs: matrix.inputs, isPaired: matrix.isPaired
          ) { () throws(AllocationFailure) in throw AllocationFailure(bytes: 0) }
          _ = found?.byteCount
        }
      }
    }
  }

  private static let shardIndex = Reader(
    name: "shard-index",
    seeds: [
      Array(#"{"metadata":{"total_size":4},"weight_map":{"model.a":"one","visual.b":"one"}}"#.utf8)
    ],
    bound: json
  ) { bytes in
    let shard = Seed.safetensors[0]
    CheckpointFolder.shared.with("one", shard) { directory in
      CheckpointFolder.shared.with("model.safetensors.index.json", bytes) { _ in
        _ = try? Checkpoint(directory)
      }
    }
  }

  private static let configuration = Reader(
    name: "config", seeds: Seed.checkpointFiles("/config.json"), bound: json
  ) { bytes in
    CheckpointFolder.shared.with("config.json", bytes) {
      _ = try? OmniConfiguration(directory: $0)
    }
  }

  private static let preprocessor = Reader(
    name: "preprocessor", seeds: Seed.checkpointFiles("preprocessor_config.json"), bound: json
  ) { bytes in
    guard let model = try? ModelShape.qwen25Omni3B.configuration() else { return }
    for name in ["preprocessor_config.json", "processor_config.json"] {
      CheckpointFolder.shared.with(name, bytes) {
        _ = try? PreprocessorConfiguration(directory: $0, model)
      }
    }
  }

  private static let chatTemplate = Reader(
    name: "chat-template", seeds: Seed.chatTemplates,
    bound: AllocationBound(fixed: 256 << 20, perByte: 120)
  ) { bytes in
    CheckpointFolder.shared.with("chat_template.jinja", bytes) {
      _ = try? ChatStyle.read(directory: $0, Qwen3Omni())
    }
  }

  /// `seats.json` and `generation_config.json`.
  private static let drops = Reader(
    name: "drops",
    seeds: Seed.checkpointFiles("seats.json") + Seed.checkpointFiles("generation_config.json"),
    bound: json
  ) { bytes in
    CheckpointFolder.shared.with("seats.json", bytes) { directory in
      _ = try? PublishedDrops(directory: directory, layers: 10)
      _ = try? JSONFile(directory + "/seats.json").decode(GenerationFile.self)
    }
  }

  private static let tokenizer = Reader(
    name: "tokenizer", seeds: [Seed.smallTokenizer], bound: json
  ) { bytes in
    CheckpointFolder.shared.with("tokenizer.json", bytes) { directory in
      guard let tokenizer = try? Tokenizer(directory: directory) else { return }
      let ids = tokenizer.encode("The <|im_end|>café, 12 o'clock\n")
      _ = tokenizer.decode(ids, keepingSpecial: true)
    }
  }

  /// `merges.txt`, beside the smallest vocabulary.
  private static let merges = Reader(
    name: "merges", seeds: [Array("#version: 0.2\nt h\nth e\n".utf8)], bound: json
  ) { bytes in
    CheckpointFolder.shared.with("vocab.json", Seed.smallVocabulary) { directory in
      CheckpointFolder.shared.with("merges.txt", bytes) { _ in
        _ = (try? Tokenizer(directory: directory))?.encode("the thing")
      }
    }
  }

  /// Questions and answers: any text in, any ids out.
  private static let tokenizedText = Reader(
    name: "text",
    seeds: ["What's <|im_start|>\r\n 123 ünï\u{301} 漢字 \u{1F600}", "    \n\n\t a"].map {
      [UInt8]($0.utf8)
    },
    bound: AllocationBound(fixed: 1 << 20, perByte: 500)
  ) { bytes in
    guard let tokenizer = embeddedTokenizer else { return }
    // The longest text that is asked in earnest; time grows with the length.
    let text = String(decoding: bytes.prefix(100_000), as: UTF8.self)
    let ids = tokenizer.encodePlain(text)
    precondition(
      tokenizer.decode(ids).utf8.elementsEqual(tokenizer.normalized(text).utf8),
      "a text does not survive its tokens")
    _ = tokenizer.encode(text)
    _ = tokenizer.decode(bytes.prefix(100_000).map { Int($0) * 7 })
  }

  private static let embeddedTokenizer = try? Tokenizer(
    directory: Fixtures.golden.appending(path: "qwen2_5_av/checkpoint").path)
}

extension Seed {
  static func checkpointFiles(_ name: String) -> [[UInt8]] {
    files("Tests/Fixtures/golden", name) + files("samples/model", String(name.drop { $0 == "/" }))
  }

  static let safetensors = [
    tensors(
      #"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"b":{"dtype":"BF16","shape":[1,2],"data_offsets":[4,8]}}"#,
      8),
    tensors(
      #"{"__metadata__":{"format":"pt"},"a":{"dtype":"F16","shape":[],"data_offsets":[0,2]}}"#, 2),
  ]

  static let packedTable = Array(
    #"{"format":1,"layout":1,"source":{"directory":"/m","files":[{"name":"a","header":18446744073709551615,"version":{"bytes":9,"modified":1,"changed":1}}]},"matrices":[{"name":"a","outputs":3,"inputs":5,"isPaired":false,"offset":4096,"checksum":1}]}"#
      .utf8)

  /// A file of packed weights with this table, and a page of panels.
  static func packed(_ table: [UInt8]) -> [UInt8] {
    let checksum = table.withUnsafeBytes { Checksum.of($0) } ?? 0
    let numbers = [8192, UInt64(table.count), checksum].flatMap { number in
      (0..<8).map { UInt8(truncatingIfNeeded: number >> (8 * UInt64($0))) }
    }
    let page = PackedFile.magic + numbers
    return page + [UInt8](repeating: 0, count: 8192 - page.count) + table
  }

  private static func tensors(_ header: String, _ bytes: Int) -> [UInt8] {
    withLength(Array(header.utf8)) + [UInt8](repeating: 0x3c, count: bytes)
  }

  /// Eight bytes of length before a header.
  static func withLength(_ header: [UInt8]) -> [UInt8] {
    (0..<8).map { UInt8(truncatingIfNeeded: header.count >> (8 * $0)) } + header
  }

  /// The smallest there is: a token per byte, a few merges, the special ones.
  static let chatTemplates: [[UInt8]] = [
    "{% for m in messages %}<|im_start|>{{ m['role'] }}\n{% for c in m.content if c.type == 'text' %}"
      + "{{ c.text|trim }}{% else %}{% endfor %}<|im_end|>\n{% endfor %}"
      + "{%- if add_generation_prompt and not x is defined %}{{ '<|im_start|>' ~ 'assistant\\n' }}"
      + "{%- endif %}",
    "{% set ns = namespace(n=0, t=[]) %}{% for m in messages[::-1] %}{% set ns.n = ns.n + 1 %}"
      + "{{ m.role.split('s')[-1].rstrip('e') if loop.last else (1 + 2) * 3 }}{% endfor %}{{ ns.n }}",
  ].map { Array($0.utf8) }

  static let smallTokenizer: [UInt8] = {
    let file =
      #"{"added_tokens":[{"id":258,"content":"<|im_end|>","special":true}],"#
      + #""normalizer":{"type":"NFC"},"pre_tokenizer":{"type":"Sequence","pretokenizers":["#
      + #"{"type":"Split","pattern":{"Regex":"#
      + String(decoding: (try? JSONEncoder().encode(WordSplitter.pattern)) ?? Data(), as: UTF8.self)
      + #"},"behavior":"Isolated"},{"type":"ByteLevel","add_prefix_space":false,"use_regex":false}]},"#
      + #""model":{"type":"BPE","vocab":"#
      + String(decoding: smallVocabulary, as: UTF8.self)
      + #","merges":["t h",["th","e"]]}}"#
    return [UInt8](file.utf8)
  }()

  static let smallVocabulary: [UInt8] = {
    let letters = UInt8.min...UInt8.max
    let vocabulary = letters.map { byte in
      let spelling = ByteAlphabet.spelling(of: [byte])
      let escaped = spelling == "\"" || spelling == "\\" ? "\\" + spelling : spelling
      return "\"\(escaped)\":\(byte)"
    }
    let file = "{" + vocabulary.joined(separator: ",") + #","th":256,"the":257}"#
    return [UInt8](file.utf8)
  }()
}

/// A folder in memory whose files are written and taken away for each case.
final class CheckpointFolder: Sendable {
  static let shared = CheckpointFolder()
  private let path: String

  private init() {
    let memory = "/dev/shm"
    let parent = access(memory, W_OK) == 0 ? memory : NSTemporaryDirectory()
    path = "\(parent)/seats-top-fuzz-\(getpid())"
    mkdir(path, 0o700)
    atexit { rmdir(CheckpointFolder.shared.path) }
  }

  func with(_ name: String, _ bytes: [UInt8], _ body: (String) -> Void) {
    let file = "\(path)/\(name)"
    let descriptor = open(file, O_CREAT | O_TRUNC | O_WRONLY, 0o600)
    precondition(descriptor >= 0 && write(descriptor, bytes, bytes.count) == bytes.count)
    close(descriptor)
    body(path)
    unlink(file)
  }
}
