import Testing

@testable import seats_top

@Suite struct `Progress` {
  @Test func `the progress line shows the part done and the time left`() {
    let line = ProgressLine("sweep", total: 200, isShown: false)
    #expect(
      line.text(done: 50, first: 0, after: .seconds(10))
        == "sweep [######------------------] 50 of 200, 25 %, 0:30 left")
    // A sweep that goes on judges its speed by what it did itself.
    #expect(line.text(done: 150, first: 100, after: .seconds(100)).hasSuffix("1:40 left"))
    #expect(line.text(done: 0, first: 0, after: .seconds(9)).hasSuffix("0 of 200, 0 %"))
    #expect(ProgressLine.clock(.seconds(3700)) == "1:01:40")
  }
}
