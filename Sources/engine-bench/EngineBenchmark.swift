import Foundation
import OmniModel
import Tensors

/// Measures the speed of the engine, from single matrix products to whole prefills, in bfloat16
/// with the sizes of Qwen2.5-Omni-3B and random weights.
///
/// `engine-bench [PART…]` measures the given parts, or all of them: `kernels`, `prefill`, `int8` (a
/// prefill in int8), `encoders`, `steps`, `methods` (selection rules at real sizes). `engine-bench
/// serve THREADS [bf16|int8]` instead reads token counts from lines, for `benchmarks/peers`. Results
/// are printed, not checked.
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
    if let (threads, compute) = service(Array(wanted)) {
      ProductThreads.use(threads)
      return try PrefillBenchmark(compute).serve()
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

  /// Threads and precision of `serve THREADS [bf16|int8]`; nil for other arguments.
  private static func service(_ arguments: [String]) -> (threads: Int, compute: ComputeChoice)? {
    guard arguments.first == "serve", (2...3).contains(arguments.count),
      let threads = Int(arguments[1])
    else { return nil }
    switch arguments.dropFirst(2).first ?? "bf16" {
    case "bf16": return (threads, .bf16)
    case "int8": return (threads, .int8)
    default: return nil
    }
  }
}
