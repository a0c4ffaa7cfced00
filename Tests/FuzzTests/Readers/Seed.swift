import Foundation
import TestSupport

/// Well-formed inputs to start from: shipped files, and small ones written here.
enum Seed {
  private static let root = Fixtures.directory.deletingLastPathComponent()
    .deletingLastPathComponent()

  /// The files under a folder of the checkout that have this name or extension.
  static func files(_ folder: String, _ name: String) -> [[UInt8]] {
    let directory = root.appending(path: folder)
    let names = (try? FileManager.default.subpathsOfDirectory(atPath: directory.path)) ?? []
    return names.sorted().filter { $0.hasSuffix(name) }.compactMap {
      (try? Data(contentsOf: directory.appending(path: $0))).map { [UInt8]($0) }
    }
  }

  static var manifests: [[UInt8]] { files("samples/clips", "clip.toml") }
  static var themes: [[UInt8]] { files("themes", ".toml") }

  static let everyTOML = [UInt8](
    #"""
    title = "a \u00e9 \U0001F600 \t"
    raw = 'C:\'
    long = """
    one \
      two"""
    many = [1, +2, -3, 0xff, 0o7, 0b1, 1_000, 1.5e-3, inf, nan, true, [false, "x"]]
    when = [1979-05-27T07:32:00Z, 1979-05-27 07:32:00.5-07:00, 1979-05-27, 07:32:00]
    a.b."c d" = { x = 1, y = { z = [] } }
    [table.sub]
    [[items]]
    name = """"quoted""""
    [[items]]
    """#.utf8)

  static let pictures: [[UInt8]] = [
    Array("P6\n2 2\n255\nabcdefghijklP6 2 2 255\nabcdefghijkl".utf8),
    Array("P6 # by hand\n1\t1 #\n255\nabcP6\n1 1\n255\nabc".utf8),
  ]

  static let sounds: [[UInt8]] = [
    wave(tag: 1, bits: 16, payload: [0, 0, 1, 0, 0xff, 0x7f]),
    wave(tag: 3, bits: 32, payload: [0, 0, 0x80, 0x3f, 0, 0, 0x80, 0xbf]),
    wave(tag: 3, bits: 32, payload: [0, 0, 0x80, 0x3f], extraChunk: true),
  ]

  private static func wave(
    tag: UInt8, bits: UInt8, payload: [UInt8], extraChunk: Bool = false
  ) -> [UInt8] {
    func chunk(_ name: String, _ content: [UInt8]) -> [UInt8] {
      Array(name.utf8) + [UInt8(content.count), 0, 0, 0] + content
    }
    let width = bits / 8
    let format: [UInt8] = [tag, 0, 1, 0, 0x80, 0x3e, 0, 0, 0, 0x7d, 0, 0, width, 0, bits, 0]
    let extra = extraChunk ? chunk("LIST", Array("INFO".utf8)) : []
    let body = Array("WAVE".utf8) + chunk("fmt ", format) + extra + chunk("data", payload)
    return Array("RIFF".utf8) + [UInt8(body.count), 0, 0, 0] + body
  }

  static let probes: [[UInt8]] = [
    #"""
    {"streams":[{"index":0,"codec_name":"h264","codec_type":"video","pix_fmt":"yuva420p",
    "width":320,"height":240,"avg_frame_rate":"30000/1001","r_frame_rate":"30/1",
    "start_time":"0.000000","duration":"6.006","disposition":{"attached_pic":0}},
    {"index":1,"codec_type":"audio","sample_rate":"48000","channels":2,"start_time":"0.1"}],
    "format":{"format_name":"mov,mp4","duration":"6.016000"}}
    """#,
    #"{"streams":[{"index":0,"codec_type":"video","avg_frame_rate":"0/0"}],"format":{"duration":"2"}}"#,
  ].map { [UInt8]($0.utf8) }
}
