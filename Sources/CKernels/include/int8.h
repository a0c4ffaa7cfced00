// Products of 8-bit integers: half the bytes of bfloat16 and twice its multiply-adds per cycle.
//
// Weights are rounded to −127…127 in groups of 128 inputs, with one scale per group and column.
// Activation rows are rounded to the same range with one scale per row, and stored plus 128,
// because the instruction needs one unsigned operand. The offset that this adds to a sum is
// precomputed and subtracted at the start of each group.
//
// Weights are stored in panels as in `bf16.h`, [inputs / 4][columns][4], so that one instruction
// multiplies four inputs into 16 columns.
#ifndef SEATS_TOP_INT8_H
#define SEATS_TOP_INT8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
  /// Inputs that share a scale.
  int8_group_inputs = 128,
  /// Adjacent inputs of a column.
  int8_quad = 4,
};

/// Rounds a row to 127 steps on each side of zero.
/// - result: `count` values plus 128.
/// - Returns: the scale of one step.
float kernel_int8_round(const float *values, size_t count, uint8_t *result);

/// A panel of weights.
struct int8_panel {
  /// [quads][columns][4], group by group.
  int8_t *numbers;
  /// [groups][columns]: the scales.
  float *scales;
  /// [groups][columns]: −128 times the sum of a group.
  int32_t *offsets;
  /// Columns, padded to whole vectors.
  size_t columns;
};

/// Fills columns of a panel with the rows of a [columns, inputs] matrix.
/// - first: column of the panel to be filled first, which starts a vector.
void kernel_int8_pack(
    const float *rows, size_t columns, size_t inputs, struct int8_panel panel, size_t first);

/// Activation rows.
struct int8_rows {
  const uint8_t *values;
  /// Bytes between row starts.
  size_t stride;
  /// [count].
  const float *scales;
  size_t count;
  /// Elements of a row.
  size_t width;
};

/// rows · panel + bias, written to `result` or added to it.
/// - columns: of the result, at most 64.
/// - bias: [columns], or null.
void kernel_int8_product(
    struct int8_rows rows, struct int8_panel panel, size_t columns, const float *bias,
    float *result, size_t result_stride, bool adds);

/// silu(rows · gate + bias) · (rows · up + bias), rounded to bfloat16.
/// - panel: vectors of gate and up columns alternate.
/// - columns: of the result, at most 32.
/// - gate_bias, up_bias: [columns], or both null.
void kernel_int8_gated_product(
    struct int8_rows rows, struct int8_panel panel, size_t columns, const float *gate_bias,
    const float *up_bias, uint16_t *result, size_t result_stride);

#endif
