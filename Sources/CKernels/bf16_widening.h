// Products of bfloat16 elements on processors that only multiply in single precision: rows and
// panel are widened exactly and multiplied with fused multiply-adds. The result equals a
// single-precision product of the rounded elements.
#ifndef SEATS_TOP_BF16_WIDENING_H
#define SEATS_TOP_BF16_WIDENING_H

#include "bf16_tile.h"

enum {
  /// Number of inputs summed in registers before the sum is added to the result.
  widening_inputs = 256,
};

/// As `bf16_multiply`, with the panel widened while it is loaded.
void bf16_multiply_widening(
    const struct bf16_tile *tile, float *result, size_t result_stride, bool adds);

/// A part of a panel converted to single precision: [vectors][inputs][16].
struct wide_panel {
  float *numbers;
  size_t vectors;
  /// Number of inputs; even.
  size_t inputs;
};

/// Widens up to `widening_inputs` inputs of a panel. Needs AVX2.
/// - numbers: the panel at the first input; `panel.vectors` vectors wide.
void bf16_widen_panel(const uint16_t *numbers, struct wide_panel panel);

/// Multiplies up to 6 rows by a widened part of a panel, and writes the result or adds it. Needs
/// AVX2.
void bf16_multiply_wide(
    const uint16_t *rows, size_t row_stride, size_t row_count, struct wide_panel panel,
    float *result, size_t result_stride, bool adds);

#endif
