// Only in debug builds: it uses internals of the engine.
#if DEBUG
  import Basics
  import Foundation
  import Synchronization
  import Tensors

  @testable import OmniModel
  @testable import RemoteEngine
  @testable import Selection

  /// Answers requests from standard input on standard output.
  // The reader's thread uses only what is locked.
  final class EngineServer: @unchecked Sendable {
    struct Refusal: Error {
      let kind, reason: String
    }

    private struct Prompt {
      let ids: [Int]
      let positions: [SIMD3<Float>]
      let kinds: [String]
      let places: [[Int]]
    }

    private struct Hidden {
      let rows: Tensor
      let at: [Int]
    }

    private struct Kept {
      let cache: KeyValues
      let at: [Int]
    }

    private struct Answer {
      var caches: [KeyValues?]
      var next: Float
      /// The most likely token after them.
      var best: Int?
    }

    private let script: FaultScript
    private let thinker: Thinker
    private let directory: String
    private var states: [Int: Any] = [:]
    private let cancelled = Mutex<Set<Int>>([])
    private let inbox = Mutex<[EngineFrame?]>([])
    private let arrived = DispatchSemaphore(value: 0)
    private let output = FileHandle.standardOutput

    init(_ script: FaultScript, model: String) throws {
      self.script = script
      directory = model
      thinker = try Thinker(directory: model)
    }

    func run() throws {
      let thread = Thread { self.read() }
      thread.start()
      while true {
        arrived.wait()
        guard let frame = inbox.withLock({ $0.removeFirst() }) else { return }
        try work(frame)
      }
    }

    private func read() {
      let input = FileHandle.standardInput
      func exactly(_ count: Int) -> Data? {
        var data = Data()
        while data.count < count {
          guard let piece = try? input.read(upToCount: count - data.count), !piece.isEmpty else {
            return nil
          }
          data.append(piece)
        }
        return data
      }
      while let prefix = exactly(EngineFrame.prefix),
        let lengths = try? EngineFrame.lengths(prefix),
        let header = exactly(lengths.header), let payload = exactly(lengths.payload),
        let frame = try? EngineFrame(header: header, payload: payload)
      {
        if frame["op"]?.string == "cancel" {
          if let id = frame["of"]?.integer { cancelled.withLock { _ = $0.insert(id) } }
          continue
        }
        inbox.withLock { $0.append(frame) }
        arrived.signal()
      }
      inbox.withLock { $0.append(nil) }
      arrived.signal()
    }

    private func work(_ frame: EngineFrame) throws {
      let id = frame["id"]?.integer ?? 0
      for number in frame["release"]?.array ?? [] {
        if let number = number.integer { states[number] = nil }
      }
      do {
        try check(id)
        var (header, tensors) = try answer(frame, id)
        header["id"] = .number(id)
        header["ok"] = .truth(true)
        try send(header, tensors)
      } catch let refusal as Refusal {
        try send([
          "id": .number(id), "ok": .truth(false), "kind": .text(refusal.kind),
          "error": .text(refusal.reason), "oldest": .number(7), "newest": .number(9),
        ])
      }
    }

    private func check(_ id: Int) throws {
      if cancelled.withLock({ $0.contains(id) }) {
        throw Refusal(kind: "cancelled", reason: "cancelled")
      }
    }

    private func send(
      _ header: [String: RequestValue], _ tensors: [(name: String, tensor: EngineTensor)] = []
    ) throws {
      if let bytes = EngineFrame.bytes(header, tensors) { try output.write(contentsOf: bytes) }
    }

    private typealias Made = ([String: RequestValue], [(name: String, tensor: EngineTensor)])

    private func answer(_ frame: EngineFrame, _ id: Int) throws -> Made {
      switch frame["op"]?.string {
      case "hello": return try hello(id)
      case "files":
        return (
          [:],
          try FileManager.default.contentsOfDirectory(atPath: directory)
            .filter { !$0.hasSuffix(".safetensors") }.compactMap { name in
              FileManager.default.contents(atPath: directory + "/" + name).map {
                (name: name, tensor: EngineTensor(kind: .u8, shape: [$0.count], bytes: $0))
              }
            }
        )
      case "file": return try file(frame)
      case "prompt": return try prompt(frame)
      case "encode": return try encode(frame)
      case "embed": return try embed(frame)
      case "attention":
        let piece = try piece(frame)
        return (
          [:],
          [
            (
              "attention",
              EngineTensor(
                vector: piece.attention.received(windowUnits: try number(frame, "window")))
            )
          ]
        )
      case "features": return ([:], [("features", EngineTensor(try piece(frame).features))])
      case "keys": return ([:], [("keys", EngineTensor(try piece(frame).attention.keyMeans()))])
      case "distances": return ([:], [("distances", EngineTensor(vector: try distances(frame)))])
      case "layer": return try layer(frame, id)
      case "relevance": return try relevance(frame)
      case "rows":
        let hidden: Hidden = try state(frame, "input")
        return ([:], [("hidden", EngineTensor(hidden.rows))])
      case "logits":
        let hidden: Hidden = try state(frame, "input")
        return (
          [:],
          [
            (
              "logits",
              EngineTensor(
                vector: thinker.decoder.logits(hidden.rows, row: try number(frame, "row")))
            )
          ]
        )
      case "take":
        let (hidden, row): (Hidden, Int) = (try state(frame, "input"), try number(frame, "row"))
        try keep(
          frame, "output", Hidden(rows: hidden.rows.rows(row..<row + 1), at: [hidden.at[row]]))
        return ([:], [])
      case "lens": return try lens(frame)
      case "looks": return try looks(frame)
      case "decoder": return try decoder(frame)
      case "token": return try token(frame)
      default: throw Refusal(kind: "refused", reason: "no such operation")
      }
    }

    private func file(_ frame: EngineFrame) throws -> Made {
      let path = frame["path"]?.string ?? ""
      guard let data = FileManager.default.contents(atPath: path) else {
        throw Refusal(kind: "refused", reason: "\(path): No such file or directory")
      }
      let piece = data.dropFirst(try number(frame, "offset")).prefix(try number(frame, "count"))
      let attributes = try? FileManager.default.attributesOfItem(atPath: path)
      let changed = (attributes?[.modificationDate] as? Date)?.timeIntervalSince1970 ?? 0
      return (
        ["bytes": .number(data.count), "changed": .number(Int(changed * 1e6))],
        [("data", EngineTensor(kind: .u8, shape: [piece.count], bytes: Data(piece)))]
      )
    }

    private func hello(_ id: Int) throws -> Made {
      if let fault = script.fault(at: 0) { try fail(fault, id) }
      let text = thinker.configuration.text
      return (
        [
          "protocol": .number(1),
          "model": .object([
            "name": .text("scripted/model"), "layers": .number(text.layers),
            "vocabulary": .number(text.vocabulary), "dtype": .text("float32"),
            "parameters": .number(thinker.parameters),
          ]), "fingerprint": .text("abc"), "compute": .text("float32"),
          "bytes_per_number": .number(4), "device": .text("test device"),
          "operations": .list(["layer", "take", "lens", "looks"].map(RequestValue.text)),
          "versions": .object(["torch": .text("1.2"), "transformers": .text("3.4")]),
        ], []
      )
    }

    private func fail(_ fault: FaultScript.Fault, _ id: Int) throws {
      switch fault {
      case .version: throw Refusal(kind: "version", reason: "other versions")
      case .print: try output.write(contentsOf: Data("Loading checkpoint shards: 100%\n".utf8))
      case .die:
        FileHandle.standardError.write(Data("warming up\nRuntimeError: the device is gone\n".utf8))
        exit(3)
      case .cut:
        try output.write(contentsOf: Data([200, 0, 0, 0, 0, 0]))
        exit(0)
      case .oversized: try output.write(contentsOf: Data([UInt8](repeating: 255, count: 64)))
      case .json: try output.write(contentsOf: Data([2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 91, 91]))
      case .empty: try send(["id": .number(id), "ok": .truth(true)])
      case .tensors:
        try send([
          "id": .number(id), "ok": .truth(true),
          "tensors": .list([.list([.text("a"), .text("f32"), .list([.number(9)])])]),
        ])
      case .memory: throw Refusal(kind: "memory", reason: "Out of memory: 2 GiB wanted.")
      case .refuse: throw Refusal(kind: "refused", reason: "The layer is refused.")
      case .silent: while true { sleep(60) }
      case .slow:
        for _ in 0..<100 {
          usleep(50_000)
          try check(id)
          try send(["beat": .truth(true)])
        }
      case .infinite: break
      }
    }

    private func prompt(_ frame: EngineFrame) throws -> Made {
      let ids = frame.tensors["ids"]?.indices ?? []
      let axes = frame.tensors["positions"]?.floats ?? []
      let kinds = frame["pieces"]?.array?.compactMap(\.string) ?? []
      try keep(
        frame, "prompt",
        Prompt(
          ids: ids,
          positions: ids.indices.map {
            SIMD3(axes[$0], axes[ids.count + $0], axes[2 * ids.count + $0])
          }, kinds: kinds,
          places: kinds.indices.map { frame.tensors["at\($0)"]?.indices ?? [] }))
      return (["tokens": .number(ids.count)], [])
    }

    private func encode(_ frame: EngineFrame) throws -> Made {
      var made: [EncodedModality] = []
      for (index, piece) in (frame["pieces"]?.array ?? []).enumerated() {
        let values = try numbers(frame, index)
        if piece["kind"]?.string == "audio", let audio = thinker.audio {
          made.append(try audio(values, Cancellation()))
        } else {
          let grid = piece["grid"]?.numbers?.map { Int($0) } ?? []
          made.append(
            try thinker.vision(
              Patches(values, times: grid[0], rows: grid[1], columns: grid[2]), Cancellation()))
        }
      }
      try keep(frame, "media", made)
      return (
        [
          "pieces": .list(
            made.map {
              .object([
                "ms": .real(1.5), "flops": .real($0.flops), "tokens": .number($0.features.rows),
                "units": .number($0.attention.queries.rows),
                "attention_width": .number($0.attention.queries.columns),
              ])
            })
        ], []
      )
    }

    /// The numbers of a piece, or the values of its bytes.
    private func numbers(_ frame: EngineFrame, _ index: Int) throws -> Tensor {
      guard let tensor = frame.tensors["piece\(index)"] else {
        throw Refusal(kind: "refused", reason: "no tensor")
      }
      if let floats = tensor.floats { return Tensor(tensor.shape, floats) }
      guard let levels = frame.tensors["levels\(index)"]?.floats, tensor.kind == .u8 else {
        throw Refusal(kind: "refused", reason: "no levels")
      }
      let width = tensor.shape[1] * 256 / levels.count
      return Tensor(
        tensor.shape,
        tensor.bytes.enumerated().map { at, level in
          levels[at % tensor.shape[1] / width * 256 + Int(level)]
        })
    }

    private func embed(_ frame: EngineFrame) throws -> Made {
      let (prompt, media): (Prompt, [EncodedModality]) = (
        try state(frame, "prompt"), try state(frame, "media")
      )
      var rows = thinker.decoder.embedding.rows(prompt.ids)
      for (piece, places) in zip(media, prompt.places) {
        rows.scatterRows(piece.features, to: places)
      }
      try keep(frame, "output", Hidden(rows: rows, at: Array(prompt.ids.indices)))
      return ([:], [])
    }

    private func distances(_ frame: EngineFrame) throws -> [Float] {
      let (features, window) = (try piece(frame).features, try number(frame, "window"))
      return stride(from: 0, to: features.rows, by: window).flatMap { start -> [Float] in
        let rows = features.rows(start..<min(start + window, features.rows))
        let square = WindowDistances.cosine(rows)
        return (0..<rows.rows).flatMap { row in
          square[row * rows.rows + row..<(row + 1) * rows.rows]
        }
      }
    }

    private func layer(_ frame: EngineFrame, _ id: Int) throws -> Made {
      let number = try number(frame, "layer")
      let (prompt, media): (Prompt, [EncodedModality]) = (
        try state(frame, "prompt"), try state(frame, "media")
      )
      let before: Hidden = try state(frame, "input")
      let rows = frame.tensors["rows"]?.indices ?? Array(before.at.indices)
      let (at, outputs) = (rows.map { before.at[$0] }, try self.number(frame, "outputs"))
      let fault = script.fault(at: number, tokens: rows.count)
      if let fault { try fail(fault, id) }
      var x = before.rows.gatherRows(rows)
      if let changed = frame.tensors["changed"], let floats = changed.floats {
        x.scatterRows(
          Tensor(changed.shape, floats), to: frame.tensors["changed_rows"]?.indices ?? [])
      }
      merge(frame, before.rows, into: &x)
      var cache: KeyValues?
      let rotary = RotaryTable(at.map { prompt.positions[$0] }, thinker.configuration.text)
      _ = thinker.decoder.layers[number - 1](&x, rotary, cache: &cache, outputs: outputs)
      let left = Array(at.suffix(outputs))
      for (index, piece) in media.enumerated() where number <= piece.deepstack.count {
        let tokens = Dictionary(
          uniqueKeysWithValues: prompt.places[index].enumerated().map { ($1, $0) })
        let found = left.enumerated().compactMap { row, at in tokens[at].map { (row, $0) } }
        x.addRows(piece.deepstack[number - 1].gatherRows(found.map(\.1)), to: found.map(\.0))
      }
      try keep(frame, "output", Hidden(rows: x, at: left))
      if let cache { try keep(frame, "keys", Kept(cache: cache, at: at)) }
      var header: [String: RequestValue] = [
        "layer": .number(number), "tokens": .number(rows.count), "attention_ms": .real(2),
        "feed_forward_ms": .real(3),
      ]
      if fault == .infinite { header["fault"] = .text("not-finite") }
      return (header, [])
    }

    /// Rows that become weighted sums of the input's rows.
    private func merge(_ frame: EngineFrame, _ source: Tensor, into x: inout Tensor) {
      var rows = frame.tensors["merged_sources"]?.indices ?? []
      var weights = frame.tensors["merged_weights"]?.floats ?? []
      let counts = frame.tensors["merged_counts"]?.indices ?? []
      for (row, count) in zip(frame.tensors["merged_rows"]?.indices ?? [], counts) {
        var sum = Tensor([1, source.columns], [Float](repeating: 0, count: source.columns))
        sum.addRows(
          source.gatherRows(Array(rows.prefix(count))),
          to: [Int](repeating: 0, count: count), weights: Array(weights.prefix(count)))
        x.scatterRows(sum, to: [row])
        rows.removeFirst(count)
        weights.removeFirst(count)
      }
    }

    private func relevance(_ frame: EngineFrame) throws -> Made {
      let (prompt, hidden): (Prompt, Hidden) = (
        try state(frame, "prompt"), try state(frame, "input")
      )
      let rotary = RotaryTable(hidden.at.map { prompt.positions[$0] }, thinker.configuration.text)
      let scores = thinker.decoder.layers[try number(frame, "layer") - 1].relevance(
        hidden.rows, rotary, queries: frame.tensors["queries"]?.indices ?? [])
      return (["ms": .real(1)], [("scores", EngineTensor(vector: scores))])
    }

    private func lens(_ frame: EngineFrame) throws -> Made {
      let rows = try (frame["inputs"]?.array ?? []).map { number -> Tensor in
        guard let number = number.integer, let row = states[number] as? Hidden else {
          throw Refusal(kind: "refused", reason: "no row")
        }
        return row.rows
      }
      let logits = rows.map { thinker.decoder.logits($0, row: 0) }
      let final = frame["final"]?.integer.flatMap { NextTokenLogits(logits[$0]) }
      let best = try number(frame, "best")
      let found = logits.compactMap { NextTokenPrediction($0, final: final, best: best) }
      func matrix(_ values: [Float]) -> EngineTensor {
        EngineTensor(Tensor([found.count, best], values))
      }
      return (
        ["ms": .real(2)],
        [
          ("ids", EngineTensor(found.flatMap { $0.best.map(\.id) })),
          ("probabilities", matrix(found.flatMap { $0.best.map { Float($0.probability) } })),
          ("entropy", EngineTensor(vector: found.map { Float($0.entropy) })),
          ("kl", EngineTensor(vector: found.map { Float($0.divergence ?? 0) })),
        ]
      )
    }

    private func looks(_ frame: EngineFrame) throws -> Made {
      let (prompt, row, kept): (Prompt, Hidden, Kept) = (
        try state(frame, "prompt"), try state(frame, "input"), try state(frame, "keys")
      )
      let rotary = RotaryTable(
        [prompt.positions[try number(frame, "position")]], thinker.configuration.text)
      let weights = thinker.decoder.layers[try number(frame, "layer") - 1].attentionWeights(
        row.rows, rotary, kept.cache.keys)
      if let head = frame["head"]?.integer {
        return (["ms": .real(1)], [("weights", EngineTensor(vector: Array(weights.row(head))))])
      }
      let groups = frame.tensors["group"].map { Array($0.bytes) } ?? []
      let count = try number(frame, "groups")
      let shares = (0..<weights.rows).flatMap { head -> [Float] in
        var sums = [Float](repeating: 0, count: count)
        for (token, weight) in weights.row(head).enumerated() { sums[Int(groups[token])] += weight }
        return sums
      }
      return (["ms": .real(1)], [("shares", EngineTensor(Tensor([weights.rows, count], shares)))])
    }

    private func decoder(_ frame: EngineFrame) throws -> Made {
      let positions = frame.tensors["positions"]?.indices ?? []
      let caches = try (frame["layers"]?.array ?? []).map { number -> KeyValues? in
        guard let number = number.integer, let kept = states[number] as? Kept else {
          throw Refusal(kind: "refused", reason: "no keys")
        }
        let rows = Dictionary(uniqueKeysWithValues: kept.at.enumerated().map { ($1, $0) })
        return kept.cache.gatherRows(positions.compactMap { rows[$0] })
      }
      let next = Float(frame["next_position"]?.number ?? 0)
      try keep(frame, "output", Answer(caches: caches, next: next))
      return ([:], [])
    }

    private func token(_ frame: EngineFrame) throws -> Made {
      var answer: Answer = try state(frame, "input")
      guard let token = frame["token"]?.integer ?? answer.best else {
        throw Refusal(kind: "refused", reason: "token is missing")
      }
      if frame["token"] == nil, frame["stop"]?.numbers?.contains(Double(token)) ?? false {
        throw Refusal(kind: "cancelled", reason: "a stop token")
      }
      var x = thinker.decoder.embedding.rows([token])
      let rotary = RotaryTable([SIMD3(repeating: answer.next)], thinker.configuration.text)
      for (index, layer) in thinker.decoder.layers.enumerated() {
        _ = layer(&x, rotary, cache: &answer.caches[index])
      }
      let logits = thinker.decoder.logits(x, row: 0)
      answer.next += 1
      answer.best = try? logits.mostLikely()
      try keep(frame, "output", answer)
      let header = ["token": RequestValue.number(token), "ms": .real(7)]
      guard let count = frame["best"]?.integer else {
        return (header, [("logits", EngineTensor(vector: logits))])
      }
      let best = logits.indices.sorted { (logits[$1], $0) < (logits[$0], $1) }.prefix(count)
      return (
        header,
        [
          ("logits", EngineTensor(vector: best.map { logits[$0] })),
          ("ids", EngineTensor(Array(best))),
        ]
      )
    }

    private func piece(_ frame: EngineFrame) throws -> EncodedModality {
      let media: [EncodedModality] = try state(frame, "media")
      return media[try number(frame, "piece")]
    }

    private func number(_ frame: EngineFrame, _ key: String) throws -> Int {
      guard let number = frame[key]?.integer else {
        throw Refusal(kind: "refused", reason: "\(key) is missing")
      }
      return number
    }

    private func state<State>(_ frame: EngineFrame, _ key: String) throws -> State {
      guard let state = states[try number(frame, key)] as? State else {
        throw Refusal(kind: "refused", reason: "\(key) is no state of this engine")
      }
      return state
    }

    private func keep(_ frame: EngineFrame, _ key: String, _ state: Any) throws {
      states[try number(frame, key)] = state
    }
  }

  extension EngineTensor {
    init(vector: [Float]) { self.init(Tensor([vector.count], vector)) }
  }
#endif
