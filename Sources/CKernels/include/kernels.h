// Loops over floats. They are in C so that the compiler vectorises them for several instruction
// sets, one of which is selected at start-up.
#ifndef SEATS_TOP_KERNELS_H
#define SEATS_TOP_KERNELS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// Softmax of the first `valid` of `count` elements, in place; the rest is zero-filled.
void kernel_softmax(float *row, size_t valid, size_t count);

/// SiLU, x · σ(x), of every element, in place.
void kernel_silu(float *values, size_t count);

/// Exact GELU, x · Φ(x), of every element, in place.
void kernel_gelu(float *values, size_t count);

/// GELU with tanh, x / 2 · (1 + tanh(√(2/π) · (x + 0.044715 x³))), of every element, in place.
void kernel_tanh_gelu(float *values, size_t count);

void kernel_add(float *sums, const float *terms, size_t count);

/// RMSNorm: values · weight / √(mean of squares + ε).
void kernel_rms_norm(
    const float *values, size_t count, const float *weight, float epsilon, float *result);

/// LayerNorm: (values − mean) / √(variance + ε) · weight + bias.
void kernel_layer_norm(
    const float *values, size_t count, const float *weight, const float *bias, float epsilon,
    float *result);

/// Rotary embedding: in every head, element j of the first half and element j of the second half
/// are rotated by angle j.
/// - cosines, sines: [head_width / 2].
void kernel_rotate(
    float *row, size_t heads, size_t head_width, const float *cosines, const float *sines);

/// Returns 0 if all values are finite, otherwise NaN.
float kernel_zero_if_finite(const float *values, size_t count);

/// The sum of squares; not finite if a value is not finite or the sum overflows.
float kernel_sum_of_squares(const float *values, size_t count);

/// A checksum that detects accidental damage; not cryptographic. As fast as memory can be read.
uint64_t kernel_checksum(const void *bytes, size_t count);

/// Writes the random numbers of a stream from index `first` on: uniform between −scale and scale in
/// 4096 levels, as bfloat16 rounded towards zero. A number depends only on the stream and its
/// index.
void kernel_random_bf16(
    uint64_t stream, uint64_t first, size_t count, float scale, uint16_t *numbers);

/// From now on, freed blocks of 1 MiB or more are returned to the system at once.
void kernel_return_large_blocks(void);

/// FLOPs of a speed probe, counted in two ways; a multiply-add counts 2.
struct kernel_peak_count {
  /// FLOPs counted from the instructions; 0 if the path has no vector instructions.
  double written;
  /// FLOPs counted from the resulting sums, which shows what was executed.
  double executed;
};

/// Executes multiply-adds on registers only, to measure the peak speed of a core in single
/// precision, with the vector width of the BLAS library.
/// - rounds: at most 4,000, so that the counts are exact.
/// - uses_512: whether the BLAS library uses 512-bit vectors.
struct kernel_peak_count kernel_single_peak(size_t rounds, bool uses_512);
struct kernel_peak_count kernel_bf16_peak(size_t rounds);
struct kernel_peak_count kernel_int8_peak(size_t rounds);

#endif
