import Basics
import Evaluations
import Media
import OmniModel
import Runs
import Selection

/// An event that a session reports; events are in order.
public enum SessionEvent: Sendable, Equatable {
  /// Loading has progressed to the step named by this short text, such as `reading the checkpoint`.
  case loading(String)
  /// Long work has progressed: loading, encoders, full tokens, measurements. At most ten times a
  /// second, and only for work of more than half a second.
  case progress(WorkProgress)
  /// Model and clip are loaded; the prefill is before its first step.
  case opened(RunSubject, settings: SelectionSettings, plan: SelectionPlan)
  /// A new plan is in use; the first `keptSteps` step records remain valid.
  case planned(SelectionSettings, SelectionPlan, keptSteps: Int)
  /// A step has started.
  case began(PrefillStep)
  /// A step is finished; its record is appended.
  case advanced(StepRecord)
  /// The prefill stepped back; only the first `steps` records remain.
  case rewound(steps: Int)
  /// The activity has changed.
  case activity(SessionActivity)
  /// The answer so far; `isComplete` is true once decoding has stopped.
  case answered(AnswerRecord)
  /// The full-token run is finished.
  case fullRun(FullRunRecord)
  /// The run paused at a breakpoint.
  case paused(at: Breakpoint)
  /// A timed repetition of the prefill is finished.
  case repeated(RepeatRecord)
  /// The peak rate of the machine was measured.
  case peak(MachinePeak)
  /// Peak memory of the process, in bytes.
  case peakMemory(Int)
  /// The lens of finished steps has new records; not part of any step's time.
  case lens(LensUpdate)
  /// Scores of tokens that were asked for; not recorded.
  case scored(TokenScores)
  /// A measurement of the open clip has progressed.
  case study(StudyEvent)
  /// A line for the log screen.
  case logged(SessionMessage)
  /// A warning; the run continues.
  case warned(SessionMessage)
  /// Files that were found for a typed path.
  case found(PathMatches)
  /// A report was saved to this path.
  case saved(String)
  /// A command failed with this error; the run is unchanged.
  case failed(SessionMessage)
  /// All commands sent before `settle` are finished.
  case settled
}

/// Activity of the engine.
public enum SessionActivity: Sendable, Equatable {
  case idle
  /// Executing steps towards a goal.
  case running
  case decoding
  case runningFull
  /// Measuring the dependency curve or a sweep of the open clip.
  case studying
  /// Repeating the prefill to measure its time.
  case repeating
}

/// A command for a session.
public enum SessionCommand: Sendable, Equatable {
  /// Execute one step.
  case advance
  case back
  /// Run to the end of the answer.
  case run
  /// Run to the next planned drop.
  case runToNextDrop
  /// Run to the end of the step with the late removal.
  case runToRemoval
  /// Step back to before layer 1; the encoder outputs are kept.
  case restart
  /// Use new settings and their plan: steps back to the first step that they change. With `resume`,
  /// runs to the former step again.
  case configure(PlannedSettings, resume: Bool)
  /// Reload the clip with these input settings and the same plan, and run to the former step. The
  /// encoders run again only if their input changes.
  case prepare(InputSettings)
  /// Ask another question about the open clip with the same plan, and run to the former step. The
  /// encoders do not run again.
  case ask(AskedQuestion)
  /// Open another clip, question, plan or model. A model that is loaded is kept; after an error the
  /// run is unchanged.
  case open(RunTarget)
  /// Run the prompt with full tokens.
  case runFull
  /// Repeat the prefill this many times to measure times, alternating between plan and full tokens.
  case repeatRuns(Int)
  /// Measure the peak rate of the machine, once per session.
  case measurePeak
  /// Set the delay after each step; zero for none.
  case pace(Duration)
  /// Replace all breakpoints.
  case setBreakpoints([Breakpoint])
  /// Measure the dependency curve of the open clip, or resume the measurement.
  case analyze
  /// Leave out each window, or a span, of the open clip from a layer on, or resume the measurement.
  case weigh(WorthRequest)
  /// Measure these points of a sweep on the open clip.
  case sweep([SweepPoint])
  /// Read a results file of a sweep.
  case readSweep(String)
  /// Compute scores of the tokens of a finished layer.
  case score(TokenScoreRequest)
  /// Read the questions that the points of a results file, or two files, answer differently; the
  /// questions are looked for in `questions` and beside the results.
  case readFlips(String, other: String?, questions: [String])
  /// Read a task file or a benchmark.
  case readQuestions(String)
  /// Show a trace instead of the run; carried out by the program around the session.
  case replay(String)
  /// Find files whose paths begin with this text, or all known places for an empty text; carried
  /// out by the program around the session.
  case findPaths(String)
  /// Save the JSON report to this path.
  case saveReport(String)
  /// Request the event `settled` when there is no more work.
  case settle
}
