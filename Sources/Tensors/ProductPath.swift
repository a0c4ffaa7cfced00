import CKernels

/// The instructions that packed products are computed with.
public enum ProductPath: String, Sendable, Codable, CaseIterable {
  /// Without vector instructions of our own choice: correct, slow.
  case portable
  /// AVX2 and FMA: numbers are widened, exactly, and multiplied in vectors of 256 bits.
  case avx2
  /// The same in vectors of 512 bits.
  case avx512
  /// AVX512_BF16 or AVX512_VNNI, which multiply the numbers as they are.
  case dot

  /// The path of products in a precision; nil for single precision, which OpenBLAS multiplies.
  public init?(_ precision: Precision) {
    switch precision {
    case .single: return nil
    case .bfloat16: self.init(kernel_path_of(kernel_bfloat16))
    case .int8: self.init(kernel_path_of(kernel_int8))
    }
  }

  /// Paths that this processor has for products in bfloat16, the slowest first.
  package static var available: [ProductPath] {
    allCases.filter { $0.kernel.rawValue <= kernel_widest_path(kernel_bfloat16).rawValue }
  }

  /// Takes no wider path from now on, in the whole process.
  package static func limit(_ widest: ProductPath) { kernel_limit(widest.kernel) }

  private init(_ path: kernel_path) {
    self = Self.allCases.first { $0.kernel == path } ?? .portable
  }

  private var kernel: kernel_path {
    switch self {
    case .portable: kernel_portable
    case .avx2: kernel_avx2
    case .avx512: kernel_avx512
    case .dot: kernel_avx512_dot
    }
  }
}
