// Products of 8-bit whole numbers: half the bytes of bfloat16 and twice its multiply-adds a cycle.
//
// Weights are rounded to −127…127 in groups of 128 inputs, each group of each column with a scale of
// its own; rows that are multiplied are rounded to as many steps, each row with a scale, and kept
// 128 too large, because the instruction wants one side without a sign. What that adds to a sum is
// known beforehand, and every sum of a group starts with it taken off.
//
// Weights are kept in panels as in `bf16.h`, [inputs / 4][columns][4], so that one instruction
// multiplies four inputs into 16 columns.
#ifndef SEATS_TOP_INT8_H
#define SEATS_TOP_INT8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
  /// Inputs that share a scale.
  int8_group_inputs = 128,
  /// Inputs of a column that lie side by side.
  int8_quad = 4,
};

/// Rounds a row to 127 steps on each side of zero.
/// - result: `count` numbers, each 128 too large.
/// - Returns: how much one step is.
float kernel_int8_round(const float *values, size_t count, uint8_t *result);

/// A panel of weights.
struct int8_panel {
  /// [quads][columns][4]; groups follow one another.
  int8_t *numbers;
  /// [groups][columns]: how much one step is.
  float *scales;
  /// [groups][columns]: −128 times the sum of a group.
  int32_t *offsets;
  /// With the padding to whole vectors.
  size_t columns;
};

/// Fills columns of a panel with the rows of a [columns, inputs] matrix.
/// - first: column of the panel to be filled first, which starts a vector.
void kernel_int8_pack(
    const float *rows, size_t columns, size_t inputs, struct int8_panel panel, size_t first);

/// Rows to be multiplied.
struct int8_rows {
  const uint8_t *values;
  /// Numbers from one row to the next.
  size_t stride;
  /// [count].
  const float *scales;
  size_t count;
  /// Numbers of a row.
  size_t width;
};

/// rows · panel + bias, written to `result` or added to it.
/// - columns: of the result, at most 64.
/// - bias: as many numbers, or null.
void kernel_int8_product(
    struct int8_rows rows, struct int8_panel panel, size_t columns, const float *bias,
    float *result, size_t result_stride, bool adds);

/// silu(rows · gate + bias) · (rows · up + bias), rounded to bfloat16.
/// - panel: vectors of gate and up columns alternate.
/// - columns: of the result, at most 32.
/// - gate_bias, up_bias: as many numbers, or both null.
void kernel_int8_gated_product(
    struct int8_rows rows, struct int8_panel panel, size_t columns, const float *gate_bias,
    const float *up_bias, uint16_t *result, size_t result_stride);

#endif
