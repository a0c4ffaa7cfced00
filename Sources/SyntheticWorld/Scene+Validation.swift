extension Scene {
  /// Validates all numbers of the scene that rendering uses.
  /// - Throws: `SyntheticWorldError` for the first invalid one.
  func validate() throws(SyntheticWorldError) {
    guard !windows.isEmpty else { throw .emptyScene }
    try require(clutter, in: 0...10_000, "clutter")
    try require(grain, in: 0...255, "grain")
    try require(hiss, in: 0...10_000, "hiss")
    for (number, window) in windows.enumerated() {
      for (index, figure) in window.shapes.enumerated() {
        try figure.validate("windows[\(number)].shapes[\(index)]")
      }
      try window.sound.validate("windows[\(number)].sound")
    }
  }
}

extension Figure {
  fileprivate func validate(_ path: String) throws(SyntheticWorldError) {
    try require(offset, count: 2, "\(path).offset")
    for value in offset {
      try require(value, in: -Scene.side...Scene.side, "\(path).offset")
    }
    try require(radius, in: 1...Scene.side, "\(path).radius")
    try require(shade, in: -255...255, "\(path).shade")
    try require(frames, count: 2, "\(path).frames")
    try require(frames[0], in: 0...Scene.framesPerWindow, "\(path).frames[0]")
    try require(frames[1], in: 0...Scene.framesPerWindow - frames[0], "\(path).frames[1]")
  }
}

extension Sound {
  fileprivate func validate(_ path: String) throws(SyntheticWorldError) {
    guard let event else { return }
    try require(event.onset, in: 0...2_000, "\(path).onset")
    try require(event.length, in: 0...2_000 - event.onset, "\(path).length")
    try require(event.level, in: 0...1_000, "\(path).level")
    guard let pitch = event.pitch else {
      // A noise burst is the only sound without pitch.
      guard kind == .noise else {
        throw .wrongCount(path: "\(path).pitch", expected: 2, found: 0)
      }
      return
    }
    try require(pitch, count: 2, "\(path).pitch")
    for hertz in pitch {
      try require(hertz, in: 0...Scene.sampleRate / 2, "\(path).pitch")
    }
  }
}

private func require(
  _ value: Int, in allowed: ClosedRange<Int>, _ path: String
) throws(SyntheticWorldError) {
  guard allowed.contains(value) else {
    throw .outOfRange(path: path, value: value, allowed: allowed)
  }
}

private func require(_ list: [Int], count: Int, _ path: String) throws(SyntheticWorldError) {
  guard list.count == count else {
    throw .wrongCount(path: path, expected: count, found: list.count)
  }
}
