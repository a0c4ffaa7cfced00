// Inlined functions that the kernels share.
#ifndef SEATS_TOP_ARITHMETIC_H
#define SEATS_TOP_ARITHMETIC_H

#include <stdint.h>
#include <string.h>

// The function is compiled for several instruction sets, and the loader selects one at start-up.
// That happens before the runtime of a sanitizer is ready.
#if defined(__x86_64__) && defined(__linux__) && !__has_feature(thread_sanitizer) \
    && !__has_feature(address_sanitizer)
#define WIDE __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define WIDE
#endif

#define INLINED static inline __attribute__((always_inline))

/// eˣ with an error of at most 2 units in the last place: 2ⁿ · p(r) with |r| ≤ ½ ln 2. Below −87
/// the result is 0.
INLINED float exponential(float x) {
  float clamped = x < -87.0f ? -87.0f : (x > 88.0f ? 88.0f : x);
  // Adding and subtracting 1.5 · 2²³ rounds to the nearest integer.
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

/// 2ˣ for x ≤ 0 with a relative error below 3 · 10⁻⁶, for weights that are rounded to bfloat16.
/// Below −126 the result stays 2⁻¹²⁶, which is negligible compared with the largest weight, 1.
INLINED float power_of_two(float x) {
  float clamped = x < -126.0f ? -126.0f : x;
  // The last bits of the sum are the nearest integer, which becomes the exponent.
  float shifted = clamped + 12582912.0f;
  float r = clamped - (shifted - 12582912.0f);
  float p = 0.00957009f;
  p = p * r + 0.05591786f;
  p = p * r + 0.24024745f;
  p = p * r + 0.69312181f;
  p = p * r + 0.99999926f;
  uint32_t n, bits;
  memcpy(&n, &shifted, sizeof n);
  memcpy(&bits, &p, sizeof bits);
  bits += n << 23;
  memcpy(&p, &bits, sizeof p);
  return p;
}

INLINED float silu(float x) { return x / (1.0f + exponential(-x)); }

/// SiLU with a relative error below 3 · 10⁻⁶, for results that are rounded to bfloat16.
INLINED float rough_silu(float x) {
  float size = x < 0 ? -x : x;
  float tail = power_of_two(size * -1.44269504088896341f);
  return x * (x < 0 ? tail : 1.0f) / (1.0f + tail);
}

/// Rounds to the nearest bfloat16, ties to even; NaN stays NaN.
INLINED uint16_t rounded(float value) {
  uint32_t bits;
  memcpy(&bits, &value, sizeof bits);
  uint32_t nearest = (bits + 0x7fff + ((bits >> 16) & 1)) >> 16;
  return (uint16_t)((bits & 0x7fffffff) > 0x7f800000 ? (bits >> 16 | 0x40) : nearest);
}

/// Rounds a finite value to the nearest bfloat16, ties to even.
INLINED uint16_t rounded_finite(float value) {
  uint32_t bits;
  memcpy(&bits, &value, sizeof bits);
  return (uint16_t)((bits + 0x7fff + ((bits >> 16) & 1)) >> 16);
}

INLINED float widened(uint16_t value) {
  uint32_t bits = (uint32_t)value << 16;
  float result;
  memcpy(&result, &bits, sizeof result);
  return result;
}

INLINED size_t smaller(size_t a, size_t b) { return a < b ? a : b; }

#endif
