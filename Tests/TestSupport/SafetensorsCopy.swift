import Foundation

/// The tensors of a safetensors file, to be changed and written again.
public struct SafetensorsCopy {
  public struct Tensor {
    public var type: String
    public var shape: [Int]
    public var bytes: Data

    public init(type: String, shape: [Int], bytes: Data) {
      (self.type, self.shape, self.bytes) = (type, shape, bytes)
    }

    /// F32 numbers.
    public init(_ shape: [Int], _ floats: [Float]) {
      self.init(type: "F32", shape: shape, bytes: floats.withUnsafeBytes { Data($0) })
    }

    /// The numbers of an F32 tensor.
    public var floats: [Float] {
      bytes.withUnsafeBytes { raw in
        (0..<raw.count / 4).map { raw.loadUnaligned(fromByteOffset: 4 * $0, as: Float.self) }
      }
    }
  }

  public var tensors: [String: Tensor] = [:]

  public init() {}

  public init(_ url: URL) throws {
    let all = try Data(contentsOf: url)
    let length = Int(all.prefix(8).reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) })
    let header = try JSONSerialization.jsonObject(with: all[8..<8 + length]) as? [String: Any]
    for (name, entry) in header ?? [:] where name != "__metadata__" {
      guard let entry = entry as? [String: Any], let type = entry["dtype"] as? String,
        let shape = entry["shape"] as? [Int], let range = entry["data_offsets"] as? [Int]
      else { throw FixtureError.noTensor(name) }
      let start = 8 + length
      tensors[name] = Tensor(
        type: type, shape: shape, bytes: Data(all[start + range[0]..<start + range[1]]))
    }
  }

  public func write(to url: URL) throws {
    var header: [String: Any] = [:]
    var body = Data()
    for (name, tensor) in tensors.sorted(by: { $0.key < $1.key }) {
      header[name] = [
        "dtype": tensor.type, "shape": tensor.shape,
        "data_offsets": [body.count, body.count + tensor.bytes.count],
      ]
      body += tensor.bytes
    }
    let json = try JSONSerialization.data(withJSONObject: header)
    let length = withUnsafeBytes(of: UInt64(json.count).littleEndian) { Data($0) }
    try (length + json + body).write(to: url)
  }

  /// Gives tensors other names; nil drops one.
  public mutating func rename(_ name: (String) -> String?) {
    var renamed: [String: Tensor] = [:]
    for (old, tensor) in tensors { if let new = name(old) { renamed[new] = tensor } }
    tensors = renamed
  }
}
