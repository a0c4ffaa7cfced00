// Products of bfloat16 numbers with single-precision sums: the engine's fast path.
//
// A matrix that is multiplied by is kept in panels: columns in groups of 64 (the last group in as
// many vectors of 16 as it needs), each group [inputs / 2][columns][2], so that one instruction
// multiplies a pair of inputs into 16 columns. Rows that are multiplied lie one after the other,
// padded with zeros to whole pairs. Numbers are rounded to nearest, ties to even.
#ifndef SEATS_TOP_BF16_H
#define SEATS_TOP_BF16_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
  /// Columns of a full panel.
  bf16_panel_columns = 64,
  /// Columns of a vector: the last panel is padded with zeros to a multiple of it.
  bf16_vector_columns = 16,
  /// Rows that are multiplied at a time.
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

/// The same from single-precision numbers.
void kernel_bf16_pack_floats(
    const float *rows, size_t stride, size_t columns, size_t inputs, uint16_t *panel,
    size_t width);

/// A panel of `columns` columns of an [inputs, columns] matrix, as wide as they are with padding.
void kernel_bf16_pack_columns(
    const float *rows, size_t stride, size_t columns, size_t inputs, uint16_t *panel);

/// Rows to be multiplied.
struct bf16_rows {
  const uint16_t *values;
  /// Numbers from one row to the next.
  size_t stride;
  size_t count;
  /// Numbers of a row.
  size_t width;
};

/// rows · panel + bias, written to `result` or added to it.
/// - columns: of the result, at most 64.
/// - bias: as many numbers, or null.
void kernel_bf16_product(
    struct bf16_rows rows, const uint16_t *panel, size_t columns, const float *bias, float *result,
    size_t result_stride, bool adds);

/// silu(rows · gate + bias) · (rows · up + bias), rounded: the inside of a gated MLP.
/// - panel: vectors of gate and up columns alternate.
/// - columns: of the result, at most 32.
/// - gate_bias, up_bias: as many numbers, or both null.
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
/// - visible: context numbers that the first token sees.
/// - growth: how many more each further token sees; 1 is causal, 0 is everything for everybody.
/// - result: like the queries, with `result_stride` between tokens.
void kernel_bf16_attend(
    struct bf16_queries queries, struct bf16_context context, size_t visible, size_t growth,
    uint16_t *result, size_t result_stride, void *scratch);

/// Bytes of working memory for `kernel_bf16_received`.
size_t kernel_bf16_received_scratch(size_t count, size_t width);

/// Adds to `sums`, [context count], the attention that each key receives from all queries of one
/// head. Only the keys of `context` are read.
void kernel_bf16_received(
    struct bf16_queries queries, struct bf16_context context, float *sums, void *scratch);

#endif
