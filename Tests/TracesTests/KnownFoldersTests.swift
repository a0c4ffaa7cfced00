import Testing

@testable import Traces

/// Traces tell names of files, and not where they lie.
@Suite struct KnownFoldersTests {
  private static let folders: KnownFolders = {
    var folders = KnownFolders(home: "/home/a user", here: "/data/a b")
    folders.add(folderOf: "films/secret plan/x.mp4")
    return folders
  }()

  @Test(arguments: [
    ("/home/a user/models/m/config.json is damaged", "config.json is damaged"),
    ("In /mnt/data/m/config.json, hidden is 3", "In config.json, hidden is 3"),
    ("(see '/srv/x/y.bin')", "(see 'y.bin')"), ("films/secret plan/x.mp4: cut", "x.mp4: cut"),
    ("/data/a b/t.jsonl", "t.jsonl"), ("~/clips/a.mp4 and ../b/c.wav", "a.mp4 and c.wav"),
    ("file:/tmp/x/v.mp4: no frames", "file:v.mp4: no frames"),
  ])
  func `known folders are removed from paths in a trace`(_ text: String, _ expected: String) {
    #expect(Self.folders.removed(from: text) == expected)
  }

  @Test(arguments: [
    "12 GB/s and 3 / 4", "and/or", "25/3 fps", "1.5.2", "https://example.org/a/b", "a ~ b", "",
    "16-18-20 … x/y", "...", "50 %/s",
  ])
  func `text without known folders is unchanged`(_ text: String) {
    #expect(Self.folders.removed(from: text) == text)
  }
}
