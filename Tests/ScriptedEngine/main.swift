// An engine for tests: this program's own model behind the engine protocol, which fails where it is told to.
//
//   scripted-engine --model DIR [--fault NAME] [--at LAYER] [--limit TOKENS] [--once FILE]

import Foundation

#if DEBUG
  var options: [String: String] = [:]
  var words = CommandLine.arguments.dropFirst()
  while let name = words.popFirst(), let value = words.popFirst() { options[name] = value }
  do {
    let script = try FaultScript(options)
    try EngineServer(script, model: options["--model"] ?? "").run()
  } catch {
    FileHandle.standardError.write(Data("\(error)\n".utf8))
    exit(1)
  }
#else
  FileHandle.standardError.write(Data("scripted-engine works in debug builds only\n".utf8))
  exit(1)
#endif
