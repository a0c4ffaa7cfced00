import Foundation
import Tensors

/// Speed of the engine, from single products to whole prefills, in bfloat16 at the shape of
/// Qwen2.5-Omni-3B with random weights.
///
/// `engine-bench [PART…]` measures the named parts, or all of them: `kernels`, `prefill`,
/// `int8` (a prefill in it), `encoders`, `steps`, `methods`
/// (rules of selection at real sizes).
/// `engine-bench serve THREADS` answers lines with token counts instead, for `benchmarks/peers`.
/// Nothing is asserted.
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
