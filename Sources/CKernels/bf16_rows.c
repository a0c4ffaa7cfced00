#include "arithmetic.h"
#include "bf16.h"

WIDE void kernel_bf16_round(const float *values, size_t count, uint16_t *result) {
  for (size_t i = 0; i < count; i++) result[i] = rounded(values[i]);
}

WIDE void kernel_bf16_widen(const uint16_t *values, size_t count, float *result) {
  for (size_t i = 0; i < count; i++) result[i] = widened(values[i]);
}

/// Number of columns of a panel, with padding.
static size_t padded(size_t columns) {
  return (columns + bf16_vector_columns - 1) / bf16_vector_columns * bf16_vector_columns;
}

/// Writes the input pairs of one row to every `width`-th element of the panel.
static void place(const uint16_t *row, size_t inputs, uint16_t *panel, size_t width) {
  for (size_t pair = 0; pair < inputs / 2; pair++)
    memcpy(panel + pair * width * 2, row + 2 * pair, 2 * sizeof *row);
  if (inputs % 2) {
    panel[inputs / 2 * width * 2] = row[inputs - 1];
    panel[inputs / 2 * width * 2 + 1] = 0;
  }
}

enum { place_inputs = 32 };

void kernel_bf16_pack(
    const uint16_t *rows, size_t stride, size_t columns, size_t inputs, uint16_t *panel,
    size_t width) {
  static const uint16_t nothing[place_inputs];
  // A few pairs of all columns at a time, so that the written part stays in the cache.
  for (size_t first = 0; first < inputs; first += place_inputs)
    for (size_t column = 0; column < padded(columns); column++) {
      const uint16_t *row = column < columns ? rows + column * stride + first : nothing;
      place(row, smaller(place_inputs, inputs - first), panel + first * width + 2 * column, width);
    }
}

void kernel_bf16_pack_floats(
    const float *rows, size_t stride, size_t columns, size_t inputs, uint16_t *panel,
    size_t width) {
  for (size_t first = 0; first < inputs; first += place_inputs)
    for (size_t column = 0; column < padded(columns); column++) {
      uint16_t row[place_inputs] = {0};
      size_t count = smaller(place_inputs, inputs - first);
      if (column < columns) kernel_bf16_round(rows + column * stride + first, count, row);
      place(row, count, panel + first * width + 2 * column, width);
    }
}

WIDE void kernel_bf16_pack_columns(
    const float *rows, size_t stride, size_t columns, size_t inputs, uint16_t *panel) {
  size_t width = padded(columns);
  for (size_t first = 0; first < inputs; first += 2, panel += 2 * width) {
    const float *row = rows + first * stride;
    // For an odd number of rows, the last one is paired with zeros.
    const float *next = first + 1 < inputs ? row + stride : row;
    float share = first + 1 < inputs ? 1 : 0;
    for (size_t column = 0; column < columns; column++) {
      panel[2 * column] = rounded(row[column]);
      panel[2 * column + 1] = rounded(share * next[column]);
    }
    for (size_t column = columns; column < width; column++)
      panel[2 * column] = panel[2 * column + 1] = 0;
  }
}
