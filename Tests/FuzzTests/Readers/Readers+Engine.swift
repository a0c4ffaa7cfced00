import Foundation

@testable import RemoteEngine

extension Reader {
  static let engineReaders = [frames]

  /// A frame whose header is these bytes.
  private static func framed(_ bytes: [UInt8]) -> [UInt8] {
    withUnsafeBytes(of: UInt32(bytes.count).littleEndian) { Array($0) }
      + [UInt8](repeating: 0, count: 8) + bytes
  }

  /// Answers of an engine in another process, one after the other.
  private static let frames = Reader(
    name: "engine-frames", seeds: Seed.frames,
    dress: framed, bound: AllocationBound(fixed: 4 << 20, perByte: 1_000)
  ) { bytes in
    var rest = Data(bytes)
    while let frame = try? EngineFrame.first(of: &rest) {
      _ = EngineAnswer.result(frame)
      _ = try? EngineFacts(frame)
      _ = try? frame.floats("logits", 2)
      _ = try? frame.matrix("features")
      for tensor in frame.tensors.values { _ = (tensor.floats, tensor.indices) }
    }
  }
}

extension Seed {
  static let frames: [[UInt8]] = [
    #"{"id":1,"ok":true,"protocol":1,"model":{"name":"m","layers":28,"vocabulary":9,"parameters":7},"fingerprint":"f","compute":"bfloat16","bytes_per_number":2,"device":"d","versions":{"torch":"2"}}"#,
    #"{"id":2,"ok":false,"kind":"version","error":"other versions","oldest":2,"newest":3}"#,
    #"{"id":3,"ok":true,"tensors":[["logits","f32",[2]],["features","f32",[2,2]],["ids","u32",[1]],["h","bf16",[1,1]],["b","u8",[2]]],"ms":1.5}"#,
    #"{"beat":true}"#,
  ].enumerated().map { number, header in
    let payload = number == 2 ? 4 * 2 + 4 * 4 + 4 + 2 + 2 : 0
    let lengths =
      withUnsafeBytes(of: UInt32(header.utf8.count).littleEndian) { Array($0) }
      + withUnsafeBytes(of: UInt64(payload).littleEndian) { Array($0) }
    return lengths + Array(header.utf8) + (0..<payload).map { UInt8($0) }
  }
}
