import Media
import Selection

/// An event reported by a session, in order.
public enum SessionEvent: Sendable, Equatable {
  /// Loading progress, a short text: `reading the checkpoint`.
  case loading(String)
  /// Model and clip are ready; the prefill is before its first step.
  case opened(RunSubject, settings: SelectionSettings, plan: SelectionPlan)
  /// A new plan applies; the first `keptSteps` records are kept.
  case planned(SelectionSettings, SelectionPlan, keptSteps: Int)
  /// A step begins.
  case began(PrefillStep)
  /// A step is done; appended to the ledger.
  case advanced(StepRecord)
  /// The prefill stepped back: only the first `steps` records remain.
  case rewound(steps: Int)
  /// The activity has changed.
  case activity(SessionActivity)
  /// The answer so far; `isComplete` once decoding has stopped.
  case answered(AnswerRecord)
  /// The full-token run is done.
  case fullRun(FullRunRecord)
  /// A run stopped at a breakpoint.
  case paused(at: Breakpoint)
  /// A timed repetition of the prefill.
  case repeated(RepeatRecord)
  /// The measured peak of the machine.
  case peak(MachinePeak)
  /// Peak memory of the process, in bytes.
  case peakMemory(Int)
  /// Progress of a measurement of the open clip.
  case study(StudyEvent)
  /// A line for the log.
  case logged(SessionMessage)
  /// A warning that does not stop the run.
  case warned(SessionMessage)
  /// A report was saved at this path.
  case saved(String)
  /// A command failed; the run is unchanged. An error message.
  case failed(SessionMessage)
  /// All commands before `settle` are done.
  case settled
}

/// Activity of the engine.
public enum SessionActivity: Sendable, Equatable {
  case idle
  /// Advancing to its goal.
  case running
  case decoding
  case runningFull
  /// Measuring the dependency curve or a sweep of the open clip.
  case studying
  /// Repeating the timed prefill.
  case repeating
}

/// The full-token run of the prompt.
public struct FullRunRecord: Sendable, Equatable, Codable {
  public let answer: AnswerRecord
  /// Time of layers 1…L and head, without the shared encoders.
  public let prefillMilliseconds: Double
  public let layerMilliseconds: [Double]
  /// Attention and MLP times per layer; empty if unknown.
  public let attentionMilliseconds, feedForwardMilliseconds: [Double]
  /// Bytes of keys and values of all layers after the prefill; nil if unknown.
  public let keyValueBytes: Int?
  /// FLOPs executed by layers and head, 2 per multiply-add; nil if unknown.
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

/// A command to a session.
public enum SessionCommand: Sendable, Equatable {
  /// One step.
  case advance
  case back
  /// Run to the answer.
  case run
  /// Run to the next planned drop.
  case runToNextDrop
  /// Run through the late removal.
  case runToRemoval
  /// Restart before layer 1, keeping encoder outputs.
  case restart
  /// Apply new settings and their plan: steps back to the first step they change, and with `resume`
  /// runs to the former step.
  case configure(PlannedSettings, resume: Bool)
  /// Reload the clip with input settings, keeping the plan, and run to the former step. Encoders
  /// run again only if their input changes.
  case prepare(InputSettings)
  /// The full-token run.
  case runFull
  /// Time more repetitions, alternating between plan and full tokens.
  case repeatRuns(Int)
  /// Measure the machine's peak, once per session.
  case measurePeak
  /// Delay after each step; zero: none.
  case pace(Duration)
  /// Replace the breakpoints.
  case setBreakpoints([Breakpoint])
  /// Measure the dependency curve of the open clip, or resume it.
  case analyze
  /// Measure these points on the open clip.
  case sweep([SweepPoint])
  /// Load a results file of a sweep.
  case readSweep(String)
  /// Save the JSON report to a file.
  case saveReport(String)
  /// Request `settled` when idle.
  case settle
}
