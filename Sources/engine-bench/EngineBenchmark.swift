import Foundation
import Tensors

/// Measures the speed of the engine, from single matrix products to whole prefills, in bfloat16
/// with the sizes of Qwen2.5-Omni-3B and random weights.
///
/// `engine-bench [PART…]` measures the given parts, or all of them: `kernels`, `prefill`, `int8` (a
/// prefill in int8), `encoders`, `steps`, `methods` (selection rules at real sizes). `engine-bench
/// serve THREADS` instead reads token counts from lines, for `benchmarks/peers`. Results are
/// printed, not checked.
@main
enum EngineBenchmark {
  private static var parts: [(name: String, measure: (Table) async throws -> Void)] {
    [
      ("kernels", KernelBenchmark.measure),
      ("prefill", { try PrefillBenchmark().measure($0) }),
      ("int8", { try PrefillBenchmark(.int8).measure($0) }),
      ("encoders", { try EncoderBenchmark().measure($0) }),
      ("steps", StepBenchmark.measure),
      ("methods", MethodBenchmark.measure),
    ]
  }

  static func main() async throws {
    let wanted = CommandLine.arguments.dropFirst()
    if wanted.first == "serve", wanted.count == 2, let threads = wanted.last.flatMap({ Int($0) }) {
      ProductThreads.use(threads)
      return try PrefillBenchmark().serve()
    }
    let names = parts.map(\.name)
    guard wanted.allSatisfy(names.contains) else {
      print("engine-bench: the parts are \(names.joined(separator: ", ")).")
      exit(2)
    }
    let table = Table()
    for part in parts where wanted.isEmpty || wanted.contains(part.name) {
      try await part.measure(table)
    }
  }
}
