#include <math.h>

#include "arithmetic.h"
#include "bf16_tile.h"

/// Keys in a block: together with their values they stay in the second-level cache for all rows.
enum { block_keys = 512 };

INLINED size_t up_to(size_t multiple, size_t count) {
  return (count + multiple - 1) / multiple * multiple;
}

/// Number of vectors of 16 for `columns` columns.
static size_t vectors(size_t columns) {
  return up_to(bf16_vector_columns, columns) / bf16_vector_columns;
}

/// Query rows with their running sums, for attention over blocks of keys.
struct rows {
  size_t count, width;
  /// Number of elements between row starts.
  size_t stride;
  uint16_t *queries;
  /// Σ weight · value per row, not yet divided by Σ weight.
  float *mixed;
  float *peaks, *sums;
  /// Attention scores of one group of rows, [6, keys].
  float *scores;
  uint16_t *weights;
};

static struct rows rows_in(void *scratch, size_t count, size_t width, size_t keys) {
  struct rows rows = {.count = count, .width = width, .stride = up_to(16, width)};
  char *next = scratch;
  rows.mixed = (float *)next;
  next += count * rows.stride * sizeof(float);
  rows.scores = (float *)next;
  next += bf16_tile_rows * keys * sizeof(float);
  rows.queries = (uint16_t *)next;
  next += count * rows.stride * sizeof(uint16_t);
  rows.weights = (uint16_t *)next;
  next += bf16_tile_rows * keys * sizeof(uint16_t);
  rows.peaks = (float *)next;
  rows.sums = rows.peaks + count;
  return rows;
}

static size_t scratch_bytes(size_t count, size_t width, size_t keys) {
  size_t each = up_to(16, width) * (sizeof(float) + sizeof(uint16_t)) + 2 * sizeof(float);
  return count * each + bf16_tile_rows * keys * (sizeof(float) + sizeof(uint16_t)) + 64;
}

size_t kernel_bf16_attend_scratch(size_t rows, size_t width) {
  return scratch_bytes(rows, width, block_keys);
}

size_t kernel_bf16_received_scratch(size_t count, size_t width) {
  return scratch_bytes(count, width, up_to(bf16_panel_columns, count));
}

/// Rounds the queries to bfloat16: row t · heads + h is head h of token t.
static void take(struct rows *rows, struct bf16_queries queries) {
  for (size_t row = 0; row < rows->count; row++) {
    const float *query = queries.values + row / queries.heads * queries.token_stride +
                         row % queries.heads * rows->width;
    uint16_t *taken = rows->queries + row * rows->stride;
    kernel_bf16_round(query, rows->width, taken);
    for (size_t i = rows->width; i < rows->stride; i++) taken[i] = 0;
    for (size_t i = 0; i < rows->stride; i++) rows->mixed[row * rows->stride + i] = 0;
    rows->peaks[row] = -INFINITY;
    rows->sums[row] = 0;
  }
}

/// Computes attention scores of up to 6 rows for the keys `first` … `first + keys − 1`; `first` is
/// the start of a panel.
static void score(
    const struct rows *rows, size_t row, size_t count, struct bf16_context context, size_t first,
    size_t keys, size_t scores_stride) {
  size_t pairs = (rows->width + 1) / 2;
  for (size_t key = 0; key < keys; key += bf16_panel_columns) {
    size_t rest = smaller(bf16_panel_columns, context.count - first - key);
    size_t wanted = smaller(bf16_panel_columns, keys - key);
    struct bf16_tile tile = {
        .rows = rows->queries + row * rows->stride,
        .row_stride = rows->stride,
        .row_count = count,
        .panel = context.keys + (first + key) * pairs * 2,
        .vectors = vectors(wanted),
        .panel_vectors = vectors(rest),
        .pairs = pairs,
    };
    bf16_multiply(&tile, rows->scores + key, scores_stride, false);
  }
}

/// Adds weights · values to the running sums of the rows.
static void mix(
    const struct rows *rows, size_t row, size_t count, struct bf16_context context, size_t first,
    size_t keys, size_t weights_stride) {
  for (size_t column = 0; column < rows->stride; column += bf16_panel_columns) {
    size_t columns = smaller(bf16_panel_columns, rows->stride - column);
    struct bf16_tile tile = {
        .rows = rows->weights,
        .row_stride = weights_stride,
        .row_count = count,
        .panel = context.values + up_to(2, context.count) * column + first * columns,
        .vectors = vectors(columns),
        .panel_vectors = vectors(columns),
        .pairs = (keys + 1) / 2,
    };
    bf16_multiply(&tile, rows->mixed + row * rows->stride + column, rows->stride, true);
  }
}

/// Factor that converts scores to exponents of two: log₂ e / √width.
static float scale_of(struct bf16_context context) {
  return 1.44269504088896341f / sqrtf((float)context.width);
}

WIDE static float largest(const float *values, size_t count) {
  float lanes[16];
  for (size_t lane = 0; lane < 16; lane++) lanes[lane] = values[0];
  size_t whole = count / 16 * 16;
  for (size_t i = 0; i < whole; i += 16)
    for (size_t lane = 0; lane < 16; lane++)
      lanes[lane] = values[i + lane] > lanes[lane] ? values[i + lane] : lanes[lane];
  for (size_t i = whole; i < count; i++) lanes[0] = values[i] > lanes[0] ? values[i] : lanes[0];
  float peak = lanes[0];
  for (size_t lane = 1; lane < 16; lane++) peak = lanes[lane] > peak ? lanes[lane] : peak;
  return peak;
}

/// Writes weights 2^((score − peak) · scale), zero-filled up to `padded`; returns their sum.
/// - scores: padded to a whole vector.
WIDE static float weigh(
    float *restrict scores, size_t count, size_t padded, float peak, float scale,
    uint16_t *restrict weights) {
  for (size_t i = count; i < up_to(16, count); i++) scores[i] = -INFINITY;
  float lanes[16] = {0};
  for (size_t i = 0; i < count; i += 16)
    for (size_t lane = 0; lane < 16; lane++) {
      float weight = power_of_two((scores[i + lane] - peak) * scale);
      lanes[lane] += weight;
      weights[i + lane] = rounded_finite(weight);
    }
  for (size_t i = count; i < padded; i++) weights[i] = 0;
  float sum = 0;
  for (size_t lane = 0; lane < 16; lane++) sum += lanes[lane];
  return sum;
}

WIDE static void shrink(float *values, size_t count, float factor) {
  for (size_t i = 0; i < count; i++) values[i] *= factor;
}

/// Converts the scores of one row to weights, and rescales its running sums to the new peak (online
/// softmax).
static void reweigh(
    struct rows *rows, size_t row, size_t place, size_t seen, size_t padded, float scale) {
  float *scores = rows->scores + place * block_keys;
  uint16_t *weights = rows->weights + place * block_keys;
  if (seen == 0) {
    memset(weights, 0, padded * sizeof *weights);
    return;
  }
  float before = rows->peaks[row], peak = largest(scores, seen);
  if (peak > before) {
    float factor = power_of_two((before - peak) * scale);
    rows->peaks[row] = peak;
    rows->sums[row] *= factor;
    shrink(rows->mixed + row * rows->stride, rows->stride, factor);
  }
  rows->sums[row] += weigh(scores, seen, padded, rows->peaks[row], scale, weights);
}

WIDE static void give(const float *mixed, size_t count, float scale, uint16_t *result) {
  for (size_t i = 0; i < count; i++) result[i] = rounded(mixed[i] * scale);
}

void kernel_bf16_attend(
    struct bf16_queries queries, struct bf16_context context, size_t visible, size_t growth,
    uint16_t *result, size_t result_stride, void *scratch) {
  struct rows rows =
      rows_in(scratch, queries.tokens * queries.heads, context.width, block_keys);
  take(&rows, queries);
  float scale = scale_of(context);
  for (size_t first = 0; first < context.count; first += block_keys)
    for (size_t row = 0; row < rows.count; row += bf16_tile_rows) {
      size_t count = smaller(bf16_tile_rows, rows.count - row);
      size_t reach = visible + (row + count - 1) / queries.heads * growth;
      if (reach <= first) continue;
      size_t keys = smaller(smaller(block_keys, context.count - first), reach - first);
      score(&rows, row, count, context, first, keys, block_keys);
      for (size_t i = 0; i < count; i++) {
        size_t sees = visible + (row + i) / queries.heads * growth;
        size_t seen = sees > first ? smaller(keys, sees - first) : 0;
        reweigh(&rows, row + i, i, seen, up_to(2, keys), scale);
      }
      mix(&rows, row, count, context, first, keys, block_keys);
    }
  for (size_t row = 0; row < rows.count; row++)
    give(
        rows.mixed + row * rows.stride, rows.width, 1.0f / rows.sums[row],
        result + row / queries.heads * result_stride + row % queries.heads * rows.width);
}

/// Adds the softmax weights 2^(scores · scale), divided by their sum, to `sums`.
WIDE static void receive(
    float *restrict scores, size_t count, float scale, float *restrict sums) {
  float peak = largest(scores, count);
  for (size_t i = count; i < up_to(16, count); i++) scores[i] = -INFINITY;
  float lanes[16] = {0};
  for (size_t i = 0; i < count; i += 16)
    for (size_t lane = 0; lane < 16; lane++) {
      float weight = power_of_two((scores[i + lane] - peak) * scale);
      lanes[lane] += weight;
      scores[i + lane] = weight;
    }
  float total = 0;
  for (size_t lane = 0; lane < 16; lane++) total += lanes[lane];
  float share = 1.0f / total;
  for (size_t i = 0; i < count; i++) sums[i] += scores[i] * share;
}

void kernel_bf16_received(
    struct bf16_queries queries, struct bf16_context context, float *sums, void *scratch) {
  size_t stride = up_to(bf16_panel_columns, context.count);
  struct rows rows = rows_in(scratch, queries.tokens * queries.heads, context.width, stride);
  take(&rows, queries);
  float scale = scale_of(context);
  for (size_t row = 0; row < rows.count; row += bf16_tile_rows) {
    size_t count = smaller(bf16_tile_rows, rows.count - row);
    score(&rows, row, count, context, 0, context.count, stride);
    for (size_t i = 0; i < count; i++)
      receive(rows.scores + i * stride, context.count, scale, sums);
  }
}
