import Foundation

/// Calls `body` with the texts as C strings and a null at the end, as `execve` takes arguments and environment.
public func withCStrings<Result>(
  _ texts: [String], _ body: ([UnsafeMutablePointer<CChar>?]) -> Result
) -> Result {
  let copies = texts.map { strdup($0) } + [nil]
  defer { for copy in copies { free(copy) } }
  return body(copies)
}

/// Reads available bytes of a pipe that does not block.
/// - Returns: nil if there are none; empty at the end or after a failed read.
public func availableBytes(of descriptor: Int32, atMost size: Int) -> [UInt8]? {
  var code: Int32 = 0
  let bytes = [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
    let got = read(descriptor, buffer.baseAddress, size)
    code = got < 0 ? errno : 0
    count = max(0, got)
  }
  return code == EAGAIN || code == EINTR ? nil : bytes
}
