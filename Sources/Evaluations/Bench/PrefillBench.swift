import Basics
import Foundation
import OmniModel
import Runs
import Tensors

/// Result of `bench`: one request run several times, with median and range of the times per stage.
public struct PrefillBench: Sendable, Encodable {
  /// Median and range of the times of one stage, in milliseconds.
  public struct Spread: Sendable, Encodable {
    public let median, least, most: Double

    init(_ times: [Double]) {
      median = Basics.median(times)
      (least, most) = (times.min() ?? 0, times.max() ?? 0)
    }
  }

  /// Times and rate of one stage of a run. CPU time is the sum over all threads; other load on the
  /// machine changes it less than wall time.
  public struct Stage: Sendable, Encodable {
    public let name: String
    public let wallMs, cpuMs: Spread
    public let executedFlops: Double
    /// Executed FLOPs per second of CPU time, in 10⁹.
    public let gflopsPerCpuSecond: Double
  }

  /// Bench results of one plan.
  public struct PlanResult: Sendable, Encodable {
    /// Name of the selection method.
    public let method: String
    public let promptTokens, enteringTokens: Int
    public let stages: [Stage]
    /// Time of Stage I, decoder layers, their selections and the output head together.
    public let prefill: Stage
    /// Median wall times of attention, MLP and selection, each summed over all layers, in
    /// milliseconds.
    public let attentionMs, feedForwardMs, selectionMs: Double
    public let promptTokensPerCpuSecond: Double
  }

  public let compute: String
  public let threads: Int
  /// Peak rate of one core in the precision of the run, in 10⁹ FLOP/s; nil if unknown.
  public let peakGflopsPerCore: Double?
  public let courses: [PlanResult]
  public let peakResidentBytes: Int
  /// Notices about the clip, such as truncated audio.
  public let notices: [String]

  /// Runs the request and, if its plan drops tokens, also full tokens: first `warmups` runs that
  /// are not measured, then `repeats` measured runs, alternating between both.
  public static func run(
    _ opened: OpenedRun, _ request: RunRequest, warmups: Int, repeats: Int
  ) throws -> PrefillBench {
    var laps: [[BenchIteration]] = []
    let before = PeakProbe.flopsPerSecond(opened.thinker.precision)
    for round in 0..<warmups + repeats {
      var run = ProfiledRun(opened, request)
      var lap = [try BenchIteration(&run)]
      if run.plan != .full {
        var full = run.fullTokens()
        lap.append(try BenchIteration(&full))
      }
      if round >= warmups { laps.append(lap) }
    }
    let after = PeakProbe.flopsPerSecond(opened.thinker.precision)
    return PrefillBench(
      compute: opened.thinker.computeName, threads: ProductThreads.count,
      peakGflopsPerCore: [before, after].compactMap { $0 }.max().map { $0 / 1e9 },
      courses: (laps.first ?? []).indices.map { index in PlanResult(laps.map { $0[index] }) },
      peakResidentBytes: MachineMemory.peakResident ?? 0,
      notices: opened.subject.clip.audit.notices)
  }
}

/// Times of one bench run.
private struct BenchIteration {
  struct Step {
    let stage: String
    let wall, cpu, flops: Double
  }

  private(set) var steps: [Step] = []
  let run: ProfiledRun

  init(_ run: inout ProfiledRun) throws {
    let cancellation = Cancellation()
    while let next = run.nextStep {
      let (wall, cpu) = (ContinuousClock.now, CPUClock.process.seconds)
      guard let record = try run.advance(cancellation) else { break }
      steps.append(
        Step(
          stage: Self.stage(next), wall: wall.duration(to: .now) / .milliseconds(1),
          cpu: (CPUClock.process.seconds - cpu) * 1000, flops: record.executedFlops ?? 0))
    }
    self.run = run
  }

  private static func stage(_ step: PrefillStep) -> String {
    switch step {
    case .encoders: "encoders"
    case .stage1: "stage1"
    case .layer: "layers"
    case .head: "head"
    }
  }

  func sum(_ stages: [String], _ time: (Step) -> Double) -> Double {
    steps.filter { stages.contains($0.stage) }.reduce(0) { $0 + time($1) }
  }
}

extension PrefillBench.Stage {
  fileprivate init(_ name: String, _ stages: [String], _ laps: [BenchIteration]) {
    self.name = name
    wallMs = .init(laps.map { $0.sum(stages, \.wall) })
    cpuMs = .init(laps.map { $0.sum(stages, \.cpu) })
    executedFlops = laps.first?.sum(stages, \.flops) ?? 0
    gflopsPerCpuSecond = cpuMs.median > 0 ? executedFlops / cpuMs.median / 1e6 : 0
  }
}

extension PrefillBench.PlanResult {
  fileprivate init(_ laps: [BenchIteration]) {
    let run = laps.first?.run
    let records = run?.records ?? []
    func median(_ time: (StepRecord) -> Double) -> Double {
      PrefillBench.Spread(laps.map { $0.run.records.reduce(0) { $0 + time($1) } }).median
    }
    method = run?.plan.method.rawValue ?? ""
    promptTokens = run?.opened.subject.prompt.counts.total ?? 0
    enteringTokens = records.dropFirst().first?.leaving.total ?? promptTokens
    let names = ["encoders", "stage1", "layers", "head"]
    stages = names.filter { name in laps.contains { $0.steps.contains { $0.stage == name } } }
      .map { .init($0, [$0], laps) }
    prefill = .init("prefill", ["stage1", "layers", "head"], laps)
    attentionMs = median(\.attentionMilliseconds)
    feedForwardMs = median(\.feedForwardMilliseconds)
    selectionMs = median { $0.step.isLayer ? $0.selectionMilliseconds : 0 }
    promptTokensPerCpuSecond = Double(promptTokens) / max(prefill.cpuMs.median, 1e-9) * 1000
  }
}
