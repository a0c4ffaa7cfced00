// Selection of the instruction sets that the kernels use.
#ifndef SEATS_TOP_PROCESSOR_H
#define SEATS_TOP_PROCESSOR_H

#include <stdbool.h>

/// Instruction sets of the kernels; each includes the previous ones.
enum kernel_path {
  /// No vector instructions; runs on every processor.
  kernel_portable,
  /// AVX2 and FMA: vectors of 256 bits.
  kernel_avx2,
  /// AVX-512 F, BW and VL: vectors of 512 bits.
  kernel_avx512,
  /// AVX-512 with dot products: BF16 for bfloat16, VNNI for 8-bit integers.
  kernel_avx512_dot,
};

/// Element type of a matrix product.
enum kernel_numbers {
  kernel_bfloat16,
  kernel_int8,
};

/// The instruction set for products of this element type: the widest that the processor has, the
/// operating system has enabled, and `kernel_limit` allows.
enum kernel_path kernel_path_of(enum kernel_numbers numbers);

/// The widest instruction set of the processor for this element type, without the limit.
enum kernel_path kernel_widest_path(enum kernel_numbers numbers);

/// Limits the instruction set for this process. The initial limit is the environment variable
/// SEATS_TOP_KERNELS (portable, avx2 or avx512), or none.
void kernel_limit(enum kernel_path widest);

#endif
