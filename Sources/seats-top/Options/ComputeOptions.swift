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

  @Flag(
    name: .customLong("no-cache"),
    help: "Do not read or write the packed-weight cache (see seats-top cache).")
  var bypassesCache = false

  func validate() throws {
    try OptionBounds.check(threads.map(Double.init), in: 1...1024, "--threads", "a count")
  }

  var cache: PackedCache? { bypassesCache ? nil : PackedCache() }

  var threadCount: Int { threads ?? ProcessInfo.processInfo.activeProcessorCount }
}

extension ComputeChoice: ExpressibleByArgument {}
