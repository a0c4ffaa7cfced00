import Foundation
import OmniModel
import Tensors

/// Measures prefills of text through four decoder layers with the sizes of the 3B model.
///
/// Five layers are loaded. Layers 1 to 4 represent four layers anywhere in a deep model, where
/// every output row is needed. Layers 1 to 3 and the last represent a model with four layers, whose
/// last layer only computes the row of the next token.
struct PrefillBenchmark {
  private let thinker: Thinker
  private let depth = 4

  init(_ compute: ComputeChoice = .bf16) throws {
    thinker = try Thinker(.dummy(.qwen25Omni3B, layers: depth + 1), compute: compute)
  }

  func measure(_ table: Table) throws {
    for tokens in [512, 2048, 4096] {
      table.title("prefill of \(tokens) tokens, \(thinker.precision.rawValue)")
      var (inner, whole, layer, head) = (Laps(), Laps(), Laps(), Laps())
      var flops = (inner: 0.0, whole: 0.0, layer: 0.0, head: 0.0)
      for round in 0..<4 {
        let run = try LayerTimes(thinker, tokens: tokens)
        guard round > 0 else { continue }
        let steps = run.layers
        inner.add(LayerTimes.Step(steps[..<depth]))
        whole.add(LayerTimes.Step(steps[..<(depth - 1)] + steps[depth...]))
        layer.add(steps[1])
        head.add(run.head)
        flops = (
          LayerTimes.Step(steps[..<depth]).flops,
          LayerTimes.Step(steps[..<(depth - 1)] + steps[depth...]).flops, steps[1].flops,
          run.head.flops
        )
      }
      table.row("layer 2", layer, flops: flops.layer, thinker.precision)
      table.row("\(depth) layers, every row", inner, flops: flops.inner, thinker.precision)
      table.row("\(depth) layers with the last one", whole, flops: flops.whole, thinker.precision)
      table.row("head", head, flops: flops.head, thinker.precision)
    }
  }

  /// Reads a token count from each line of standard input and prints a line of JSON: wall and CPU
  /// seconds of both kinds of four layers, and the peak speed of a core.
  func serve() throws {
    let instructions = ProductPath(thinker.precision)?.rawValue ?? "OpenBLAS"
    say(
      #"{"threads": \#(ProductThreads.count), "type": "\#(thinker.precision.rawValue)", "#
        + #""instructions": "\#(instructions)"}"#)
    while let line = readLine() {
      guard let tokens = Int(line), tokens > 64 else { return }
      let run = try LayerTimes(thinker, tokens: tokens)
      let every = LayerTimes.Step(run.layers[..<depth])
      let last = LayerTimes.Step(run.layers[..<(depth - 1)] + run.layers[depth...])
      let peak = PeakProbe.flopsPerSecond(.bfloat16) ?? 0
      say(
        String(
          format:
            #"{"every": {"wall": %.6f, "cpu": %.6f}, "last": {"wall": %.6f, "cpu": %.6f}, "#
            + #""flops": %.0f, "peak": %.0f}"#,
          every.wall, every.cpu, last.wall, last.cpu, every.flops, peak))
    }
  }
}

extension Laps {
  fileprivate mutating func add(_ step: LayerTimes.Step) { add(wall: step.wall, cpu: step.cpu) }
}

/// Times of one prefill, per layer.
struct LayerTimes {
  struct Step {
    let wall, cpu, flops: Double

    init(wall: Double, cpu: Double, flops: Double) {
      (self.wall, self.cpu, self.flops) = (wall, cpu, flops)
    }

    /// The sum of the times of several steps.
    init(_ steps: some Sequence<Step>) {
      wall = steps.reduce(0) { $0 + $1.wall }
      cpu = steps.reduce(0) { $0 + $1.cpu }
      flops = steps.reduce(0) { $0 + $1.flops }
    }
  }

  private(set) var layers: [Step] = []
  private(set) var head = Step([])

  /// Runs a prefill.
  /// - Parameter tokens: length of the prompt; more than about 20, the number of tokens besides the
  ///   question.
  init(_ thinker: Thinker, tokens: Int) throws {
    var prefill = Prefill(
      try Self.prompt(tokens, thinker), thinker: thinker, plan: .full, snapshotBytes: 0)
    let cancellation = Cancellation()
    while let step = prefill.nextStep {
      let (start, cpu) = (ContinuousClock.now, CPUClock.process.seconds)
      guard let outcome = try prefill.advance(cancellation) else { break }
      let lap = Step(
        wall: start.duration(to: .now) / .seconds(1), cpu: CPUClock.process.seconds - cpu,
        flops: outcome.executedFlops)
      switch step {
      case .layer: layers.append(lap)
      case .head: head = lap
      case .encoders, .stage1: break
      }
    }
  }

  /// A question with the required number of tokens: the byte tokenizer gives one token per byte.
  private static func prompt(_ tokens: Int, _ thinker: Thinker) throws -> Prompt {
    let around = try Prompt(ClipInput(question: ""), for: thinker).ids.count
    let letters = Array("etaoinshrdlu")
    let question = String((0..<max(0, tokens - around)).map { letters[$0 * $0 % letters.count] })
    return try Prompt(ClipInput(question: question), for: thinker)
  }
}
