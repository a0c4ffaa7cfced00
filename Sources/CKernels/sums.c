#include "sums.h"

#include "arithmetic.h"
#include "bf16.h"

WIDE void add_to_rows(
    const float *restrict terms, size_t count, float *restrict rows, size_t stride,
    size_t row_count) {
  for (size_t row = 0; row < row_count; row++, rows += stride)
    for (size_t i = 0; i < count; i++) rows[i] += terms[i];
}

WIDE void scale_rows(
    const float *restrict factors, size_t row_count, size_t columns, float *restrict sums) {
  for (size_t row = 0; row < row_count; row++, sums += bf16_panel_columns)
    for (size_t i = 0; i < columns; i++) sums[i] *= factors[row];
}

/// Writes silu(gate) · up, rounded to bfloat16.
INLINED void put_gated(
    const float *restrict gates, const float *restrict ups, size_t count,
    uint16_t *restrict result) {
  for (size_t i = 0; i < count; i++) result[i] = rounded(rough_silu(gates[i]) * ups[i]);
}

WIDE static void put_rows(
    const float *sums, size_t row_count, size_t columns, uint16_t *result, size_t stride) {
  for (size_t row = 0; row < row_count; row++, sums += bf16_panel_columns, result += stride) {
    size_t whole = columns / bf16_vector_columns * bf16_vector_columns;
    for (size_t first = 0; first < whole; first += bf16_vector_columns) {
      const float *gates = sums + 2 * first;
      put_gated(gates, gates + bf16_vector_columns, bf16_vector_columns, result + first);
    }
    const float *gates = sums + 2 * whole;
    put_gated(gates, gates + bf16_vector_columns, columns - whole, result + whole);
  }
}

void put_gated_rows(
    float *sums, size_t row_count, size_t columns, const float *gate_bias, const float *up_bias,
    uint16_t *result, size_t stride) {
  for (size_t first = 0; first < columns && gate_bias; first += bf16_vector_columns) {
    size_t count = smaller(bf16_vector_columns, columns - first);
    float *gates = sums + 2 * first, *ups = gates + bf16_vector_columns;
    add_to_rows(gate_bias + first, count, gates, bf16_panel_columns, row_count);
    add_to_rows(up_bias + first, count, ups, bf16_panel_columns, row_count);
  }
  put_rows(sums, row_count, columns, result, stride);
}
