// Which instruction sets the kernels use.
#ifndef SEATS_TOP_PROCESSOR_H
#define SEATS_TOP_PROCESSOR_H

#include <stdbool.h>

/// Instruction sets of the kernels; each includes those before it.
enum kernel_path {
  /// Every processor.
  kernel_portable,
  /// AVX2 and FMA: vectors of 256 bits.
  kernel_avx2,
  /// AVX-512 F, BW and VL: vectors of 512 bits.
  kernel_avx512,
  /// AVX-512 with dot products of the elements: BF16 for bfloat16, VNNI for 8 bits.
  kernel_avx512_dot,
};

/// Element type of a product.
enum kernel_numbers {
  kernel_bfloat16,
  kernel_int8,
};

/// The path that products of these numbers take: the widest that the processor has, the system has
/// switched on, and `kernel_limit` allows.
enum kernel_path kernel_path_of(enum kernel_numbers numbers);

/// The widest path that the processor has for these numbers, whatever the limit.
enum kernel_path kernel_widest_path(enum kernel_numbers numbers);

/// Takes no wider path from now on. The limit at first is the environment variable
/// SEATS_TOP_KERNELS (portable, avx2 or avx512), or none.
void kernel_limit(enum kernel_path widest);

#endif
