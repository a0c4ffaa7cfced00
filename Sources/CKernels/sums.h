// Postprocessing of the sums of a tile, [6, 64].
#ifndef SEATS_TOP_SUMS_H
#define SEATS_TOP_SUMS_H

#include <stddef.h>
#include <stdint.h>

/// Adds `terms`, [count], to each of `row_count` rows.
void add_to_rows(const float *terms, size_t count, float *rows, size_t stride, size_t row_count);

/// Multiplies each row of a tile by its factor.
void scale_rows(const float *factors, size_t row_count, size_t columns, float *sums);

/// Writes silu(gate + bias) · (up + bias), rounded to bfloat16; vectors of gates and ups alternate
/// in the input.
/// - columns: number of columns of the result, at most 32.
/// - gate_bias, up_bias: [columns], or both null.
void put_gated_rows(
    float *sums, size_t row_count, size_t columns, const float *gate_bias, const float *up_bias,
    uint16_t *result, size_t stride);

#endif
