#include "arithmetic.h"
#include "bf16.h"
#include "int8.h"
#include "kernels.h"
#include "processor.h"

// More sums than an instruction takes cycles, few enough for the registers.
enum { chains = 12, lanes = 16, terms = 1024 };

/// Sums that nobody reads, as far as the compiler knows.
static volatile float sink;

WIDE double kernel_single_peak(size_t rounds) {
  float sums[chains][lanes] = {{0}};
  for (size_t round = 0; round < rounds * terms; round++)
    for (size_t chain = 0; chain < chains; chain++)
      for (size_t lane = 0; lane < lanes; lane++)
        sums[chain][lane] = sums[chain][lane] * 0.5f + 1.0f;
  for (size_t chain = 0; chain < chains; chain++) sink = sums[chain][0];
  return 2.0 * chains * lanes * (double)(rounds * terms);
}

#if defined(__x86_64__)
#include <immintrin.h>

__attribute__((target("avx512f,avx512bf16"))) static double native_peak(size_t rounds) {
  __m512 sums[chains];
  for (size_t chain = 0; chain < chains; chain++) sums[chain] = _mm512_setzero_ps();
  __m512bh ones = (__m512bh)_mm512_set1_epi32(0x3f803f80);
  for (size_t round = 0; round < rounds * terms; round++) {
    for (size_t chain = 0; chain < chains; chain++)
      sums[chain] = _mm512_dpbf16_ps(sums[chain], ones, ones);
    // Otherwise the compiler may find out what the sums will be.
    __asm__ volatile("" : "+v"(ones));
  }
  for (size_t chain = 0; chain < chains; chain++) sink = _mm512_cvtss_f32(sums[chain]);
  return 4.0 * chains * lanes * (double)(rounds * terms);
}

__attribute__((target("avx512f,avx512vnni"))) static double native_int8_peak(size_t rounds) {
  __m512i sums[chains];
  for (size_t chain = 0; chain < chains; chain++) sums[chain] = _mm512_setzero_si512();
  __m512i ones = _mm512_set1_epi32(0x01010101);
  for (size_t round = 0; round < rounds * terms; round++) {
    for (size_t chain = 0; chain < chains; chain++)
      sums[chain] = _mm512_dpbusd_epi32(sums[chain], ones, ones);
    __asm__ volatile("" : "+v"(ones));
  }
  for (size_t chain = 0; chain < chains; chain++)
    sink = (float)_mm512_reduce_add_epi32(sums[chain]);
  return 8.0 * chains * lanes * (double)(rounds * terms);
}

double kernel_bf16_peak(size_t rounds) {
  return kernel_is_native(kernel_avx512_bf16) ? native_peak(rounds) : 0;
}

double kernel_int8_peak(size_t rounds) {
  return kernel_is_native(kernel_avx512_vnni) ? native_int8_peak(rounds) : 0;
}
#else
double kernel_int8_peak(size_t rounds) {
  (void)rounds;
  return 0;
}

double kernel_bf16_peak(size_t rounds) {
  (void)rounds;
  return 0;
}
#endif
