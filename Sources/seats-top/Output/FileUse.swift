import ArgumentParser
import Basics
import Foundation

/// Files that a command reads and writes. An output file must not be an input or another output,
/// also if its path is spelled differently or is a link.
struct FileUse {
  /// A file, and the option or argument that names it.
  private struct Use {
    let option, path: String
    let place: FilePlace
  }

  private var inputs: [Use] = []
  private var outputs: [Use] = []
  /// An option with the value `-` that cannot write to standard output.
  private var refused: String?

  /// Adds an input: a file, or all files of a folder.
  mutating func reads(_ path: String?, as option: String) {
    guard let path, path != "-" else { return }
    var isDirectory: ObjCBool = false
    let exists = FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory)
    let files =
      exists && isDirectory.boolValue
      ? ((try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []).map { "\(path)/\($0)" }
      : [path]
    inputs += files.compactMap { file in
      FilePlace(file).map { Use(option: option, path: file, place: $0) }
    }
  }

  /// Adds an output file.
  /// - Parameter mayBeStandardOutput: whether `-` means standard output.
  mutating func writes(
    _ path: String?, as option: String, mayBeStandardOutput: Bool = false
  ) {
    guard let path else { return }
    if path == "-" {
      if !mayBeStandardOutput { refused = refused ?? option }
    } else if let place = FilePlace(path) {
      outputs.append(Use(option: option, path: path, place: place))
    }
  }

  /// Checks that no output file is an input or another output.
  /// - Throws: `ValidationError` that names both options.
  func check() throws {
    if let refused {
      throw ValidationError(
        "\(refused) cannot write to standard output: give a file, or ./- for a file named -.")
    }
    for (index, output) in outputs.enumerated() {
      if let input = inputs.first(where: { $0.place == output.place }) {
        throw ValidationError(
          ErrorMessage.printable(
            "\(output.option) would overwrite \(input.path), which \(input.option) reads: "
              + "give it another name."))
      }
      if let other = outputs[..<index].first(where: { $0.place == output.place }) {
        throw ValidationError(
          ErrorMessage.printable(
            "\(output.option) and \(other.option) would write the same file \(output.path): "
              + "give one of them another name."))
      }
    }
  }
}

/// Identity of a file, independent of its name.
private enum FilePlace: Equatable {
  case file(device: UInt64, number: UInt64)
  /// A file that does not exist yet, by its path.
  case name(String)

  /// The identity of the file at a path; nil for devices and pipes, which may be used more than
  /// once.
  init?(_ path: String) {
    var status = stat()
    if stat(path, &status) == 0 {
      guard status.st_mode & S_IFMT == S_IFREG else { return nil }
      self = .file(device: UInt64(status.st_dev), number: UInt64(status.st_ino))
    } else {
      self = .name(URL(filePath: path).resolvingSymlinksInPath().standardizedFileURL.path)
    }
  }
}
