// The innermost product, called by all others.
#ifndef SEATS_TOP_BF16_TILE_H
#define SEATS_TOP_BF16_TILE_H

#include "bf16.h"

/// Up to 6 rows times up to 4 vectors of a panel.
struct bf16_tile {
  const uint16_t *rows;
  size_t row_stride;
  size_t row_count;
  const uint16_t *panel;
  /// Vectors of 16 columns to multiply.
  size_t vectors;
  /// Vectors of the panel.
  size_t panel_vectors;
  /// Pairs of inputs.
  size_t pairs;
};

/// Writes rows · panel to `result`, or adds it; 16 · vectors numbers per row.
void bf16_multiply(const struct bf16_tile *tile, float *result, size_t result_stride, bool adds);

#endif
