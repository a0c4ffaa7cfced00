import Dispatch

/// Reads parts of files into the page cache in the background, in the order of the requests.
final class ReadAhead: Sendable {
  private let queue = DispatchQueue(label: "read ahead", qos: .utility)

  func read(_ files: [FileRange]) {
    guard !files.isEmpty else { return }
    queue.async {
      for part in files { part.file.willRead(part.range) }
    }
  }
}
