import Reports
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

  @Test func `the loading line has a bar, bytes, a rate and the time left`() {
    let progress = LoadingProgress(
      .packing, done: 3 << 30, total: 12 << 30, seconds: 6)
    #expect(
      LoadingLine.text(progress)
        == "packing the weights [###---------] 3.00 GiB of 12.0 GiB, 512 MiB/s, 18.0 s left")
    for work in LoadingProgress.Work.allCases {
      let widest = LoadingProgress(
        work, done: 1023 << 30, total: (1023 << 30) + 5, seconds: 400_000)
      #expect(LoadingLine.text(widest).count <= 79)
    }
  }
}
