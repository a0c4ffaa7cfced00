import Runs
import Selection
import Terminal
import Testing

@testable import Dashboard

/// Numbers that contradict each other do not pass in silence.
@Suite struct `An inconsistent step record` {
  private func broken(_ record: StepRecord) -> StepRecord {
    StepRecord(
      step: record.step, entering: record.entering,
      leaving: ModalityCounts(text: 0, video: 0, audio: 0), milliseconds: 1,
      selectionMilliseconds: 0, keyValueBytes: record.keyValueBytes, referenceFlops: 0,
      executedFlops: 0, drop: record.drop)
  }

  private func bottom(_ app: App) -> (text: String, style: Style) {
    let size = Size(width: 120, height: 24)
    let row = app.render(size: size, look: Look()).row(size.height - 1)
    let scalars = row.compactMap { Unicode.Scalar($0.base) }
    return (String(String.UnicodeScalarView(scalars)), row[row.startIndex + 1].style)
  }

  @Test func `an inconsistent record shows an error line until the run steps back`() {
    let run = SampleRun()
    var app = run.app(after: 3)
    let sound = bottom(app)
    #expect(!sound.text.contains("inconsistent"))
    _ = app.update(.message(.advanced(broken(run.records(4)[3]))))
    #expect(bottom(app).text.contains("! layer 2 is inconsistent: "))
    #expect(bottom(app).style.foreground == Theme.ansi[.error].foreground)
    _ = app.update(.message(.rewound(steps: 3)))
    #expect(bottom(app).text == sound.text)
  }

  @Test func `a consistent run shows no fault`() {
    #expect(SampleRun().finished.run.faults.isEmpty)
  }
}
