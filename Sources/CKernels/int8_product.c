#include "arithmetic.h"
#include "bf16.h"
#include "int8.h"
#include "processor.h"
#include "sums.h"

/// A tile of an 8-bit product: up to 6 rows times a panel. Sums of groups are added in single
/// precision.
struct tile {
  const uint8_t *rows;
  size_t row_stride;
  size_t row_count;
  const int8_t *numbers;
  const float *scales;
  const int32_t *offsets;
  /// Number of columns of the panel.
  size_t columns;
  size_t inputs;
};

enum { group_quads = int8_group_inputs / int8_quad };

#if defined(__SSE2__)
#include <emmintrin.h>

/// Four 8-bit integers of a row, twice, in 16 bits.
static __m128i widened_twice(const uint8_t *row) {
  int32_t inputs;
  memcpy(&inputs, row, sizeof inputs);
  __m128i wide = _mm_unpacklo_epi8(_mm_cvtsi32_si128(inputs), _mm_setzero_si128());
  return _mm_unpacklo_epi64(wide, wide);
}

// Any x86-64 processor adds two products of 16-bit integers in one instruction. Halves of a vector
// belong to one column each; 6 × 2 sums use 12 of the 16 registers.
INLINED void add_four_columns(
    __m128i inputs[][group_quads], const int8_t *numbers, size_t stride, size_t quads,
    const int32_t *offsets, const float *scales, float *sums, const size_t rows) {
  __m128i totals[bf16_tile_rows][2];
  for (size_t row = 0; row < rows; row++) totals[row][0] = totals[row][1] = _mm_setzero_si128();
  for (size_t quad = 0; quad < quads; quad++, numbers += stride) {
    __m128i four = _mm_loadu_si128((const __m128i *)numbers);
    __m128i low = _mm_srai_epi16(_mm_unpacklo_epi8(four, four), 8);
    __m128i high = _mm_srai_epi16(_mm_unpackhi_epi8(four, four), 8);
    for (size_t row = 0; row < rows; row++) {
      __m128i x = inputs[row][quad];
      totals[row][0] = _mm_add_epi32(totals[row][0], _mm_madd_epi16(x, low));
      totals[row][1] = _mm_add_epi32(totals[row][1], _mm_madd_epi16(x, high));
    }
  }
  __m128i offset = _mm_loadu_si128((const __m128i *)offsets);
  __m128 scale = _mm_loadu_ps(scales);
  for (size_t row = 0; row < rows; row++) {
    __m128 low = _mm_castsi128_ps(totals[row][0]), high = _mm_castsi128_ps(totals[row][1]);
    __m128i even = _mm_castps_si128(_mm_shuffle_ps(low, high, _MM_SHUFFLE(2, 0, 2, 0)));
    __m128i odd = _mm_castps_si128(_mm_shuffle_ps(low, high, _MM_SHUFFLE(3, 1, 3, 1)));
    __m128i total = _mm_add_epi32(offset, _mm_add_epi32(even, odd));
    float *sum = sums + row * bf16_panel_columns;
    _mm_storeu_ps(
        sum, _mm_add_ps(_mm_loadu_ps(sum), _mm_mul_ps(_mm_cvtepi32_ps(total), scale)));
  }
}

INLINED void multiply_halves(const struct tile *tile, float *sums, const size_t rows) {
  size_t quads = (tile->inputs + int8_quad - 1) / int8_quad, columns = tile->columns;
  memset(sums, 0, sizeof(float) * rows * bf16_panel_columns);
  for (size_t first = 0, group = 0; first < quads; first += group_quads, group++) {
    size_t count = smaller(group_quads, quads - first);
    __m128i inputs[bf16_tile_rows][group_quads];
    for (size_t row = 0; row < rows; row++)
      for (size_t quad = 0; quad < count; quad++)
        inputs[row][quad] =
            widened_twice(tile->rows + row * tile->row_stride + (first + quad) * int8_quad);
    for (size_t column = 0; column < columns; column += 4)
      add_four_columns(
          inputs, tile->numbers + (first * columns + column) * int8_quad, columns * int8_quad, count,
          tile->offsets + group * columns + column, tile->scales + group * columns + column,
          sums + column, rows);
  }
}

static void multiply_portably(const struct tile *tile, float *sums) {
  switch (tile->row_count) {
  case 1: multiply_halves(tile, sums, 1); break;
  case 2: multiply_halves(tile, sums, 2); break;
  case 3: multiply_halves(tile, sums, 3); break;
  case 4: multiply_halves(tile, sums, 4); break;
  case 5: multiply_halves(tile, sums, 5); break;
  default: multiply_halves(tile, sums, 6);
  }
}
#else
static void multiply_portably(const struct tile *tile, float *sums) {
  size_t quads = (tile->inputs + int8_quad - 1) / int8_quad, columns = tile->columns;
  memset(sums, 0, sizeof(float) * tile->row_count * bf16_panel_columns);
  for (size_t first = 0, group = 0; first < quads; first += group_quads, group++) {
    size_t count = smaller(group_quads, quads - first);
    for (size_t row = 0; row < tile->row_count; row++) {
      int32_t totals[bf16_panel_columns];
      memcpy(totals, tile->offsets + group * columns, sizeof(int32_t) * columns);
      for (size_t quad = first; quad < first + count; quad++) {
        const uint8_t *x = tile->rows + row * tile->row_stride + quad * int8_quad;
        const int8_t *w = tile->numbers + quad * columns * int8_quad;
        for (size_t column = 0; column < columns; column++, w += int8_quad)
          totals[column] += x[0] * w[0] + x[1] * w[1] + x[2] * w[2] + x[3] * w[3];
      }
      for (size_t column = 0; column < columns; column++)
        sums[row * bf16_panel_columns + column] +=
            (float)totals[column] * tile->scales[group * columns + column];
    }
  }
}
#endif

#if defined(__x86_64__)
#include <immintrin.h>

#define NATIVE __attribute__((target("avx512f,avx512bw,avx512vl,avx512vnni")))

// 6 × 4 integer sums of a group, 4 vectors of the panel and one of the row use all registers; sums
// of groups stay in the first-level cache. The counts are constants at every inlined call.
NATIVE INLINED void multiply_fixed(
    const struct tile *tile, float *sums, const size_t rows, const size_t vectors) {
  const uint8_t *x = tile->rows;
  const int8_t *w = tile->numbers;
  const float *scales = tile->scales;
  const int32_t *offsets = tile->offsets;
  size_t quads = (tile->inputs + int8_quad - 1) / int8_quad;
  for (size_t first = 0; first < quads; first += group_quads) {
    size_t count = smaller(group_quads, quads - first);
    __m512i group[bf16_tile_rows][4];
    for (size_t v = 0; v < vectors; v++) {
      __m512i offset = _mm512_loadu_si512(offsets + 16 * v);
      for (size_t row = 0; row < rows; row++) group[row][v] = offset;
    }
    // Prefetches the rows of the next tile.
    for (size_t row = 0; row < rows; row++)
      for (size_t line = 0; line < int8_group_inputs; line += 64)
        _mm_prefetch((const char *)(x + (rows + row) * tile->row_stride + line), _MM_HINT_T1);
    for (size_t quad = 0; quad < count; quad++, x += int8_quad, w += 64 * vectors) {
      __m512i columns[4];
      for (size_t v = 0; v < vectors; v++) columns[v] = _mm512_loadu_si512(w + 64 * v);
      for (size_t row = 0; row < rows; row++) {
        int32_t inputs;
        memcpy(&inputs, x + row * tile->row_stride, sizeof inputs);
        __m512i all = _mm512_set1_epi32(inputs);
        for (size_t v = 0; v < vectors; v++)
          group[row][v] = _mm512_dpbusd_epi32(group[row][v], all, columns[v]);
      }
    }
    for (size_t v = 0; v < vectors; v++) {
      __m512 scale = _mm512_loadu_ps(scales + 16 * v);
      for (size_t row = 0; row < rows; row++) {
        float *sum = sums + row * bf16_panel_columns + 16 * v;
        __m512 before = first > 0 ? _mm512_loadu_ps(sum) : _mm512_setzero_ps();
        _mm512_storeu_ps(
            sum, _mm512_fmadd_ps(_mm512_cvtepi32_ps(group[row][v]), scale, before));
      }
    }
    scales += 16 * vectors;
    offsets += 16 * vectors;
  }
}

#define ROWS(n)                                                                  \
  NATIVE static void multiply_rows_##n(const struct tile *tile, float *sums) {   \
    switch (tile->columns / 16) {                                                \
    case 1: multiply_fixed(tile, sums, n, 1); break;                             \
    case 2: multiply_fixed(tile, sums, n, 2); break;                             \
    case 3: multiply_fixed(tile, sums, n, 3); break;                             \
    default: multiply_fixed(tile, sums, n, 4);                                   \
    }                                                                            \
  }
ROWS(1) ROWS(2) ROWS(3) ROWS(4) ROWS(5) ROWS(6)

static void multiply_natively(const struct tile *tile, float *sums) {
  switch (tile->row_count) {
  case 1: multiply_rows_1(tile, sums); break;
  case 2: multiply_rows_2(tile, sums); break;
  case 3: multiply_rows_3(tile, sums); break;
  case 4: multiply_rows_4(tile, sums); break;
  case 5: multiply_rows_5(tile, sums); break;
  default: multiply_rows_6(tile, sums);
  }
}
#endif

#if defined(__x86_64__)
#define AVX2 __attribute__((target("avx2,fma")))

// Without VNNI, rows and panel are widened exactly to 16 bits: one instruction adds two products of
// 16-bit integers, and no sum of 128 inputs exceeds 32 bits. (Sums of 8-bit products would saturate
// at 16 bits.) The 128 that was added to the rows is subtracted first, so that offsets are not
// needed.
enum { group_pairs = int8_group_inputs / 2 };

/// A group of a panel in 16-bit integers: [vectors][pairs][16 columns][2].
struct wide_group {
  int16_t numbers[4 * group_pairs * bf16_vector_columns * 2];
  size_t pairs;
};

AVX2 static void widen_group(
    const int8_t *numbers, size_t columns, size_t quads, struct wide_group *group) {
  // Moves bytes 0 and 1, or 2 and 3, of every four into the upper halves of 16-bit integers.
  const __m256i first = _mm256_setr_epi8(
      -1, 0, -1, 1, -1, 4, -1, 5, -1, 8, -1, 9, -1, 12, -1, 13,
      -1, 0, -1, 1, -1, 4, -1, 5, -1, 8, -1, 9, -1, 12, -1, 13);
  const __m256i second = _mm256_add_epi8(first, _mm256_set1_epi16(0x0200));
  group->pairs = 2 * quads;
  for (size_t v = 0; v < columns / bf16_vector_columns; v++) {
    const int8_t *in = numbers + v * bf16_vector_columns * int8_quad;
    int16_t *out = group->numbers + v * group->pairs * 2 * bf16_vector_columns;
    for (size_t quad = 0; quad < quads; quad++, in += columns * int8_quad, out += 64)
      for (size_t half = 0; half < 2; half++) {
        __m256i both = _mm256_loadu_si256((const __m256i *)(in + 32 * half));
        __m256i low = _mm256_srai_epi16(_mm256_shuffle_epi8(both, first), 8);
        __m256i high = _mm256_srai_epi16(_mm256_shuffle_epi8(both, second), 8);
        _mm256_storeu_si256((__m256i *)(out + 16 * half), low);
        _mm256_storeu_si256((__m256i *)(out + 32 + 16 * half), high);
      }
  }
}

/// Converts up to 6 rows of a group to 16 bits and subtracts 128: [6][128].
WIDE static void widen_rows(
    const uint8_t *rows, size_t stride, size_t count, size_t inputs, int16_t *result) {
  for (size_t row = 0; row < count; row++)
    for (size_t i = 0; i < inputs; i++)
      result[row * int8_group_inputs + i] = (int16_t)(rows[row * stride + i] - 128);
}

// 6 × 2 sums, two vectors of columns and a pair of row elements use 15 of the 16 registers.
AVX2 INLINED void multiply_group(
    const int16_t *rows, const int16_t *numbers, size_t pairs, const float *scales, float *sums,
    bool adds, const size_t count) {
  __m256i totals[bf16_tile_rows][2];
  for (size_t row = 0; row < count; row++) totals[row][0] = totals[row][1] = _mm256_setzero_si256();
  for (size_t pair = 0; pair < pairs; pair++, numbers += 2 * bf16_vector_columns) {
    __m256i low = _mm256_loadu_si256((const __m256i *)numbers);
    __m256i high = _mm256_loadu_si256((const __m256i *)(numbers + bf16_vector_columns));
    for (size_t row = 0; row < count; row++) {
      int32_t inputs;
      memcpy(&inputs, rows + row * int8_group_inputs + 2 * pair, sizeof inputs);
      __m256i both = _mm256_set1_epi32(inputs);
      totals[row][0] = _mm256_add_epi32(totals[row][0], _mm256_madd_epi16(both, low));
      totals[row][1] = _mm256_add_epi32(totals[row][1], _mm256_madd_epi16(both, high));
    }
  }
  for (size_t row = 0; row < count; row++)
    for (size_t half = 0; half < 2; half++) {
      float *sum = sums + row * bf16_panel_columns + 8 * half;
      __m256 before = adds ? _mm256_loadu_ps(sum) : _mm256_setzero_ps();
      __m256 total = _mm256_cvtepi32_ps(totals[row][half]);
      _mm256_storeu_ps(sum, _mm256_fmadd_ps(total, _mm256_loadu_ps(scales + 8 * half), before));
    }
}

#define GROUP_ROWS(n)                                                                       \
  AVX2 static void multiply_group_##n(                                                      \
      const int16_t *rows, const struct wide_group *group, size_t columns,                  \
      const float *scales, float *sums, bool adds) {                                        \
    for (size_t first = 0; first < columns; first += bf16_vector_columns)                   \
      multiply_group(                                                                       \
          rows, group->numbers + first * group->pairs * 2, group->pairs, scales + first,    \
          sums + first, adds, n);                                                           \
  }
GROUP_ROWS(1) GROUP_ROWS(2) GROUP_ROWS(3) GROUP_ROWS(4) GROUP_ROWS(5) GROUP_ROWS(6)

typedef void group_function(
    const int16_t *rows, const struct wide_group *group, size_t columns, const float *scales,
    float *sums, bool adds);
static group_function *const group_functions[bf16_tile_rows] = {
    multiply_group_1, multiply_group_2, multiply_group_3,
    multiply_group_4, multiply_group_5, multiply_group_6};

#define AVX512 __attribute__((target("avx512f,avx512bw,avx512vl")))

// The same in vectors of 512 bits: 6 × 4 sums, four vectors of columns and one of the rows.
AVX512 INLINED void multiply_wide_group(
    const int16_t *rows, const struct wide_group *group, const float *scales, float *sums,
    bool adds, const size_t count, const size_t vectors) {
  __m512i totals[bf16_tile_rows][4];
  for (size_t row = 0; row < count; row++)
    for (size_t v = 0; v < vectors; v++) totals[row][v] = _mm512_setzero_si512();
  const int16_t *numbers = group->numbers;
  size_t stride = group->pairs * 2 * bf16_vector_columns;
  for (size_t pair = 0; pair < group->pairs; pair++, numbers += 2 * bf16_vector_columns) {
    __m512i columns[4];
    for (size_t v = 0; v < vectors; v++) columns[v] = _mm512_loadu_si512(numbers + v * stride);
    for (size_t row = 0; row < count; row++) {
      int32_t inputs;
      memcpy(&inputs, rows + row * int8_group_inputs + 2 * pair, sizeof inputs);
      __m512i both = _mm512_set1_epi32(inputs);
      for (size_t v = 0; v < vectors; v++)
        totals[row][v] = _mm512_add_epi32(totals[row][v], _mm512_madd_epi16(both, columns[v]));
    }
  }
  for (size_t row = 0; row < count; row++)
    for (size_t v = 0; v < vectors; v++) {
      float *sum = sums + row * bf16_panel_columns + 16 * v;
      __m512 before = adds ? _mm512_loadu_ps(sum) : _mm512_setzero_ps();
      __m512 total = _mm512_cvtepi32_ps(totals[row][v]);
      _mm512_storeu_ps(sum, _mm512_fmadd_ps(total, _mm512_loadu_ps(scales + 16 * v), before));
    }
}

#define WIDE_GROUP_ROWS(n)                                                                  \
  AVX512 static void multiply_wide_group_##n(                                               \
      const int16_t *rows, const struct wide_group *group, size_t columns,                  \
      const float *scales, float *sums, bool adds) {                                        \
    switch (columns / bf16_vector_columns) {                                                \
    case 1: multiply_wide_group(rows, group, scales, sums, adds, n, 1); break;              \
    case 2: multiply_wide_group(rows, group, scales, sums, adds, n, 2); break;              \
    case 3: multiply_wide_group(rows, group, scales, sums, adds, n, 3); break;              \
    default: multiply_wide_group(rows, group, scales, sums, adds, n, 4);                    \
    }                                                                                       \
  }
WIDE_GROUP_ROWS(1) WIDE_GROUP_ROWS(2) WIDE_GROUP_ROWS(3)
WIDE_GROUP_ROWS(4) WIDE_GROUP_ROWS(5) WIDE_GROUP_ROWS(6)

static group_function *const wide_group_functions[bf16_tile_rows] = {
    multiply_wide_group_1, multiply_wide_group_2, multiply_wide_group_3,
    multiply_wide_group_4, multiply_wide_group_5, multiply_wide_group_6};

/// Sums of all rows of a block, [rows, 64]: each group of the panel is widened once for all rows.
static void multiply_widening(
    struct int8_rows rows, struct int8_panel panel, float *sums,
    group_function *const functions[bf16_tile_rows]) {
  struct wide_group group;
  int16_t wide[bf16_tile_rows * int8_group_inputs];
  size_t quads = (rows.width + int8_quad - 1) / int8_quad;
  for (size_t first = 0; first < quads; first += group_quads) {
    size_t count = smaller(group_quads, quads - first);
    const float *scales =
        panel.scales + first / (group_quads) * panel.columns;
    widen_group(panel.numbers + first * panel.columns * int8_quad, panel.columns, count, &group);
    for (size_t row = 0; row < rows.count; row += bf16_tile_rows) {
      size_t tile = smaller(bf16_tile_rows, rows.count - row);
      widen_rows(
          rows.values + row * rows.stride + first * int8_quad, rows.stride, tile,
          count * int8_quad, wide);
      functions[tile - 1](
          wide, &group, panel.columns, scales, sums + row * bf16_panel_columns, first > 0);
    }
  }
}
#endif

enum {
  /// Number of rows that are computed together.
  block_rows = 120
};

static void multiply_tiles(
    struct int8_rows rows, struct int8_panel panel, float *sums,
    void (*multiply)(const struct tile *tile, float *sums)) {
  for (size_t row = 0; row < rows.count; row += bf16_tile_rows) {
    struct tile tile = {
        .rows = rows.values + row * rows.stride,
        .row_stride = rows.stride,
        .row_count = smaller(bf16_tile_rows, rows.count - row),
        .numbers = panel.numbers,
        .scales = panel.scales,
        .offsets = panel.offsets,
        .columns = panel.columns,
        .inputs = rows.width,
    };
    multiply(&tile, sums + row * bf16_panel_columns);
  }
}

/// Sums of up to 120 rows, [rows, 64].
static void multiply(struct int8_rows rows, struct int8_panel panel, float *sums) {
  switch (kernel_path_of(kernel_int8)) {
#if defined(__x86_64__)
  case kernel_avx512_dot: multiply_tiles(rows, panel, sums, multiply_natively); break;
  case kernel_avx512: multiply_widening(rows, panel, sums, wide_group_functions); break;
  case kernel_avx2: multiply_widening(rows, panel, sums, group_functions); break;
#endif
  default: multiply_tiles(rows, panel, sums, multiply_portably);
  }
  scale_rows(rows.scales, rows.count, panel.columns, sums);
}

/// The rows of the block that starts at row `first`.
static struct int8_rows block(struct int8_rows rows, size_t first) {
  rows.values += first * rows.stride;
  rows.scales += first;
  rows.count = smaller(block_rows, rows.count - first);
  return rows;
}

void kernel_int8_product(
    struct int8_rows rows, struct int8_panel panel, size_t columns, const float *bias,
    float *result, size_t result_stride, bool adds) {
  float sums[block_rows * bf16_panel_columns];
  for (size_t first = 0; first < rows.count; first += block_rows) {
    struct int8_rows part = block(rows, first);
    multiply(part, panel, sums);
    if (bias) add_to_rows(bias, columns, sums, bf16_panel_columns, part.count);
    for (size_t i = 0; i < part.count; i++) {
      const float *row_sums = sums + i * bf16_panel_columns;
      float *out = result + (first + i) * result_stride;
      if (adds)
        add_to_rows(row_sums, columns, out, 0, 1);
      else
        memcpy(out, row_sums, columns * sizeof *out);
    }
  }
}

void kernel_int8_gated_product(
    struct int8_rows rows, struct int8_panel panel, size_t columns, const float *gate_bias,
    const float *up_bias, uint16_t *result, size_t result_stride) {
  float sums[block_rows * bf16_panel_columns];
  for (size_t first = 0; first < rows.count; first += block_rows) {
    struct int8_rows part = block(rows, first);
    multiply(part, panel, sums);
    put_gated_rows(
        sums, part.count, columns, gate_bias, up_bias, result + first * result_stride,
        result_stride);
  }
}
