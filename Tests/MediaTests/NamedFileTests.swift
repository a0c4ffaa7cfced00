import Foundation
import Testing

@testable import Media

/// Only the file that was named is read, and it is read whatever it is called.
@Suite(.enabled(if: hasFFmpeg, "ffmpeg is not installed"))
struct NamedFileTests {
  let directory: TemporaryDirectory

  init() throws { directory = try TemporaryDirectory() }

  private func picture(_ name: String, _ colour: String) async throws -> String {
    try await makeMedia(
      "\(directory.path)/\(name)",
      ["-f", "lavfi", "-i", "color=\(colour):size=20x10", "-frames:v", "1", "-update", "1"]
        + ["-c:v", "png", "-f", "image2pipe"])
  }

  private func refusal(_ name: String, _ text: String) async throws -> MediaError? {
    let file = try directory.write(name, text)
    return await #expect(throws: MediaError.self) { try await Clip.load(file) }
  }

  @Test(
    arguments: [
      ("#EXTM3U\n#EXT-X-TARGETDURATION:3\n#EXTINF:3,\nSECRET\n#EXT-X-ENDLIST\n", .hlsPlaylist),
      ("\n \u{FEFF}", nil), ("#EXTM3U\n#EXTINF:3,\nSECRET\n", .m3uPlaylist),
      ("ffconcat version 1.0\nfile 'SECRET'\n", .concatList),
      ("<?xml version=\"1.0\"?>\n<!-- x -->\n<MPD xmlns=\"urn:mpeg:dash\"></MPD>", .dashManifest),
      ("v=0\no=- 0 0 IN IP4 127.0.0.1\nm=video 5000 RTP/AVP 96\n", .sessionDescription),
      ("[playlist]\nFile1=SECRET\n", .plsPlaylist), ("<ASX version=\"3\"></ASX>", .asxPlaylist),
      ("[Reference]\nRef1=SECRET\n", .asxPlaylist), ("RTSPtext\nrtsp://x/y", .rtspReference),
      ("FILE \"SECRET\" WAVE\n", .cueSheet), ("<?wpl version=\"1.0\"?><smil/>", .wplPlaylist),
      ("<playlist version=\"1\"></playlist>", .xspfPlaylist), ("<smil></smil>", .smilPresentation),
      ("<CompositionPlaylist></CompositionPlaylist>", .imfPlaylist),
      ("<svg xmlns=\"http://www.w3.org/2000/svg\"></svg>", .svgDrawing),
      ("<!DOCTYPE html>\n<html></html>", .webPage),
      ("version https://git-lfs.github.com/spec/v1\noid sha256:0\n", .lfsPointer),
    ] as [(String, NotMediaKind?)])
  func `a file that only refers to other files is refused by its format`(
    text: String, kind: NotMediaKind?
  )
    async throws
  {
    let other = try await picture("other.png", "red")
    let error = try await refusal("holiday.mp4", text.replacing("SECRET", with: other))
    guard let kind else { return }
    #expect(error == .notAMedium(file: "\(directory.path)/holiday.mp4", kind))
  }

  @Test(
    arguments: [
      // What each needs to be recognised by ffmpeg, without anything that is looked for above.
      "     #EXTM3U junk", "1\n00:00:00,000 --> 00:00:01,000\nwords\n",
      "WEBVTT\n\n00:00.000 --> 00:01.000\nx\n",
      ";FFMETADATA1\ntitle=x\n",
      "[Script Info]\n; x\nScriptType: v4.00+\n", "{1}{2}words\n{3}{4}more\n",
    ])
  func `formats that draw text or refer to files are refused`(text: String) async throws {
    let error = try await refusal("holiday.mp4", text)
    switch error {
    case .formatNotRead, .notMedia, .notAMedium: break
    default: Issue.record("\(String(describing: error))")
    }
  }

  @Test(
    arguments: [
      "shot%d.png", "shot%03d.png", "%%.png", "*.png", "[x]?.png", "a:b.png", "concat:a|b.png",
      "-i.png", "http:x.png", "two\nlines.png", "ü ✓.png", "noextension", "is.mp4", "is.m3u8",
    ])
  func `a picture of any file name is read, and no other file`(name: String) async throws {
    for number in 1...5 {
      _ = try await picture("shot\(number).png", "blue")
      _ = try await picture("shot00\(number).png", "blue")
    }
    let plain = try await picture("plain.png", "red")
    let file = "\(directory.path)/\(name)"
    try FileManager.default.moveItem(atPath: plain, toPath: file)
    let clip = try await Clip.load(file)
    #expect(clip.video == nil)
    #expect(clip.image?.pixels.prefix(3).map { $0 / 16 } == [15, 0, 0])
  }

  @Test func `a relative path and a file:// URL open a local file`() async throws {
    let file = try await picture("a b%20c.png", "red")
    #expect(try await Clip.load("file://\(file)").image != nil)
    let escaped = file.replacing("%", with: "%25").replacing(" ", with: "%20")
    #expect(try await Clip.load("file://\(escaped)").image != nil)
    #expect(try await Clip.load("file://localhost\(file)").source == file)
  }

  @Test(
    arguments: [
      "https://example.com/a.mp4", "HTTP://x", "s3://bucket/a.mp4", "hf://a/b", "gs://b/c.mp4",
      "rtsp://camera", "data:video/mp4;base64,AAAA", "file://host/share/a.mp4",
    ])
  func `a remote URL is refused as a URL`(address: String) async throws {
    await #expect(throws: MediaError.remoteAddress(address)) { try await Clip.load(address) }
  }

  @Test func `a local file named like a URL is read`() throws {
    #expect(try MediaAddress.localPath("C:/a") == "C:/a")
    #expect(try MediaAddress.localPath("a:b.mp4") == "a:b.mp4")
    #expect(throws: MediaError.remoteAddress("x://\(directory.path)")) {
      try MediaAddress.localPath("x://\(directory.path)")
    }
  }

  @Test func `no allowed media format opens other files`() {
    let others: Set = [
      "hls", "dash", "concat", "image2", "imf", "sdp", "rtp", "rtsp", "sap", "lavfi",
      "webm_dash_manifest",
      "avisynth", "vapoursynth", "tty", "bin", "xbin", "adf", "idf", "svg_pipe", "ffmetadata",
      "image2pipe", "libgme", "libopenmpt", "vobsub", "x11grab", "alsa", "video4linux2", "fbdev",
    ]
    #expect(others.isDisjoint(with: FFmpeg.formats))
    #expect(Set(FFmpeg.formats).count == FFmpeg.formats.count)
  }
}
