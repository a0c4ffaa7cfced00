#include "bf16_widening.h"

#include "arithmetic.h"
#include "processor.h"

#if defined(__x86_64__)
#include <immintrin.h>

#define AVX2 __attribute__((target("avx2,fma")))
#define AVX512 __attribute__((target("avx512f,avx512bw,avx512vl")))

/// Where the second inputs of the pairs of a row start.
enum { second = widening_inputs / 2 };

/// Converts up to 6 rows to single precision, first and second inputs of pairs apart:
/// [6][2][inputs / 2].
AVX2 static void widen_rows(
    const uint16_t *rows, size_t stride, size_t count, size_t inputs, float *result) {
  __m256i top = _mm256_set1_epi32((int)0xffff0000);
  for (size_t row = 0; row < count; row++, rows += stride, result += widening_inputs) {
    size_t whole = inputs / 16 * 16;
    for (size_t i = 0; i < whole; i += 16) {
      __m256i pairs = _mm256_loadu_si256((const __m256i *)(rows + i));
      _mm256_storeu_si256((__m256i *)(result + i / 2), _mm256_slli_epi32(pairs, 16));
      _mm256_storeu_si256((__m256i *)(result + second + i / 2), _mm256_and_si256(pairs, top));
    }
    for (size_t i = whole; i < inputs; i++) result[i / 2 + i % 2 * second] = widened(rows[i]);
  }
}

/// Fetches rows that are used soon into the cache: at another stride than that of its lines, the
/// processor does not do so by itself. Addresses after the last row do no harm.
INLINED void fetch(const uint16_t *rows, size_t stride, size_t inputs) {
  for (size_t row = 0; row < bf16_tile_rows; row++, rows += stride)
    for (size_t i = 0; i < inputs; i += 32) __builtin_prefetch(rows + i, 0, 3);
}

AVX2 void bf16_widen_panel(const uint16_t *numbers, struct wide_panel panel) {
  size_t step = panel.vectors * bf16_vector_columns * 2;
  __m256i top = _mm256_set1_epi32((int)0xffff0000);
  for (size_t v = 0; v < panel.vectors; v++) {
    const uint16_t *in = numbers + v * bf16_vector_columns * 2;
    float *out = panel.numbers + v * panel.inputs * bf16_vector_columns;
    for (size_t i = 0; i < panel.inputs; i += 2, in += step, out += 2 * bf16_vector_columns) {
      __m256i low = _mm256_loadu_si256((const __m256i *)in);
      __m256i high = _mm256_loadu_si256((const __m256i *)(in + 16));
      _mm256_storeu_si256((__m256i *)out, _mm256_slli_epi32(low, 16));
      _mm256_storeu_si256((__m256i *)(out + 8), _mm256_slli_epi32(high, 16));
      _mm256_storeu_si256((__m256i *)(out + 16), _mm256_and_si256(low, top));
      _mm256_storeu_si256((__m256i *)(out + 24), _mm256_and_si256(high, top));
    }
  }
}

// How 16 columns of the panel are loaded: from a widened panel, or from pairs of bfloat16.

struct columns_256 {
  __m256 low, high;
};

AVX2 INLINED struct columns_256 wide_256(const float *numbers) {
  return (struct columns_256){_mm256_loadu_ps(numbers), _mm256_loadu_ps(numbers + 8)};
}

AVX2 INLINED __m256 first_256(const uint16_t *pairs) {
  return _mm256_castsi256_ps(
      _mm256_slli_epi32(_mm256_loadu_si256((const __m256i *)pairs), 16));
}

AVX2 INLINED __m256 second_256(const uint16_t *pairs) {
  return _mm256_castsi256_ps(_mm256_and_si256(
      _mm256_loadu_si256((const __m256i *)pairs), _mm256_set1_epi32((int)0xffff0000)));
}

// 6 × 2 sums, two vectors of columns, and one element of a row use 15 of the 16 registers. The
// number of rows is a constant at every inlined call.
AVX2 INLINED void step_256(
    __m256 sums[bf16_tile_rows][2], const float *rows, struct columns_256 columns,
    const size_t count) {
  for (size_t row = 0; row < count; row++) {
    __m256 x = _mm256_broadcast_ss(rows + row * widening_inputs);
    sums[row][0] = _mm256_fmadd_ps(x, columns.low, sums[row][0]);
    sums[row][1] = _mm256_fmadd_ps(x, columns.high, sums[row][1]);
  }
}

AVX2 INLINED void put_256(
    __m256 sums[bf16_tile_rows][2], float *result, size_t stride, bool adds, const size_t count) {
  for (size_t row = 0; row < count; row++)
    for (size_t half = 0; half < 2; half++) {
      float *out = result + row * stride + 8 * half;
      __m256 sum = sums[row][half];
      _mm256_storeu_ps(out, adds ? _mm256_add_ps(_mm256_loadu_ps(out), sum) : sum);
    }
}

AVX2 INLINED void wide_rows_256(
    const float *rows, const float *panel, size_t inputs, float *result, size_t stride, bool adds,
    const size_t count) {
  __m256 sums[bf16_tile_rows][2];
  for (size_t row = 0; row < count; row++) sums[row][0] = sums[row][1] = _mm256_setzero_ps();
  for (size_t i = 0; i < inputs / 2; i++, panel += 2 * bf16_vector_columns) {
    step_256(sums, rows + i, wide_256(panel), count);
    step_256(sums, rows + second + i, wide_256(panel + bf16_vector_columns), count);
  }
  put_256(sums, result, stride, adds, count);
}

AVX2 INLINED void pair_rows_256(
    const float *rows, const uint16_t *panel, size_t step, size_t inputs, float *result,
    size_t stride, bool adds, const size_t count) {
  __m256 sums[bf16_tile_rows][2];
  for (size_t row = 0; row < count; row++) sums[row][0] = sums[row][1] = _mm256_setzero_ps();
  for (size_t i = 0; i < inputs; i += 2, panel += step) {
    step_256(
        sums, rows + i / 2, (struct columns_256){first_256(panel), first_256(panel + 16)}, count);
    step_256(
        sums, rows + second + i / 2, (struct columns_256){second_256(panel), second_256(panel + 16)}, count);
  }
  put_256(sums, result, stride, adds, count);
}

// 6 × 4 sums, four vectors and one element of a row use 29 of the 32 registers.
AVX512 INLINED void step_512(
    __m512 sums[bf16_tile_rows][4], const float *rows, const __m512 columns[4],
    const size_t vectors, const size_t count) {
  for (size_t row = 0; row < count; row++) {
    __m512 x = _mm512_set1_ps(rows[row * widening_inputs]);
    for (size_t v = 0; v < vectors; v++)
      sums[row][v] = _mm512_fmadd_ps(x, columns[v], sums[row][v]);
  }
}

AVX512 INLINED void put_512(
    __m512 sums[bf16_tile_rows][4], float *result, size_t stride, bool adds, const size_t vectors,
    const size_t count) {
  for (size_t row = 0; row < count; row++)
    for (size_t v = 0; v < vectors; v++) {
      float *out = result + row * stride + 16 * v;
      __m512 sum = sums[row][v];
      _mm512_storeu_ps(out, adds ? _mm512_add_ps(_mm512_loadu_ps(out), sum) : sum);
    }
}

AVX512 INLINED void clear_512(
    __m512 sums[bf16_tile_rows][4], const size_t vectors, const size_t count) {
  for (size_t row = 0; row < count; row++)
    for (size_t v = 0; v < vectors; v++) sums[row][v] = _mm512_setzero_ps();
}

AVX512 INLINED void pair_rows_512(
    const float *rows, const uint16_t *panel, size_t step, size_t inputs, float *result,
    size_t stride, bool adds, const size_t vectors, const size_t count) {
  __m512 sums[bf16_tile_rows][4], columns[4];
  clear_512(sums, vectors, count);
  __m512i top = _mm512_set1_epi32((int)0xffff0000);
  for (size_t i = 0; i < inputs; i += 2, panel += step) {
    for (size_t v = 0; v < vectors; v++)
      columns[v] =
          _mm512_castsi512_ps(_mm512_slli_epi32(_mm512_loadu_si512(panel + 32 * v), 16));
    step_512(sums, rows + i / 2, columns, vectors, count);
    for (size_t v = 0; v < vectors; v++)
      columns[v] = _mm512_castsi512_ps(_mm512_and_si512(_mm512_loadu_si512(panel + 32 * v), top));
    step_512(sums, rows + second + i / 2, columns, vectors, count);
  }
  put_512(sums, result, stride, adds, vectors, count);
}

#define ROWS(n)                                                                              \
  AVX2 static void wide_256_##n(                                                             \
      const float *rows, struct wide_panel panel, float *result, size_t stride, bool adds) { \
    for (size_t v = 0; v < panel.vectors; v++)                                               \
      wide_rows_256(                                                                         \
          rows, panel.numbers + v * panel.inputs * bf16_vector_columns, panel.inputs,        \
          result + v * bf16_vector_columns, stride, adds, n);                                \
  }                                                                                          \
  AVX2 static void pairs_256_##n(                                                            \
      const struct bf16_tile *tile, const float *rows, const uint16_t *panel, size_t inputs, \
      float *result, size_t stride, bool adds) {                                             \
    for (size_t v = 0; v < tile->vectors; v++)                                               \
      pair_rows_256(                                                                         \
          rows, panel + 32 * v, 32 * tile->panel_vectors, inputs,                            \
          result + v * bf16_vector_columns, stride, adds, n);                                \
  }                                                                                          \
  AVX512 static void pairs_512_##n(                                                          \
      const struct bf16_tile *tile, const float *rows, const uint16_t *panel, size_t inputs, \
      float *result, size_t stride, bool adds) {                                             \
    size_t step = 32 * tile->panel_vectors;                                                  \
    switch (tile->vectors) {                                                                 \
    case 1: pair_rows_512(rows, panel, step, inputs, result, stride, adds, 1, n); break;     \
    case 2: pair_rows_512(rows, panel, step, inputs, result, stride, adds, 2, n); break;     \
    case 3: pair_rows_512(rows, panel, step, inputs, result, stride, adds, 3, n); break;     \
    default: pair_rows_512(rows, panel, step, inputs, result, stride, adds, 4, n);           \
    }                                                                                        \
  }
ROWS(1) ROWS(2) ROWS(3) ROWS(4) ROWS(5) ROWS(6)

typedef void wide_function(
    const float *rows, struct wide_panel panel, float *result, size_t stride, bool adds);
typedef void pairs_function(
    const struct bf16_tile *tile, const float *rows, const uint16_t *panel, size_t inputs,
    float *result, size_t stride, bool adds);

#define BY_ROWS(name) {name##_1, name##_2, name##_3, name##_4, name##_5, name##_6}
static wide_function *const wide_functions[bf16_tile_rows] = BY_ROWS(wide_256);
static pairs_function *const pairs_functions[2][bf16_tile_rows] = {
    BY_ROWS(pairs_256), BY_ROWS(pairs_512)};

void bf16_multiply_wide(
    const uint16_t *rows, size_t row_stride, size_t row_count, struct wide_panel panel,
    float *result, size_t result_stride, bool adds) {
  float wide[bf16_tile_rows * widening_inputs];
  widen_rows(rows, row_stride, row_count, panel.inputs, wide);
  fetch(rows + bf16_tile_rows * row_stride, row_stride, panel.inputs);
  wide_functions[row_count - 1](wide, panel, result, result_stride, adds);
}

void bf16_multiply_widening(
    const struct bf16_tile *tile, float *result, size_t result_stride, bool adds) {
  float wide[bf16_tile_rows * widening_inputs];
  bool is_512 = kernel_path_of(kernel_bfloat16) >= kernel_avx512;
  pairs_function *multiply = pairs_functions[is_512][tile->row_count - 1];
  for (size_t first = 0; first < 2 * tile->pairs; first += widening_inputs) {
    size_t inputs = smaller(widening_inputs, 2 * tile->pairs - first);
    widen_rows(tile->rows + first, tile->row_stride, tile->row_count, inputs, wide);
    fetch(tile->rows + bf16_tile_rows * tile->row_stride + first, tile->row_stride, inputs);
    multiply(
        tile, wide, tile->panel + first * tile->panel_vectors * bf16_vector_columns, inputs,
        result, result_stride, adds || first > 0);
  }
}
#endif
