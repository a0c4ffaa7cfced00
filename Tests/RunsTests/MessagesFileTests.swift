import Foundation
import Media
import Testing

@testable import Runs

/// What is read of a messages file, and what is refused, and where.
@Suite struct `Messages files` {
  private func file(_ json: String) throws(MessagesError) -> MessagesFile {
    try MessagesFile(Data(json.utf8), path: "/talks/first.json")
  }

  /// A user's message with one part.
  private func part(_ json: String) throws -> MessagePart {
    let file = try file(#"[{"role": "user", "content": [\#(json)]}]"#)
    return try #require(file.messages.first?.parts.first)
  }

  @Test func `a messages file may be a list or an object with messages`() throws {
    let list =
      #"[{"role": "system", "content": "A"}, {"role": "user", "content": [{"type": "text", "text": "B"}]}]"#
    let bare = try file(list)
    #expect(try file(#"{"messages": \#(list)}"#) == bare)
    #expect(bare.messages.map(\.role) == [.system, .user])
    #expect(bare.messages.flatMap(\.parts).map(\.text) == ["A", "B"])
    #expect(bare.messages[1].parts[0].place == "messages[1].content[0]")
    #expect(bare.system == "A")
  }

  @Test(arguments: [
    (#"{"type": "video", "video": "a.mp4"}"#, "/talks/a.mp4"),
    (#"{"type": "video", "video": "file:///b/a.mp4"}"#, "/b/a.mp4"),
    (#"{"type": "video", "video": "file://b/a.mp4"}"#, "/talks/b/a.mp4"),
    (#"{"type": "video", "path": "../a.mp4"}"#, "/a.mp4"),
    (#"{"type": "video", "url": "/c/a.mp4"}"#, "/c/a.mp4"),
    (#"{"type": "video_url", "video_url": {"url": "a.mp4"}}"#, "/talks/a.mp4"),
    (#"{"type": "image", "image": "a.png"}"#, "/talks/a.png"),
    (#"{"type": "image_url", "image_url": "a.png"}"#, "/talks/a.png"),
    (#"{"type": "audio", "audio_url": "a.wav"}"#, "/talks/a.wav"),
    (#"{"audio": "a.wav"}"#, "/talks/a.wav"),
  ])
  func `relative media paths start at the messages file's folder`(
    _ json: String, _ path: String
  ) throws {
    #expect(try part(json).path == path)
  }

  @Test func `qwen_omni_utils keys of a message part set its input`() throws {
    let video = try part(
      #"{"type": "video", "video": "a", "nframes": 8, "min_pixels": 50176, "max_pixels": 100352, "total_pixels": 200704}"#
    )
    #expect(video.input.frames == 8 && video.input.minPixels == 50176)
    #expect(video.input.maxPixels == 100_352 && video.input.totalPixels == 200_704)
    #expect(
      try part(#"{"type": "video", "video": "a", "fps": 0.5, "max_frames": 6}"#).input.fps == 0.5)
    #expect(try part(#"{"type": "image", "image": "a", "max_pixels": 784}"#).input.maxPixels == 784)
  }

  static let refused: [(json: String, place: String)] = [
    ("", ""), ("[", ""), ("7", "messages"), ("{}", "messages"), ("[]", "messages"),
    (#"{"messages": 1}"#, "messages"), (#"{"messages": [], "tools": []}"#, "tools"),
    ("[1]", "messages[0]"), (#"[{"content": "a"}]"#, "messages[0].role"),
    (#"[{"role": "tool", "content": "a"}]"#, "messages[0].role"),
    (#"[{"role": "user"}]"#, "messages[0].content"),
    (#"[{"role": "user", "content": null}]"#, "messages[0].content"),
    (#"[{"role": "user", "content": "a", "name": "b"}]"#, "messages[0].name"),
    (#"[{"role": "user", "content": ["a"]}]"#, "messages[0].content[0]"),
    (#"[{"role": "user", "content": [{}]}]"#, "messages[0].content[0].type"),
    (
      #"[{"role": "user", "content": "a"}, {"role": "user", "content": "b"}, {"role": "user", "content": [{"type": "text", "text": "c"}, {"type": "film", "video": "a"}]}]"#,
      "messages[2].content[1].type"
    ),
  ]

  @Test(arguments: refused)
  func `an invalid messages file is refused with the place of the error`(
    _ item: (json: String, place: String)
  ) {
    #expect { try file(item.json) } throws: { error in
      guard case MessagesError.fault("/talks/first.json", let place, _) = error else {
        return false
      }
      return place == item.place
    }
  }

  @Test(arguments: [
    (#"{"type": "text"}"#, "text"), (#"{"type": "text", "text": 5}"#, "text"),
    (#"{"type": "text", "text": "a", "video": "b"}"#, "video"),
    (#"{"type": "video"}"#, "video"), (#"{"type": "video", "video": ["a", "b"]}"#, "video"),
    (#"{"type": "video", "video": ""}"#, "video"),
    (#"{"type": "video", "video": "a", "path": "b"}"#, "video"),
    (#"{"type": "video", "video": "https://x.org/a.mp4"}"#, "video"),
    (#"{"type": "image", "image": "data:image/png;base64,AAAA"}"#, "image"),
    (#"{"type": "image", "base64": "AAAA"}"#, "base64"),
    (#"{"type": "video", "video": "a", "video_start": 1}"#, "video_start"),
    (#"{"type": "video", "video": "a", "resized_height": 280}"#, "resized_height"),
    (#"{"type": "audio", "audio": "a", "audio_end": 2}"#, "audio_end"),
    (#"{"type": "audio", "audio": "a", "fps": 2}"#, "fps"),
    (#"{"type": "image", "image": "a", "fps": 2}"#, "fps"),
    (#"{"type": "video", "video": "a", "fps": "2"}"#, "fps"),
    (#"{"type": "video", "video": "a", "fps": 0}"#, "fps"),
    (#"{"type": "video", "video": "a", "nframes": 2.5}"#, "nframes"),
    (#"{"type": "video", "video": "a", "colour": 1}"#, "colour"),
    (#"{"type": "video", "video": "a", "fps": 1, "nframes": 4}"#, ""),
  ])
  func `an unknown message part is refused with its key`(_ json: String, _ key: String) {
    let place = "messages[0].content[0]" + (key.isEmpty ? "" : ".\(key)")
    #expect { try part(json) } throws: { error in
      guard case MessagesError.fault(_, place, _) = error else { return false }
      return true
    }
  }
}
