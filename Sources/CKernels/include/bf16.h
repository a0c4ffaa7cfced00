// Matrix products of bfloat16 elements with single-precision sums: the engine's fast path.
//
// A weight matrix is stored in panels: columns in groups of 64 (the last group padded to vectors of
// 16), each group as [inputs / 2][columns][2], so that one instruction multiplies a pair of inputs
// for 16 columns. Activation rows are contiguous, zero-padded to whole pairs. Elements are rounded
// to nearest, ties to even.
#ifndef SEATS_TOP_BF16_H
#define SEATS_TOP_BF16_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
  /// Number of columns in a full panel.
  bf16_panel_columns = 64,
  /// Number of columns in a vector; the last panel is zero-padded to a multiple of it.
  bf16_vector_columns = 16,
  /// Number of rows in a tile.
  bf16_tile_rows = 6,
};

void kernel_bf16_round(const float *values, size_t count, uint16_t *result);
void kernel_bf16_widen(const uint16_t *values, size_t count, float *result);

/// Packs rows of a [columns, inputs] matrix, which start every `stride` elements, as columns of a
/// panel that is `width` columns wide; zeros fill the last vector.
/// - panel: position of the first column to be written, the start of a vector.
void kernel_bf16_pack(
    const uint16_t *rows, size_t stride, size_t columns, size_t inputs, uint16_t *panel,
    size_t width);

/// `kernel_bf16_pack` for a single-precision matrix.
void kernel_bf16_pack_floats(
    const float *rows, size_t stride, size_t columns, size_t inputs, uint16_t *panel,
    size_t width);

/// Packs the first `columns` columns of an [inputs, columns] matrix as a panel of its padded width.
void kernel_bf16_pack_columns(
    const float *rows, size_t stride, size_t columns, size_t inputs, uint16_t *panel);

/// Activation rows in bfloat16.
struct bf16_rows {
  const uint16_t *values;
  /// Number of elements between row starts.
  size_t stride;
  size_t count;
  /// Number of elements in a row.
  size_t width;
};

/// Computes rows · panel + bias, and writes it to `result` or adds it.
/// - columns: number of columns of the result, at most 64.
/// - bias: [columns], or null.
void kernel_bf16_product(
    struct bf16_rows rows, const uint16_t *panel, size_t columns, const float *bias, float *result,
    size_t result_stride, bool adds);

/// Computes silu(rows · gate + bias) · (rows · up + bias), rounded: the inner activations of a
/// gated MLP.
/// - panel: vectors of gate and up columns alternate.
/// - columns: number of columns of the result, at most 32.
/// - gate_bias, up_bias: [columns], or both null.
void kernel_bf16_gated_product(
    struct bf16_rows rows, const uint16_t *panel, size_t columns, const float *gate_bias,
    const float *up_bias, uint16_t *result, size_t result_stride);

/// Keys and values of one head, packed in panels.
struct bf16_context {
  /// Keys as panel columns, [count, width].
  const uint16_t *keys;
  /// Values as panel rows, [count, width].
  const uint16_t *values;
  size_t count;
  size_t width;
};

/// Queries of the heads that share keys and values: head h of token t starts at values[t ·
/// token_stride + h · width].
struct bf16_queries {
  const float *values;
  size_t token_stride;
  size_t tokens;
  size_t heads;
};

/// Working memory that `kernel_bf16_attend` needs, in bytes.
size_t kernel_bf16_attend_scratch(size_t rows, size_t width);

/// Computes attention softmax(q · kᵀ / √width) · v for all rows of `queries`, rounded to bfloat16.
/// - visible: number of keys that the first token attends to.
/// - growth: number of additional keys for each further token; 1 is causal, 0 is no mask.
/// - result: laid out like the queries, with `result_stride` elements between tokens.
void kernel_bf16_attend(
    struct bf16_queries queries, struct bf16_context context, size_t visible, size_t growth,
    uint16_t *result, size_t result_stride, void *scratch);

/// Working memory that `kernel_bf16_received` needs, in bytes.
size_t kernel_bf16_received_scratch(size_t count, size_t width);

/// Adds to `sums`, [context count], the attention that each key receives from all queries of one
/// head. Uses only the keys of `context`.
void kernel_bf16_received(
    struct bf16_queries queries, struct bf16_context context, float *sums, void *scratch);

#endif
