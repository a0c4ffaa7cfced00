import ArgumentParser
import Runs

/// The option of commands that show the lens of a run.
struct LensOptions: ParsableArguments {
  @Option(
    help: """
      What each layer would say and looks at: off, summary, full, or auto, which takes at most 2 % of \
      the prefill (default: auto).
      """)
  var lens = LensChoice.auto

  func applied(to request: RunRequest) -> RunRequest {
    var request = request
    request.lens = lens
    return request
  }
}

extension LensChoice: ExpressibleByArgument {}
