// Products of bfloat16 numbers on processors that multiply single precision only: both sides are
// widened, exactly, and multiplied with fused multiply-adds. The result is that of a single-precision
// product of the rounded numbers.
#ifndef SEATS_TOP_BF16_WIDENING_H
#define SEATS_TOP_BF16_WIDENING_H

#include "bf16_tile.h"

enum {
  /// Inputs summed in registers before the sum is added to the result.
  widening_inputs = 256,
};

/// As `bf16_multiply`: the panel is widened while it is loaded.
void bf16_multiply_widening(
    const struct bf16_tile *tile, float *result, size_t result_stride, bool adds);

/// A part of a panel in single precision: [vectors][inputs][16].
struct wide_panel {
  float *numbers;
  size_t vectors;
  /// Even.
  size_t inputs;
};

/// Widens up to `widening_inputs` inputs of a panel. AVX2.
/// - panel: at the first input, `panel.vectors` vectors wide.
void bf16_widen_panel(const uint16_t *numbers, struct wide_panel panel);

/// Up to 6 rows times a widened part of a panel, written to `result` or added to it. AVX2.
void bf16_multiply_wide(
    const uint16_t *rows, size_t row_stride, size_t row_count, struct wide_panel panel,
    float *result, size_t result_stride, bool adds);

#endif
