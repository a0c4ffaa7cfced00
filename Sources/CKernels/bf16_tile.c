#include "bf16_tile.h"

#include "arithmetic.h"
#include "bf16_widening.h"
#include "processor.h"

static void multiply_portably(
    const struct bf16_tile *tile, float *result, size_t result_stride, bool adds) {
  size_t columns = tile->vectors * bf16_vector_columns;
  for (size_t row = 0; row < tile->row_count; row++) {
    const uint16_t *x = tile->rows + row * tile->row_stride;
    float sums[bf16_panel_columns] = {0};
    for (size_t pair = 0; pair < tile->pairs; pair++) {
      const uint16_t *w = tile->panel + pair * tile->panel_vectors * bf16_vector_columns * 2;
      float first = widened(x[2 * pair]), second = widened(x[2 * pair + 1]);
      for (size_t column = 0; column < columns; column++)
        sums[column] += first * widened(w[2 * column]) + second * widened(w[2 * column + 1]);
    }
    float *out = result + row * result_stride;
    for (size_t column = 0; column < columns; column++)
      out[column] = (adds ? out[column] : 0) + sums[column];
  }
}

#if defined(__x86_64__)
#include <immintrin.h>

#define NATIVE __attribute__((target("avx512f,avx512bw,avx512vl,avx512bf16")))

// 6 × 4 sums, 4 vectors of the panel and one of the row use the 32 registers. The counts are
// constants at every inlined call, so that the loops are unrolled.
NATIVE INLINED void multiply_fixed(
    const struct bf16_tile *tile, float *result, size_t result_stride, bool adds,
    const size_t rows, const size_t vectors) {
  __m512 sums[bf16_tile_rows][4];
  for (size_t row = 0; row < rows; row++)
    for (size_t v = 0; v < vectors; v++) {
      sums[row][v] = _mm512_setzero_ps();
      // Prefetched early, since the results are written at the end.
      __builtin_prefetch(result + row * result_stride + 16 * v, 1);
    }
  const uint16_t *x = tile->rows, *w = tile->panel;
  size_t step = 32 * tile->panel_vectors;
  for (size_t pair = 0; pair < tile->pairs; pair++, x += 2, w += step) {
    // Prefetches the rows of the next tile, one cache line of each at a time.
    if (pair % 16 == 0)
      for (size_t row = 0; row < rows; row++)
        _mm_prefetch((const char *)(x + (rows + row) * tile->row_stride), _MM_HINT_T1);
    __m512bh columns[4];
    for (size_t v = 0; v < vectors; v++) columns[v] = (__m512bh)_mm512_loadu_si512(w + 32 * v);
    for (size_t row = 0; row < rows; row++) {
      int32_t inputs;
      memcpy(&inputs, x + row * tile->row_stride, sizeof inputs);
      __m512bh both = (__m512bh)_mm512_set1_epi32(inputs);
      for (size_t v = 0; v < vectors; v++)
        sums[row][v] = _mm512_dpbf16_ps(sums[row][v], both, columns[v]);
    }
  }
  for (size_t row = 0; row < rows; row++)
    for (size_t v = 0; v < vectors; v++) {
      float *out = result + row * result_stride + 16 * v;
      __m512 before = adds ? _mm512_loadu_ps(out) : _mm512_setzero_ps();
      _mm512_storeu_ps(out, _mm512_add_ps(before, sums[row][v]));
    }
}

#define ROWS(n)                                                                  \
  NATIVE static void multiply_rows_##n(                                          \
      const struct bf16_tile *tile, float *result, size_t stride, bool adds) {   \
    switch (tile->vectors) {                                                     \
    case 1: multiply_fixed(tile, result, stride, adds, n, 1); break;             \
    case 2: multiply_fixed(tile, result, stride, adds, n, 2); break;             \
    case 3: multiply_fixed(tile, result, stride, adds, n, 3); break;             \
    default: multiply_fixed(tile, result, stride, adds, n, 4);                   \
    }                                                                            \
  }
ROWS(1) ROWS(2) ROWS(3) ROWS(4) ROWS(5) ROWS(6)

static void multiply_natively(
    const struct bf16_tile *tile, float *result, size_t stride, bool adds) {
  switch (tile->row_count) {
  case 1: multiply_rows_1(tile, result, stride, adds); break;
  case 2: multiply_rows_2(tile, result, stride, adds); break;
  case 3: multiply_rows_3(tile, result, stride, adds); break;
  case 4: multiply_rows_4(tile, result, stride, adds); break;
  case 5: multiply_rows_5(tile, result, stride, adds); break;
  default: multiply_rows_6(tile, result, stride, adds);
  }
}
#endif

void bf16_multiply(const struct bf16_tile *tile, float *result, size_t result_stride, bool adds) {
  switch (kernel_path_of(kernel_bfloat16)) {
#if defined(__x86_64__)
  case kernel_avx512_dot: multiply_natively(tile, result, result_stride, adds); break;
  case kernel_avx512:
  case kernel_avx2: bf16_multiply_widening(tile, result, result_stride, adds); break;
#endif
  default: multiply_portably(tile, result, result_stride, adds);
  }
}
