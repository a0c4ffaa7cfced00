import Media
import Selection

/// What the engine reports. Immutable, in the order things happened.
public enum SessionEvent: Sendable, Equatable {
  /// Work before the first step, in a few words: `reading the checkpoint`.
  case loading(String)
  /// Model and clip are ready; the prefill stands before its first step.
  case opened(RunSubject, settings: SelectionSettings, plan: SelectionPlan)
  /// A new plan is in force; steps before `keeping` steps (0 = none) keep their records.
  case planned(SelectionSettings, SelectionPlan, keptSteps: Int)
  /// A step begins.
  case began(PrefillStep)
  /// A step is done; it becomes the last of the ledger.
  case advanced(StepRecord)
  /// The prefill went back: only the first `steps` records remain.
  case rewound(steps: Int)
  /// The engine started or stopped working on its own.
  case activity(SessionActivity)
  /// The answer so far; `isComplete` once decoding has stopped.
  case answered(AnswerRecord)
  /// The reference run over full tokens, when it is done.
  case fullRun(FullRunRecord)
  /// A run stopped at a breakpoint.
  case paused(at: Breakpoint)
  /// The prefill was timed once more.
  case repeated(RepeatRecord)
  /// What the machine can do at most, measured once.
  case peak(MachinePeak)
  /// The most memory the engine has held so far, in bytes.
  case peakMemory(Int)
  /// Progress of a measurement of the open clip.
  case study(StudyEvent)
  /// A line for the log.
  case logged(String)
  /// Something was left out or went wrong without stopping the run. One sentence.
  case warned(String)
  /// A report was written there.
  case saved(String)
  /// The command failed; the run stands where it stood. One sentence.
  case failed(String)
  /// All that was asked before `settle` is done.
  case settled
}

/// What the engine is doing.
public enum SessionActivity: Sendable, Equatable {
  case idle
  /// Advancing until told otherwise or until its goal.
  case running
  case decoding
  case runningFull
  /// Measuring the dependency curve or a sweep of the open clip.
  case studying
  /// Timing the prefill again and again.
  case repeating
}

/// The same prompt with every token kept.
public struct FullRunRecord: Sendable, Equatable, Codable {
  public let answer: AnswerRecord
  /// Layers 1…L and the head; encoders are shared with the plan's run and left out.
  public let prefillMilliseconds: Double
  public let layerMilliseconds: [Double]
  /// Their halves, layer by layer; empty where they are not known.
  public let attentionMilliseconds, feedForwardMilliseconds: [Double]
  /// Bytes of keys and values of all layers after the prefill; nil where they are not known.
  public let keyValueBytes: Int?
  /// FLOPs executed by layers and head, 2 per multiply-add; nil where they are not known.
  public let executedFlops: Double?

  public init(
    answer: AnswerRecord, prefillMilliseconds: Double, layerMilliseconds: [Double],
    attentionMilliseconds: [Double] = [], feedForwardMilliseconds: [Double] = [],
    keyValueBytes: Int?, executedFlops: Double?
  ) {
    self.answer = answer
    self.prefillMilliseconds = prefillMilliseconds
    self.layerMilliseconds = layerMilliseconds
    self.attentionMilliseconds = attentionMilliseconds
    self.feedForwardMilliseconds = feedForwardMilliseconds
    self.keyValueBytes = keyValueBytes
    self.executedFlops = executedFlops
  }
}

/// What the screen asks of the engine.
public enum SessionCommand: Sendable, Equatable {
  /// One step.
  case advance
  case back
  /// To the answer.
  case run
  /// Until the next step whose selection drops something by plan.
  case runToNextDrop
  /// Through the removal of all video and audio.
  case runToRemoval
  /// Before the first layer; encoders are kept.
  case restart
  /// New settings: the prefill goes back to the first step they change. With `resume`, it then
  /// runs on to where it stood before.
  case configure(SelectionSettings, resume: Bool)
  /// The clip read again under these settings of the input, with the plan in force; the run then
  /// goes on to where it stood. Encoders run again only where their input changes.
  case prepare(InputSettings)
  /// The reference run.
  case runFull
  /// Times the prefill so many times more, by the plan and with full tokens in turn.
  case repeatRuns(Int)
  /// Measures what the machine can do at most, once a session.
  case measurePeak
  /// Time to wait after each step of a run, so that people can watch; zero for none.
  case pace(Duration)
  /// Where runs stop by themselves, instead of where they stopped so far.
  case setBreakpoints([Breakpoint])
  /// The dependency curve of the open clip, or the rest of it.
  case analyze
  /// The open clip under these points.
  case sweep([SweepPoint])
  /// Sums up a results file of a sweep.
  case readSweep(String)
  /// Writes the report of the run as JSON to a file.
  case saveReport(String)
  /// Asks for `settled` once nothing runs any more.
  case settle
}
