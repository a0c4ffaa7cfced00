// Matrix products of 8-bit integers: half the bytes of bfloat16 and twice its multiply-adds per
// cycle.
//
// Weights are rounded to −127…127 in groups of 128 inputs, with one scale per group and column.
// Activation rows are rounded to the same range with one scale per row, and stored with 128 added,
// because the instruction needs one unsigned operand. The offset that this adds to a sum is
// precomputed and subtracted at the start of each group.
//
// Weights are stored in panels as in `bf16.h`, [inputs / 4][columns][4], so that one instruction
// multiplies four inputs for 16 columns.
#ifndef SEATS_TOP_INT8_H
#define SEATS_TOP_INT8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
  /// Number of inputs that share a scale.
  int8_group_inputs = 128,
  /// Number of adjacent inputs of a column.
  int8_quad = 4,
};

/// Rounds a row to integers −127…127, with the largest absolute value as 127.
/// - result: `count` integers with 128 added.
/// - Returns: the scale, which is the value of 1.
float kernel_int8_round(const float *values, size_t count, uint8_t *result);

/// A panel of 8-bit weights.
struct int8_panel {
  /// Weights, [quads][columns][4], group by group.
  int8_t *numbers;
  /// Scales, [groups][columns].
  float *scales;
  /// Start values of sums, [groups][columns]: −128 times the sum of a group.
  int32_t *offsets;
  /// Number of columns, padded to whole vectors.
  size_t columns;
};

/// Quantises rows of a [columns, inputs] matrix and packs them as columns of a panel.
/// - first: index of the first column to be written, the start of a vector.
void kernel_int8_pack(
    const float *rows, size_t columns, size_t inputs, struct int8_panel panel, size_t first);

/// Activation rows in 8-bit integers.
struct int8_rows {
  const uint8_t *values;
  /// Number of bytes between row starts.
  size_t stride;
  /// Scale of each row, [count].
  const float *scales;
  size_t count;
  /// Number of elements in a row.
  size_t width;
};

/// Computes rows · panel + bias, and writes it to `result` or adds it.
/// - columns: number of columns of the result, at most 64.
/// - bias: [columns], or null.
void kernel_int8_product(
    struct int8_rows rows, struct int8_panel panel, size_t columns, const float *bias,
    float *result, size_t result_stride, bool adds);

/// Computes silu(rows · gate + bias) · (rows · up + bias), rounded to bfloat16: the inner
/// activations of a gated MLP.
/// - panel: vectors of gate and up columns alternate.
/// - columns: number of columns of the result, at most 32.
/// - gate_bias, up_bias: [columns], or both null.
void kernel_int8_gated_product(
    struct int8_rows rows, struct int8_panel panel, size_t columns, const float *gate_bias,
    const float *up_bias, uint16_t *result, size_t result_stride);

#endif
