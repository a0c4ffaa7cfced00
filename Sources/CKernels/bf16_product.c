#include "arithmetic.h"
#include "bf16_tile.h"
#include "bf16_widening.h"
#include "processor.h"
#include "sums.h"

/// Inputs in a block: that part of a panel, 256 KiB, stays in the second-level cache for all rows.
enum { block_inputs = 2048 };

static size_t vectors(size_t columns) {
  return (columns + bf16_vector_columns - 1) / bf16_vector_columns;
}

static struct bf16_tile tile_of(
    struct bf16_rows rows, size_t row, const uint16_t *panel, size_t vectors, size_t first,
    size_t inputs) {
  return (struct bf16_tile){
      .rows = rows.values + row * rows.stride + first,
      .row_stride = rows.stride,
      .row_count = smaller(bf16_tile_rows, rows.count - row),
      .panel = panel + first * vectors * bf16_vector_columns,
      .vectors = vectors,
      .panel_vectors = vectors,
      .pairs = (inputs + 1) / 2,
  };
}

/// Computes one tile of a product, and writes it to `result` or adds it. Incomplete vectors go
/// through a buffer, since a tile writes whole vectors.
static void put(
    const struct bf16_tile *tile, size_t columns, float *result, size_t stride, bool adds) {
  if (columns % bf16_vector_columns == 0) {
    bf16_multiply(tile, result, stride, adds);
    return;
  }
  float sums[bf16_tile_rows * bf16_panel_columns];
  bf16_multiply(tile, sums, bf16_panel_columns, false);
  for (size_t i = 0; i < tile->row_count; i++) {
    float *row = result + i * stride;
    if (!adds) memset(row, 0, columns * sizeof *row);
    add_to_rows(sums + i * bf16_panel_columns, columns, row, 0, 1);
  }
}

#if defined(__x86_64__)
/// Number of rows from which widening a panel in advance is faster than widening while loading. Not
/// used with the 32 registers of AVX-512.
enum { least_widened_rows = 24 };

/// A matrix product for which the panel is widened to single precision, block by block.
static void multiply_widening(
    struct bf16_rows rows, const uint16_t *panel, size_t columns, float *result, size_t stride,
    bool adds) {
  float numbers[widening_inputs * bf16_panel_columns];
  struct wide_panel wide = {.numbers = numbers, .vectors = vectors(columns)};
  size_t whole = (rows.width + 1) / 2 * 2;
  if (rows.count < least_widened_rows || kernel_path_of(kernel_bfloat16) == kernel_avx512) {
    // Gives the same sums in the same order.
    for (size_t row = 0; row < rows.count; row += bf16_tile_rows) {
      struct bf16_tile tile = tile_of(rows, row, panel, wide.vectors, 0, whole);
      bf16_multiply_widening(&tile, result + row * stride, stride, adds);
    }
    return;
  }
  for (size_t first = 0; first < whole; first += widening_inputs) {
    wide.inputs = smaller(widening_inputs, whole - first);
    bf16_widen_panel(panel + first * wide.vectors * bf16_vector_columns, wide);
    for (size_t row = 0; row < rows.count; row += bf16_tile_rows)
      bf16_multiply_wide(
          rows.values + row * rows.stride + first, rows.stride,
          smaller(bf16_tile_rows, rows.count - row), wide, result + row * stride, stride,
          adds || first > 0);
  }
}

static bool widens(void) {
  enum kernel_path path = kernel_path_of(kernel_bfloat16);
  return path == kernel_avx2 || path == kernel_avx512;
}

/// Number of rows whose sums fit in the second-level cache together with a widened panel.
enum { widened_rows = 120 };

/// `multiply_widening` for a number of columns that does not fill whole vectors.
static void put_widening(
    struct bf16_rows rows, const uint16_t *panel, size_t columns, float *result, size_t stride,
    bool adds) {
  float sums[widened_rows * bf16_panel_columns];
  for (size_t row = 0; row < rows.count; row += widened_rows) {
    struct bf16_rows part = rows;
    part.values += row * rows.stride;
    part.count = smaller(widened_rows, rows.count - row);
    multiply_widening(part, panel, columns, sums, bf16_panel_columns, false);
    for (size_t i = 0; i < part.count; i++) {
      float *out = result + (row + i) * stride;
      if (!adds) memset(out, 0, columns * sizeof *out);
      add_to_rows(sums + i * bf16_panel_columns, columns, out, 0, 1);
    }
  }
}

static void product_widening(
    struct bf16_rows rows, const uint16_t *panel, size_t columns, const float *bias, float *result,
    size_t stride, bool adds) {
  if (columns % bf16_vector_columns == 0)
    multiply_widening(rows, panel, columns, result, stride, adds);
  else
    put_widening(rows, panel, columns, result, stride, adds);
  if (bias) add_to_rows(bias, columns, result, stride, rows.count);
}

static void gated_product_widening(
    struct bf16_rows rows, const uint16_t *panel, size_t columns, const float *gate_bias,
    const float *up_bias, uint16_t *result, size_t stride) {
  float sums[widened_rows * bf16_panel_columns];
  for (size_t row = 0; row < rows.count; row += widened_rows) {
    struct bf16_rows part = rows;
    part.values += row * rows.stride;
    part.count = smaller(widened_rows, rows.count - row);
    multiply_widening(
        part, panel, 2 * vectors(columns) * bf16_vector_columns, sums, bf16_panel_columns, false);
    put_gated_rows(
        sums, part.count, columns, gate_bias, up_bias, result + row * stride, stride);
  }
}
#endif

void kernel_bf16_product(
    struct bf16_rows rows, const uint16_t *panel, size_t columns, const float *bias, float *result,
    size_t result_stride, bool adds) {
#if defined(__x86_64__)
  if (widens()) {
    product_widening(rows, panel, columns, bias, result, result_stride, adds);
    return;
  }
#endif
  for (size_t first = 0; first < rows.width; first += block_inputs) {
    size_t inputs = smaller(block_inputs, rows.width - first);
    for (size_t row = 0; row < rows.count; row += bf16_tile_rows) {
      struct bf16_tile tile = tile_of(rows, row, panel, vectors(columns), first, inputs);
      float *out = result + row * result_stride;
      put(&tile, columns, out, result_stride, adds || first > 0);
      if (bias && first == 0) add_to_rows(bias, columns, out, result_stride, tile.row_count);
    }
  }
}

void kernel_bf16_gated_product(
    struct bf16_rows rows, const uint16_t *panel, size_t columns, const float *gate_bias,
    const float *up_bias, uint16_t *result, size_t result_stride) {
#if defined(__x86_64__)
  if (widens()) {
    gated_product_widening(rows, panel, columns, gate_bias, up_bias, result, result_stride);
    return;
  }
#endif
  float sums[bf16_tile_rows * bf16_panel_columns];
  for (size_t row = 0; row < rows.count; row += bf16_tile_rows) {
    struct bf16_tile tile = tile_of(rows, row, panel, 2 * vectors(columns), 0, rows.width);
    bf16_multiply(&tile, sums, bf16_panel_columns, false);
    put_gated_rows(
        sums, tile.row_count, columns, gate_bias, up_bias, result + row * result_stride,
        result_stride);
  }
}
