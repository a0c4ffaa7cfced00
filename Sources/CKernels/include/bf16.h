// Products of bfloat16 numbers with single-precision sums: the engine's fast path.
//
// A weight matrix is stored in panels: columns in groups of 64 (the last group padded to vectors of
// 16), each group [inputs / 2][columns][2], so that one instruction multiplies a pair of inputs
// into 16 columns. Activation rows are consecutive, zero-padded to whole pairs. Numbers are rounded
// to nearest, ties to even.
#ifndef SEATS_TOP_BF16_H
#define SEATS_TOP_BF16_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
  /// Columns of a full panel.
  bf16_panel_columns = 64,
  /// Columns of a vector: the last panel is zero-padded to a multiple of it.
  bf16_vector_columns = 16,
  /// Rows of a tile.
  bf16_tile_rows = 6,
};

void kernel_bf16_round(const float *values, size_t count, uint16_t *result);
void kernel_bf16_widen(const uint16_t *values, size_t count, float *result);

/// Fills columns of a panel that is `width` columns wide with the rows of a [columns, inputs] matrix
/// that start every `stride` numbers; zeros up to a whole vector.
/// - panel: at the first column to be filled, which starts a vector.
void kernel_bf16_pack(
    const uint16_t *rows, size_t stride, size_t columns, size_t inputs, uint16_t *panel,
    size_t width);

/// `kernel_bf16_pack` from single precision.
void kernel_bf16_pack_floats(
    const float *rows, size_t stride, size_t columns, size_t inputs, uint16_t *panel,
    size_t width);

/// A panel of `columns` columns of an [inputs, columns] matrix, with its padded width.
void kernel_bf16_pack_columns(
    const float *rows, size_t stride, size_t columns, size_t inputs, uint16_t *panel);

/// Activation rows.
struct bf16_rows {
  const uint16_t *values;
  /// Elements between row starts.
  size_t stride;
  size_t count;
  /// Elements of a row.
  size_t width;
};

/// rows · panel + bias, written to `result` or added to it.
/// - columns: of the result, at most 64.
/// - bias: [columns], or null.
void kernel_bf16_product(
    struct bf16_rows rows, const uint16_t *panel, size_t columns, const float *bias, float *result,
    size_t result_stride, bool adds);

/// silu(rows · gate + bias) · (rows · up + bias), rounded: the hidden activations of a gated MLP.
/// - panel: vectors of gate and up columns alternate.
/// - columns: of the result, at most 32.
/// - gate_bias, up_bias: [columns], or both null.
void kernel_bf16_gated_product(
    struct bf16_rows rows, const uint16_t *panel, size_t columns, const float *gate_bias,
    const float *up_bias, uint16_t *result, size_t result_stride);

/// Keys and values of one head, in panels.
struct bf16_context {
  /// Keys as columns, [count, width].
  const uint16_t *keys;
  /// Values as rows, [count, width].
  const uint16_t *values;
  size_t count;
  size_t width;
};

/// Queries of the heads that share keys and values: head h of token t starts at
/// values[t · token_stride + h · width].
struct bf16_queries {
  const float *values;
  size_t token_stride;
  size_t tokens;
  size_t heads;
};

/// Bytes of working memory for `kernel_bf16_attend`.
size_t kernel_bf16_attend_scratch(size_t rows, size_t width);

/// softmax(q · kᵀ / √width) · v, rounded, for all rows of `queries`.
/// - visible: number of keys that the first token attends to.
/// - growth: additional keys of each further token; 1 is causal, 0 is no mask.
/// - result: like the queries, with `result_stride` between tokens.
void kernel_bf16_attend(
    struct bf16_queries queries, struct bf16_context context, size_t visible, size_t growth,
    uint16_t *result, size_t result_stride, void *scratch);

/// Bytes of working memory for `kernel_bf16_received`.
size_t kernel_bf16_received_scratch(size_t count, size_t width);

/// Adds to `sums`, [context count], the attention that each key receives from all queries of one
/// head. Uses only the keys of `context`.
void kernel_bf16_received(
    struct bf16_queries queries, struct bf16_context context, float *sums, void *scratch);

#endif
