#include "arithmetic.h"
#include "bf16.h"
#include "int8.h"
#include "processor.h"
#include "sums.h"

/// Up to 6 rows times a panel, whose sums are single-precision from group to group.
struct tile {
  const uint8_t *rows;
  size_t row_stride;
  size_t row_count;
  const int8_t *numbers;
  const float *scales;
  const int32_t *offsets;
  /// Of the panel.
  size_t columns;
  size_t inputs;
};

static void multiply_portably(const struct tile *tile, float *sums) {
  memset(sums, 0, sizeof(float) * bf16_tile_rows * bf16_panel_columns);
  for (size_t first = 0, group = 0; first < tile->inputs; first += int8_group_inputs, group++) {
    size_t end = smaller(first + int8_group_inputs, tile->inputs);
    for (size_t row = 0; row < tile->row_count; row++)
      for (size_t column = 0; column < tile->columns; column++) {
        int32_t sum = tile->offsets[group * tile->columns + column];
        for (size_t i = first; i < end; i++)
          sum += tile->rows[row * tile->row_stride + i] *
                 tile->numbers[(i / int8_quad * tile->columns + column) * int8_quad + i % int8_quad];
        sums[row * bf16_panel_columns + column] +=
            (float)sum * tile->scales[group * tile->columns + column];
      }
  }
}

#if defined(__x86_64__)
#include <immintrin.h>

#define NATIVE __attribute__((target("avx512f,avx512bw,avx512vl,avx512vnni")))

// 6 × 4 whole sums of a group, 4 vectors of the panel and one of the row fill the registers; sums of
// groups stay in the first-level cache. The counts are constants wherever this is inlined.
NATIVE INLINED void multiply_fixed(
    const struct tile *tile, float *sums, const size_t rows, const size_t vectors) {
  const uint8_t *x = tile->rows;
  const int8_t *w = tile->numbers;
  const float *scales = tile->scales;
  const int32_t *offsets = tile->offsets;
  size_t quads = (tile->inputs + int8_quad - 1) / int8_quad;
  for (size_t first = 0; first < quads; first += int8_group_inputs / int8_quad) {
    size_t count = smaller(int8_group_inputs / int8_quad, quads - first);
    __m512i group[bf16_tile_rows][4];
    for (size_t v = 0; v < vectors; v++) {
      __m512i offset = _mm512_loadu_si512(offsets + 16 * v);
      for (size_t row = 0; row < rows; row++) group[row][v] = offset;
    }
    // The rows of the next tile come near while these are multiplied.
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
#else
#define multiply_natively multiply_portably
#endif

/// Sums of up to 6 rows from `row` on, [6, 64], in the rows' own measure.
/// - Returns: how many rows.
static size_t multiply(struct int8_rows rows, size_t row, struct int8_panel panel, float *sums) {
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
  if (kernel_is_native(kernel_avx512_vnni))
    multiply_natively(&tile, sums);
  else
    multiply_portably(&tile, sums);
  scale_rows(rows.scales + row, tile.row_count, panel.columns, sums);
  return tile.row_count;
}

void kernel_int8_product(
    struct int8_rows rows, struct int8_panel panel, size_t columns, const float *bias,
    float *result, size_t result_stride, bool adds) {
  float sums[bf16_tile_rows * bf16_panel_columns];
  for (size_t row = 0; row < rows.count; row += bf16_tile_rows) {
    size_t count = multiply(rows, row, panel, sums);
    if (bias) add_to_rows(bias, columns, sums, bf16_panel_columns, count);
    float *out = result + row * result_stride;
    for (size_t i = 0; i < count; i++) {
      const float *row_sums = sums + i * bf16_panel_columns;
      if (adds)
        add_to_rows(row_sums, columns, out + i * result_stride, 0, 1);
      else
        memcpy(out + i * result_stride, row_sums, columns * sizeof *out);
    }
  }
}

void kernel_int8_gated_product(
    struct int8_rows rows, struct int8_panel panel, size_t columns, const float *gate_bias,
    const float *up_bias, uint16_t *result, size_t result_stride) {
  float sums[bf16_tile_rows * bf16_panel_columns];
  for (size_t row = 0; row < rows.count; row += bf16_tile_rows) {
    size_t count = multiply(rows, row, panel, sums);
    put_gated_rows(
        sums, count, columns, gate_bias, up_bias, result + row * result_stride, result_stride);
  }
}
