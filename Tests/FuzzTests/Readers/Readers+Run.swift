import Foundation
import Terminal

@testable import Dashboard
@testable import Sessions
@testable import Terminal
@testable import Traces

extension Reader {
  static let runReaders = [trace, screens]

  /// A whole trace, line by line, as it is kept and up to what every screen shows of it.
  private static let trace = Reader(
    name: "trace", seeds: Seed.traces, bound: AllocationBound(fixed: 4 << 20, perByte: 1_000)
  ) { bytes in
    var (reader, recording) = (TraceReader(), RunHistory())
    var app = App()
    for line in bytes.split(separator: UInt8(ascii: "\n")) {
      guard let events = try? reader.read(Data(line)) else { continue }
      for traced in events {
        recording.apply(traced.event)
        _ = app.update(.message(traced.event))
      }
    }
    guard reader.isOpen else { return }
    for digit in "123456789" {
      _ = app.update(.key(.character(digit)))
      show(app, Size(width: 80, height: 24))
    }
  }

  /// Keys and sizes of the screen over a run that stands somewhere: two bytes a deed.
  private static let screens = Reader(
    name: "screens",
    seeds: ["1j\r2jjt3n9G8kk", "e1-2\r=VvAa+-[]{}m", "B<40\rb?\u{1B}c/x"].map { text in
      text.utf8.flatMap { [$0, 0] }
    }, bound: AllocationBound(fixed: 2 << 20, perByte: 1_000)
  ) { bytes in
    var app = Self.opened
    var size = Size(width: 80, height: 24)
    for start in stride(from: 0, to: min(400, bytes.count) - 1, by: 2) {
      let (deed, detail) = (bytes[start], bytes[start + 1])
      switch detail {
      case 0xf0...: _ = app.update(.interrupted)
      case 0xe0...:
        size = Size(width: Int(deed), height: Int(detail & 15) * 5)
        _ = app.update(.resized(size))
      case 0xd0...: _ = app.update(.clock(.milliseconds(Int(deed) * 100)))
      default:
        for case .key(let key) in Self.events(deed, detail) { _ = app.update(.key(key)) }
      }
    }
    show(app, size)
  }

  private static let keys = TerminalKeys.customary.keys.sorted { $0.lexicographicallyPrecedes($1) }

  private static func events(_ deed: UInt8, _ detail: UInt8) -> [InputEvent] {
    var decoder = KeyDecoder(keys: TerminalKeys.customary)
    let bytes = detail < 0x80 ? [deed] : keys[Int(deed) % keys.count]
    return decoder.take(bytes) + decoder.giveUp()
  }

  /// The screen over the first seed.
  private static let opened: App = {
    var reader = TraceReader()
    var app = App()
    for line in Seed.traces[0].split(separator: UInt8(ascii: "\n")) {
      for traced in (try? reader.read(Data(line))) ?? [] {
        _ = app.update(.message(traced.event))
      }
    }
    return app
  }()

  /// Draws, and looks for what must never reach a terminal.
  static func show(_ app: App, _ size: Size) {
    let frame = app.render(size: size, look: Look())
    precondition(frame.size == size)
    for y in 0..<size.height {
      for cell in frame.row(y) where !cell.isContinuation {
        precondition(cell.base >= 0x20 && !(0x7f..<0xa0 ~= cell.base), "a control character")
      }
    }
  }
}

extension Seed {
  static let traces: [[UInt8]] = [
    #"""
    {"schema":"seats-top/trace/1","started":"2026-11-21T15:00:00Z","writer":"seats-top 0.1.0"}
    {"at":0.2,"event":"run","model":{"layers":3,"name":"m","hidden":48,"kv_width":8,"intermediate":56,"vocabulary":640,"parameters":9,"dtype":"float32"},"tokens":{"modality":"TVVAVVAT","ids":[1,2,2,3,2,2,3,4],"t":[0,1,1,1,2,2,2,3],"h":[0,1,1,1,1,1,2,3],"w":[0,1,2,1,1,2,2,3],"window":[-1,0,0,0,1,1,1,-1],"seconds":[-1,0,0,0,2,2,2,-1],"grid":[-1,0,0,-1,1,1,-1,-1],"row":[-1,0,0,-1,0,0,-1,-1],"column":[-1,0,1,-1,0,1,-1,-1],"tokens_per_grid":2},"media":{"video":{"times":2,"rows":1,"columns":2,"seconds_per_grid":2,"side":1,"rgb":"AAECAwQFBgcICQoL"},"audio":{"tokens":2,"bands":2,"seconds_per_token":2,"levels":"AID/QA=="},"text":["a","b"]},"clip":{"title":"t\u001b[31m","seconds":4,"frames":4,"question":"q","choices":["A","B"],"answer":"A","audit":[{"subject":"video","fact":"4 frames","warning":true}]},"settings":{"method":"seats","video_ratio":0.5,"audio_ratio":0.5,"drop_layers":[2],"late_layer":3},"plan":{"method":"seats","stage1":{"rule":"diversity","video":0.7},"boundaries":[{"rule":"windows","after_layer":2,"video":0.5,"audio":0.5}]}}
    {"event":"step","step":"encoders","ms":3.2}
    {"event":"step","step":"stage1","drop":{"kind":"stage1","kept":[0,1,2,3,5,6,7]},"selection_ms":0.3}
    {"event":"step","layer":1,"ms":0.9,"attention_ms":0.4,"feed_forward_ms":0.3,"kv_bytes":448,"executed_flops":10}
    {"event":"began","layer":2}
    {"event":"step","layer":2,"ms":0.8,"drop":{"kind":"prune","path":"windows","kept":[0,1,6,7],"scores":[0.1,0.2,0.4,0.01,0.2,0.3,0],"windows":[{"video_weight":0.6,"audio_weight":0.5,"video_relevance":0.3,"audio_relevance":0.1,"budget":1,"video_budget":1,"audio_budget":0,"video_tokens":2,"audio_tokens":1},{"video_weight":0.4,"audio_weight":0.5,"video_relevance":0.3,"audio_relevance":0.1,"budget":1,"video_budget":0,"audio_budget":1,"video_tokens":1,"audio_tokens":1}]}}
    {"event":"step","layer":3,"ms":0.8}
    {"event":"step","step":"head","ms":0.1}
    {"event":"token","id":512,"text":"r","top_logits":[{"id":512,"text":"r","logit":-1.5}]}
    {"event":"answer","text":"red","token_ids":[512,2]}
    {"event":"full","prefill_ms":9,"layer_ms":[1,2,3],"answer":{"text":"red"},"kv_bytes":9,"executed_flops":1}
    {"event":"plan","settings":{"method":"x"},"plan":{"method":"x"},"keeps":2}
    {"event":"rewind","steps":3}
    {"event":"activity","state":"running"}
    {"event":"message","text":"hello","kind":"error"}
    {"event":"end","peak_memory_bytes":184549376}
    """#,
    #"""
    {"schema":"seats-top/trace/1"}
    {"event":"run","model":{"layers":2,"name":"m"},"tokens":{"modality":"TVA"}}
    {"event":"step","layer":2,"leaving":{"video":0}}
    """#,
  ].map { [UInt8]($0.utf8) }
}
