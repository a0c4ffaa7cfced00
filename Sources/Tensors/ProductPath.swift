import CKernels

/// The instruction set that packed matrix products use.
public enum ProductPath: String, Sendable, Codable, CaseIterable {
  /// No explicit vector instructions: correct but slow.
  case portable
  /// AVX2 and FMA: elements are widened exactly and multiplied in 256-bit vectors.
  case avx2
  /// AVX-512F: elements are widened exactly and multiplied in 512-bit vectors.
  case avx512
  /// AVX512_BF16 or AVX512_VNNI, which multiply the packed elements directly.
  case dot

  /// The instruction set for products in a precision; nil for single precision, which uses
  /// OpenBLAS.
  public init?(_ precision: Precision) {
    switch precision {
    case .single: return nil
    case .bfloat16: self.init(kernel_path_of(kernel_bfloat16))
    case .int8: self.init(kernel_path_of(kernel_int8))
    }
  }

  /// Instruction sets that this processor supports for bfloat16 products, slowest first.
  package static var available: [ProductPath] {
    allCases.filter { $0.kernel.rawValue <= kernel_widest_path(kernel_bfloat16).rawValue }
  }

  /// Limits the instruction set for this process.
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
