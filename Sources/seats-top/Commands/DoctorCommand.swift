import ArgumentParser
import Basics
import Foundation
import Media
import OmniModel
import Tensors
import Terminal
import UserConfiguration

/// `seats-top doctor`: checks terminal, machine and installation.
struct DoctorCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "doctor",
    abstract: "Check the terminal, the machine and the installation.",
    discussion: "Exits with 1 if the program cannot work.")

  @Option(help: "Output format: text or json.")
  var format = ListFormat.text

  @Option(help: "Configuration file (default: your config.toml).", completion: .file())
  var config: String?

  func validate() throws { try StandardStream.refuse(config, as: "--config") }

  func run() async throws {
    let findings =
      Diagnosis.terminal + Diagnosis.machine + [await Diagnosis.ffmpeg]
      + Diagnosis.installation + [Diagnosis.configuration(config)]
    switch format {
    case .json: try Console.emit(JSONEncoder.pretty(findings))
    case .text:
      let width = findings.map(\.subject.count).max() ?? 0
      let lines = findings.map { finding in
        let subject = finding.subject.padding(toLength: width, withPad: " ", startingAt: 0)
        return "\(finding.verdict.mark) \(subject)  \(finding.fact)"
      }
      try Console.emit(
        Data((lines.map(ErrorMessage.printable).joined(separator: "\n") + "\n").utf8))
    }
    if findings.contains(where: { $0.verdict == .broken }) { throw ExitCode(1) }
  }
}

/// The result of one check.
struct Finding: Encodable {
  enum Verdict: String, Encodable {
    case fine
    /// The program works with fewer features.
    case poor
    /// The program does not work.
    case broken

    var mark: String {
      switch self {
      case .fine: "ok  "
      case .poor: "poor"
      case .broken: "FAIL"
      }
    }
  }

  let subject: String
  let verdict: Verdict
  let fact: String
}

/// All checks.
enum Diagnosis {
  private static let environment = ProcessInfo.processInfo.environment

  static var terminal: [Finding] {
    let name = environment["TERM", default: ""]
    let null = open("/dev/null", O_RDWR | O_CLOEXEC)
    defer { close(null) }
    let screen = Finding(
      subject: "input, output",
      verdict: isatty(STDIN_FILENO) == 1 && isatty(STDOUT_FILENO) == 1 ? .fine : .poor,
      fact: isatty(STDIN_FILENO) == 1 && isatty(STDOUT_FILENO) == 1
        ? "a terminal" : "not both a terminal: the screen needs both, seats-top report does not")
    do {
      let display = try CursesDisplay(
        .init(term: name, input: null, output: null, isInteractive: false))
      defer { display.close() }
      let noColor = environment["NO_COLOR", default: ""].isEmpty ? "" : ", NO_COLOR is set"
      return [
        Finding(
          subject: "TERM", verdict: .fine,
          fact: "\(name): \(display.depth.rawValue) colours\(noColor)"),
        locale(display.glyphs), screen,
      ]
    } catch {
      return [
        Finding(subject: "TERM", verdict: .broken, fact: ErrorMessage.about(error)), screen,
      ]
    }
  }

  private static func locale(_ glyphs: Glyphs) -> Finding {
    let named = ["LC_ALL", "LC_CTYPE", "LANG"].first { !environment[$0, default: ""].isEmpty }
    let name = named.map { "\($0)=\(environment[$0] ?? "")" } ?? "no locale is set"
    return Finding(
      subject: "locale", verdict: glyphs.isASCII ? .poor : .fine,
      fact: glyphs.isASCII
        ? "\(name): no UTF-8, drawn in ASCII; set LANG=C.UTF-8" : "\(name): UTF-8")
  }

  static var machine: [Finding] {
    let flags = processorFlags
    let wide = ["avx2", "fma", "avx512f", "avx512_bf16", "avx512_vnni"].filter(flags.contains)
    let unused = ["avx_vnni", "amx_bf16", "amx_int8"].filter(flags.contains)
    let memory = memory
    return [
      Finding(
        subject: "processor", verdict: flags.isEmpty || wide.contains("avx2") ? .fine : .poor,
        fact: "\(ProcessInfo.processInfo.activeProcessorCount) cores, "
          + (wide.isEmpty ? "no known vector instructions" : wide.joined(separator: " "))
          + (unused.isEmpty ? "" : "; not used: \(unused.joined(separator: " "))")),
      products,
    ] + StoredKind.allCases.map(automatic) + [
      Finding(subject: "caches", verdict: .fine, fact: ProcessorCaches.described),
      Finding(subject: "BLAS", verdict: .fine, fact: ProductThreads.libraryDescription),
      Finding(
        subject: "memory", verdict: memory.available < 1 << 30 ? .poor : .fine,
        fact:
          "\(ErrorMessage.gigabytes(memory.available)) of \(ErrorMessage.gigabytes(memory.total)) free"
          + limits),
      disk,
      Finding(subject: "cache", verdict: .fine, fact: PackedCache().summary),
    ]
  }

  /// Memory limits below the memory of the machine, each with the number of bytes it leaves.
  private static var limits: String {
    MachineMemory.limits.filter { $0.source != "machine" }
      .map { ", \($0.source) leaves \(ErrorMessage.gigabytes($0.available))" }.joined()
  }

  /// Check of the disk of the cache folder, measured now.
  private static var disk: Finding {
    var folder = PackedCache().directory
    while folder.count > 1, !FileManager.default.fileExists(atPath: folder) {
      folder = (folder as NSString).deletingLastPathComponent
    }
    guard let rate = DiskSpeed.ofDirectory(folder) else {
      return Finding(
        subject: "disk", verdict: .fine, fact: "reading from \(folder) could not be measured")
    }
    return Finding(
      subject: "disk", verdict: .fine,
      fact: "\(ErrorMessage.rate(rate)), measured, reading from \(folder)")
  }

  /// Check of the instruction sets used for matrix products.
  private static var products: Finding {
    let paths = Precision.allCases.map { precision in
      "\(precision.rawValue) \(ProductPath(precision)?.rawValue ?? "OpenBLAS")"
    }
    return Finding(
      subject: "products", verdict: Precision.bfloat16.isFast ? .fine : .poor,
      fact: paths.joined(separator: ", "))
  }

  /// Check of the precision that `--compute auto` selects for a kind of checkpoint, with the reason.
  private static func automatic(_ kind: StoredKind) -> Finding {
    let precision = kind.automaticPrecision
    let slow = "bf16 has no vector instructions here"
    let (name, reason) =
      switch kind {
      case .single: ("F32", "its numbers have no 16-bit form")
      case .smallHalf: ("BF16, F16 below 100 M parameters", "time does not matter")
      case .half:
        ("BF16, F16", precision == .single ? slow : "exact weights in half the memory")
      case .quantized:
        (
          "FP8, INT8, INT4",
          precision == .single
            ? slow : "decoded to 16 bits while loading; --compute int8 takes half"
        )
      }
    return Finding(
      subject: "auto, \(name)", verdict: .fine, fact: "\(precision.rawValue): \(reason)")
  }

  private static var processorFlags: Set<String> {
    let text = (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)) ?? ""
    let line = text.split(separator: "\n").first { $0.hasPrefix("flags") }
    return Set((line ?? "").split(whereSeparator: \.isWhitespace).map(String.init))
  }

  /// Total and available memory for this process, with the limits of containers.
  private static var memory: (total: Int, available: Int) {
    (MachineMemory.installed ?? 0, MachineMemory.available ?? 0)
  }

  static var ffmpeg: Finding {
    get async {
      do {
        let paths = try await FFmpeg().locate()
        return Finding(subject: "ffmpeg", verdict: .fine, fact: paths.joined(separator: ", "))
      } catch {
        return Finding(subject: "ffmpeg", verdict: .poor, fact: ErrorMessage.describing(error))
      }
    }
  }

  static var installation: [Finding] {
    let share = ShareDirectory()
    let library = ThemeLibrary(directories: share.themes)
    var findings: [Finding] = []
    do {
      findings.append(
        Finding(subject: "model", verdict: .fine, fact: try share.embeddedModel()))
      let clips = try share.clips()
      findings.append(
        Finding(subject: "samples", verdict: .fine, fact: "\(clips.count) clips"))
    } catch {
      findings.append(
        Finding(subject: "share", verdict: .broken, fact: ErrorMessage.describing(error)))
    }
    let warnings = library.warnings.map(ErrorMessage.about)
    findings.append(
      Finding(
        subject: "themes", verdict: warnings.isEmpty ? .fine : .poor,
        fact: warnings.isEmpty
          ? "\(library.names.count) themes" : warnings.joined(separator: " ")))
    return findings
  }

  static func configuration(_ given: String?) -> Finding {
    do {
      let configuration = try Configuration.load(given)
      let warnings = configuration.warnings.map(ErrorMessage.about)
      return Finding(
        subject: "configuration", verdict: warnings.isEmpty ? .fine : .poor,
        fact: warnings.isEmpty
          ? configuration.file ?? "none (optional)" : warnings.joined(separator: " "))
    } catch {
      return Finding(
        subject: "configuration", verdict: .broken, fact: ErrorMessage.describing(error))
    }
  }
}

/// Sizes of the processor's caches, read from /sys.
private enum ProcessorCaches {
  static var described: String {
    let root = "/sys/devices/system/cpu/cpu0/cache/"
    let found = (0..<8).compactMap { index -> String? in
      func read(_ name: String) -> String? {
        (try? String(contentsOfFile: "\(root)index\(index)/\(name)", encoding: .utf8))?
          .trimmingCharacters(in: .whitespacesAndNewlines)
      }
      guard let level = read("level"), let size = read("size"), read("type") != "Instruction"
      else { return nil }
      return "L\(level) \(size)"
    }
    return found.isEmpty ? "sizes unknown" : found.joined(separator: ", ")
  }
}
