// Loops over floats that only C compiles to wide vectors, chosen for the processor at start-up.
#ifndef SEATS_TOP_KERNELS_H
#define SEATS_TOP_KERNELS_H

#include <stddef.h>

/// Softmax over the first `valid` of `count` numbers; the rest becomes zero.
void kernel_softmax(float *row, size_t valid, size_t count);

/// x · σ(x), number by number.
void kernel_silu(float *values, size_t count);

#endif
