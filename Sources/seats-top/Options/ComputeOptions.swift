import ArgumentParser
import Foundation
import OmniModel

/// Options for matrix products, for every command that runs a model.
struct ComputeOptions: ParsableArguments {
  @Option(help: "Threads, 1 to 1024 (default: all cores).")
  var threads: Int?

  @Option(
    help: """
      Precision of matrix products; auto is bf16 for 16-bit weights where the processor is fast at \
      it, else f32.
      """)
  var compute = ComputeChoice.auto

  @Option(
    help: ArgumentHelp(
      "Limit of resident memory: 12G. Weights that do not fit are read as they are used (default: "
        + "the available memory).", valueName: "bytes"))
  var memory: ByteCount?

  @Flag(
    name: .customLong("no-cache"),
    help: "Neither read nor write packed weights and encoder outputs (see seats-top cache).")
  var bypassesCache = false

  func validate() throws {
    try OptionBounds.check(threads.map(Double.init), in: 1...1024, "--threads", "a count")
  }

  var cache: PackedCache? { bypassesCache ? nil : PackedCache() }

  var bound: MemoryBound? { memory.map { .process($0.bytes) } }

  var threadCount: Int { threads ?? ProcessInfo.processInfo.activeProcessorCount }
}

extension ComputeChoice: ExpressibleByArgument {}
