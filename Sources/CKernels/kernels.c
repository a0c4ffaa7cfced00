#include "kernels.h"

#include <stdint.h>
#include <string.h>

// One body, compiled for each kind of processor; the loader picks.
#if defined(__x86_64__) && defined(__linux__)
#define WIDE __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define WIDE
#endif

/// eˣ to within 2 units in the last place: 2ⁿ · p(r) with |r| ≤ ½ ln 2. Below −87 it is 0.
static inline __attribute__((always_inline)) float exponential(float x) {
  float clamped = x < -87.0f ? -87.0f : (x > 88.0f ? 88.0f : x);
  // Adding and taking off 1.5 · 2²³ rounds to the nearest whole number.
  float n = (clamped * 1.44269504088896341f + 12582912.0f) - 12582912.0f;
  float r = (clamped - n * 0.693359375f) + n * 2.12194440e-4f;
  float p = 1.9875691500e-4f;
  p = p * r + 1.3981999507e-3f;
  p = p * r + 8.3334519073e-3f;
  p = p * r + 4.1665795894e-2f;
  p = p * r + 1.6666665459e-1f;
  p = p * r + 5.0000001201e-1f;
  p = p * r * r + r + 1.0f;
  int32_t bits = ((int32_t)n + 127) << 23;
  float scale;
  memcpy(&scale, &bits, sizeof scale);
  return x < -87.0f ? 0.0f : p * scale;
}

WIDE void kernel_softmax(float *row, size_t valid, size_t count) {
  float peak = valid > 0 ? row[0] : 0;
  for (size_t i = 1; i < valid; i++) peak = row[i] > peak ? row[i] : peak;
  for (size_t i = 0; i < valid; i++) row[i] = exponential(row[i] - peak);
  // Sixteen sums side by side, whatever the width of a vector: the order of additions is fixed.
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
  for (size_t i = 0; i < count; i++) values[i] /= 1.0f + exponential(-values[i]);
}
