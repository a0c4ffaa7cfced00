// Loops over floats that only C compiles to wide vectors, chosen for the processor at start-up.
#ifndef SEATS_TOP_KERNELS_H
#define SEATS_TOP_KERNELS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// Softmax over the first `valid` of `count` elements; the rest is zero-filled.
void kernel_softmax(float *row, size_t valid, size_t count);

/// x · σ(x), elementwise.
void kernel_silu(float *values, size_t count);

/// x · Φ(x), the exact GELU, elementwise.
void kernel_gelu(float *values, size_t count);

void kernel_add(float *sums, const float *terms, size_t count);

/// values · weight / √(mean of squares + ε).
void kernel_rms_norm(
    const float *values, size_t count, const float *weight, float epsilon, float *result);

/// (values − mean) / √(variance + ε) · weight + bias.
void kernel_layer_norm(
    const float *values, size_t count, const float *weight, const float *bias, float epsilon,
    float *result);

/// Rotates elements j of the first and second half of every head by angle j.
/// - cosines, sines: [head_width / 2].
void kernel_rotate(
    float *row, size_t heads, size_t head_width, const float *cosines, const float *sines);

/// 0, or NaN if a value is not finite.
float kernel_zero_if_finite(const float *values, size_t count);

/// Not finite if a value is not, or if the sum overflows.
float kernel_sum_of_squares(const float *values, size_t count);

/// A checksum against accidental damage, not against tampering; limited by memory bandwidth.
uint64_t kernel_checksum(const void *bytes, size_t count);

/// FLOPs of a probe, 2 per multiply-add, counted in two ways.
struct kernel_peak_count {
  /// By the instructions written; 0 where the path has no vector instruction.
  double written;
  /// By the resulting sums: what was executed.
  double executed;
};

/// Multiplies and adds on registers alone, to measure the peak of a core, on the path that
/// `processor.h` chooses; in single precision with the vectors of the library that multiplies.
/// - rounds: at most 4,000, so that the counts stay exact.
/// - uses_512: whether that library uses vectors of 512 bits.
struct kernel_peak_count kernel_single_peak(size_t rounds, bool uses_512);
struct kernel_peak_count kernel_bf16_peak(size_t rounds);
struct kernel_peak_count kernel_int8_peak(size_t rounds);

#endif
