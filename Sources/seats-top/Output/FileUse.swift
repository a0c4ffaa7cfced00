import ArgumentParser
import Basics
import Foundation

/// The files that a command reads and writes. Nothing is written over what the same command reads,
/// nor twice: whatever the names, the links and the options.
struct FileUse {
  /// A file, by the option or argument that names it.
  private struct Use {
    let option, path: String
    let place: FilePlace
  }

  private var inputs: [Use] = []
  private var outputs: [Use] = []
  /// An option that cannot write to standard output and was told to.
  private var refused: String?

  /// Adds what is read: a file, or the files of a folder.
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

  /// - Parameter mayBeStandardOutput: `-` then stands for it.
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

  /// - Throws: `ValidationError` that names both.
  func check() throws {
    if let refused {
      throw ValidationError(
        "\(refused) does not write to standard output: name a file, ./- for one of that name.")
    }
    for (index, output) in outputs.enumerated() {
      if let input = inputs.first(where: { $0.place == output.place }) {
        throw ValidationError(
          ErrorMessage.printable(
            "\(output.option) would write over \(input.path), which \(input.option) reads: "
              + "give it another name."))
      }
      if let other = outputs[..<index].first(where: { $0.place == output.place }) {
        throw ValidationError(
          ErrorMessage.printable(
            "\(output.option) and \(other.option) would both write \(output.path): "
              + "give one of them another name."))
      }
    }
  }
}

/// Where a file lies, by whatever name it is reached.
private enum FilePlace: Equatable {
  case file(device: UInt64, number: UInt64)
  /// Nothing is there yet.
  case name(String)

  /// Nil for devices and pipes, which may be used twice.
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
