#include <stdint.h>

#include "kernels.h"
#include "processor.h"

// Number of independent sums: more than the cycles that an instruction takes, few enough for the
// registers.
enum { chains = 12, terms = 1024 };

static const struct kernel_peak_count unknown = {0, 0};

#if defined(__x86_64__)
#include <immintrin.h>

// Every multiply-add adds 1, so that the sums show how many were executed. The barrier prevents the
// compiler from computing the sums in advance.
#define PEAK(name, instructions, vector, zero, one, step, lanes, per_lane, read)           \
  __attribute__((target(instructions))) static struct kernel_peak_count name(              \
      size_t rounds) {                                                                     \
    vector sums[chains], ones = one;                                                       \
    for (size_t chain = 0; chain < chains; chain++) sums[chain] = zero;                    \
    for (size_t round = 0; round < rounds * terms; round++) {                              \
      for (size_t chain = 0; chain < chains; chain++) {                                    \
        sums[chain] = step;                                                                \
        __asm__ volatile("" : "+v"(ones));                                                 \
      }                                                                                    \
    }                                                                                      \
    double done = 0;                                                                       \
    for (size_t chain = 0; chain < chains; chain++) done += read(&sums[chain], lanes);     \
    return (struct kernel_peak_count){                                                     \
        2.0 * chains * (lanes) * (per_lane) * (double)(rounds * terms), 2 * done};         \
  }

static double sum_of_floats(const void *vector, size_t lanes) {
  double sum = 0;
  for (size_t lane = 0; lane < lanes; lane++) sum += ((const float *)vector)[lane];
  return sum;
}

static double sum_of_integers(const void *vector, size_t lanes) {
  double sum = 0;
  for (size_t lane = 0; lane < lanes; lane++) sum += ((const int32_t *)vector)[lane];
  return sum;
}

PEAK(single_256, "avx2,fma", __m256, _mm256_setzero_ps(), _mm256_set1_ps(1),
     _mm256_fmadd_ps(ones, ones, sums[chain]), 8, 1, sum_of_floats)
PEAK(single_512, "avx512f", __m512, _mm512_setzero_ps(), _mm512_set1_ps(1),
     _mm512_fmadd_ps(ones, ones, sums[chain]), 16, 1, sum_of_floats)
PEAK(dot_bfloat16, "avx512f,avx512bf16", __m512, _mm512_setzero_ps(),
     _mm512_castsi512_ps(_mm512_set1_epi32(0x3f803f80)),
     _mm512_dpbf16_ps(sums[chain], (__m512bh)ones, (__m512bh)ones), 16, 2, sum_of_floats)
PEAK(pairs_int8, "avx2", __m256i, _mm256_setzero_si256(), _mm256_set1_epi16(1),
     _mm256_add_epi32(sums[chain], _mm256_madd_epi16(ones, ones)), 8, 2, sum_of_integers)
PEAK(pairs_int8_512, "avx512f,avx512bw", __m512i, _mm512_setzero_si512(), _mm512_set1_epi16(1),
     _mm512_add_epi32(sums[chain], _mm512_madd_epi16(ones, ones)), 16, 2, sum_of_integers)
PEAK(dot_int8, "avx512f,avx512vnni", __m512i, _mm512_setzero_si512(),
     _mm512_set1_epi32(0x01010101), _mm512_dpbusd_epi32(sums[chain], ones, ones), 16, 4,
     sum_of_integers)

struct kernel_peak_count kernel_single_peak(size_t rounds, bool uses_512) {
  // The BLAS library uses the widest instructions of the processor, whatever the limit of our
  // kernels.
  enum kernel_path widest = kernel_widest_path(kernel_bfloat16);
  if (widest == kernel_portable) return unknown;
  return uses_512 && widest >= kernel_avx512 ? single_512(rounds) : single_256(rounds);
}

struct kernel_peak_count kernel_bf16_peak(size_t rounds) {
  switch (kernel_path_of(kernel_bfloat16)) {
  case kernel_portable: return unknown;
  case kernel_avx2: return single_256(rounds);
  case kernel_avx512: return single_512(rounds);
  default: return dot_bfloat16(rounds);
  }
}

struct kernel_peak_count kernel_int8_peak(size_t rounds) {
  switch (kernel_path_of(kernel_int8)) {
  case kernel_portable: return unknown;
  case kernel_avx2: return pairs_int8(rounds);
  case kernel_avx512: return pairs_int8_512(rounds);
  default: return dot_int8(rounds);
  }
}
#else
struct kernel_peak_count kernel_single_peak(size_t rounds, bool uses_512) {
  (void)rounds;
  (void)uses_512;
  return unknown;
}

struct kernel_peak_count kernel_bf16_peak(size_t rounds) { return kernel_single_peak(rounds, 0); }
struct kernel_peak_count kernel_int8_peak(size_t rounds) { return kernel_single_peak(rounds, 0); }
#endif
