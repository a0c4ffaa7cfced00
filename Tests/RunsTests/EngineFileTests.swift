import Testing

@testable import Runs

@Suite struct `Paths of an engine's side` {
  @Test(arguments: [
    ("gpu:/data/talk.mp4", "gpu", "/data/talk.mp4"),
    ("me@gpu-1.example:~/a b.wav", "me@gpu-1.example", "~/a b.wav"),
    ("engine:/x:y.mp4", "engine", "/x:y.mp4"),
  ])
  func `a computer and an absolute path name a file of an engine's side`(
    _ text: String, _ host: String, _ path: String
  ) {
    let file = EngineFile(text)
    #expect(file?.host == host && file?.path == path)
  }

  @Test(arguments: [
    "talk.mp4", "/data/talk.mp4", "gpu:talk.mp4", "https://a.b/c.mp4", "file:///a.mp4",
    "file:/a.mp4", ":/a", "C:/a.mp4",
    "a b:/c", "gpu://data/talk.mp4", "data:video/mp4;base64,AA", "",
  ])
  func `other paths and URLs do not`(_ text: String) {
    #expect(EngineFile(text) == nil)
  }
}
