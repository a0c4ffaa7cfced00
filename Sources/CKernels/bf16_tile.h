// The innermost matrix product, which all other products call.
#ifndef SEATS_TOP_BF16_TILE_H
#define SEATS_TOP_BF16_TILE_H

#include "bf16.h"

/// A tile of a matrix product: up to 6 rows times up to 4 vectors of 16 columns of a panel.
struct bf16_tile {
  const uint16_t *rows;
  size_t row_stride;
  size_t row_count;
  const uint16_t *panel;
  /// Number of vectors to multiply, 16 columns each.
  size_t vectors;
  /// Number of vectors in a row of the panel.
  size_t panel_vectors;
  /// Number of pairs of inputs.
  size_t pairs;
};

/// Computes rows · panel, and writes it to `result` or adds it; 16 · vectors elements per row.
void bf16_multiply(const struct bf16_tile *tile, float *result, size_t result_stride, bool adds);

#endif
