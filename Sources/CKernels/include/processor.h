// Which of the kernels that are written for one instruction run here.
#ifndef SEATS_TOP_PROCESSOR_H
#define SEATS_TOP_PROCESSOR_H

#include <stdbool.h>

/// Instructions that have kernels of their own beside a portable one.
enum kernel_instruction {
  /// Multiplies bfloat16.
  kernel_avx512_bf16,
  /// Multiplies 8-bit whole numbers.
  kernel_avx512_vnni,
};

/// Whether the kernels for an instruction are used: the processor has it, and the system has switched
/// the vectors of AVX-512 on.
bool kernel_is_native(enum kernel_instruction instruction);

/// Takes the portable kernels from now on, or whatever the processor has: for tests.
void kernel_use_portable(enum kernel_instruction instruction, bool portable);

#endif
