#include "kernels.h"

#include <math.h>

#include "arithmetic.h"

WIDE void kernel_softmax(float *row, size_t valid, size_t count) {
  float peak = valid > 0 ? row[0] : 0;
  for (size_t i = 1; i < valid; i++) peak = row[i] > peak ? row[i] : peak;
  for (size_t i = 0; i < valid; i++) row[i] = exponential(row[i] - peak);
  // Sixteen parallel sums, so that the order of additions does not depend on the vector width.
  float sums[16] = {0};
  size_t whole = valid / 16 * 16;
  for (size_t i = 0; i < whole; i += 16)
    for (size_t lane = 0; lane < 16; lane++) sums[lane] += row[i + lane];
  for (size_t i = whole; i < valid; i++) sums[i - whole] += row[i];
  float sum = 0;
  for (size_t lane = 0; lane < 16; lane++) sum += sums[lane];
  float scale = 1.0f / sum;
  for (size_t i = 0; i < valid; i++) row[i] *= scale;
  for (size_t i = valid; i < count; i++) row[i] = 0;
}

WIDE void kernel_silu(float *values, size_t count) {
  for (size_t i = 0; i < count; i++) values[i] = silu(values[i]);
}

/// erfc |x| with a relative error of at most 1.2 · 10⁻⁷ (Numerical Recipes, Chebyshev fit).
INLINED float complementary_error(float size) {
  float t = 1.0f / (1.0f + 0.5f * size);
  float p = 0.17087277f;
  p = p * t - 0.82215223f;
  p = p * t + 1.48851587f;
  p = p * t - 1.13520398f;
  p = p * t + 0.27886807f;
  p = p * t - 0.18628806f;
  p = p * t + 0.09678418f;
  p = p * t + 0.37409196f;
  p = p * t + 1.00002368f;
  p = p * t - 1.26551223f;
  return t * exponential(p - size * size);
}

WIDE void kernel_gelu(float *values, size_t count) {
  for (size_t i = 0; i < count; i++) {
    float x = values[i] * 0.70710678118654752f;
    float tail = complementary_error(x < 0 ? -x : x);
    values[i] *= 0.5f * (x < 0 ? tail : 2.0f - tail);
  }
}

// x / 2 · (1 + tanh y) = x · σ(2y).
WIDE void kernel_tanh_gelu(float *values, size_t count) {
  for (size_t i = 0; i < count; i++) {
    float x = values[i];
    float y = 0.79788456080286536f * (x + 0.044715f * x * x * x);
    values[i] = x / (1.0f + exponential(-2.0f * y));
  }
}

WIDE void kernel_add(float *restrict sums, const float *restrict terms, size_t count) {
  for (size_t i = 0; i < count; i++) sums[i] += terms[i];
}

/// A sum in sixteen parallel parts: the order of additions is the same for any vector width.
#define SUM(count, term)                                                       \
  ({                                                                           \
    float lanes[16] = {0};                                                     \
    size_t whole = (count) / 16 * 16;                                          \
    for (size_t first = 0; first < whole; first += 16)                         \
      for (size_t lane = 0; lane < 16; lane++) {                               \
        size_t i = first + lane;                                               \
        lanes[lane] += (term);                                                 \
      }                                                                        \
    for (size_t i = whole; i < (count); i++) lanes[i - whole] += (term);       \
    float sum = 0;                                                             \
    for (size_t lane = 0; lane < 16; lane++) sum += lanes[lane];               \
    sum;                                                                       \
  })

/// 1 / √square; NaN if the sum of squares has overflowed, since 0 would look like a valid result.
INLINED float scale_of(float square) { return isinf(square) ? NAN : 1.0f / sqrtf(square); }

WIDE void kernel_rms_norm(
    const float *values, size_t count, const float *weight, float epsilon, float *result) {
  float scale = scale_of(SUM(count, values[i] * values[i]) / (float)count + epsilon);
  for (size_t i = 0; i < count; i++) result[i] = weight[i] * (values[i] * scale);
}

WIDE void kernel_layer_norm(
    const float *values, size_t count, const float *weight, const float *bias, float epsilon,
    float *result) {
  float mean = SUM(count, values[i]) / (float)count;
  float variance = SUM(count, (values[i] - mean) * (values[i] - mean)) / (float)count;
  float scale = scale_of(variance + epsilon);
  for (size_t i = 0; i < count; i++) result[i] = (values[i] - mean) * scale * weight[i] + bias[i];
}

WIDE void kernel_rotate(
    float *row, size_t heads, size_t head_width, const float *restrict cosines,
    const float *restrict sines) {
  size_t half = head_width / 2;
  for (size_t head = 0; head < heads; head++) {
    float *restrict first = row + head * head_width, *restrict second = first + half;
    for (size_t j = 0; j < half; j++) {
      float a = first[j], b = second[j];
      first[j] = a * cosines[j] - b * sines[j];
      second[j] = b * cosines[j] + a * sines[j];
    }
  }
}

WIDE float kernel_sum_of_squares(const float *values, size_t count) {
  return SUM(count, values[i] * values[i]);
}

WIDE float kernel_zero_if_finite(const float *values, size_t count) {
  // The product with zero is zero for finite values only, otherwise NaN.
  return SUM(count, values[i] * 0.0f);
}
