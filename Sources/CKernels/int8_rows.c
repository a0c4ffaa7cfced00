#include "arithmetic.h"
#include "bf16.h"
#include "int8.h"
#include "kernels.h"

WIDE static float largest_size(const float *values, size_t count) {
  float lanes[16] = {0};
  size_t whole = count / 16 * 16;
  for (size_t first = 0; first < whole; first += 16)
    for (size_t lane = 0; lane < 16; lane++) {
      float value = values[first + lane], size = value < 0 ? -value : value;
      lanes[lane] = size > lanes[lane] ? size : lanes[lane];
    }
  for (size_t i = whole; i < count; i++) {
    float size = values[i] < 0 ? -values[i] : values[i];
    lanes[0] = size > lanes[0] ? size : lanes[0];
  }
  float peak = lanes[0];
  for (size_t lane = 1; lane < 16; lane++) peak = lanes[lane] > peak ? lanes[lane] : peak;
  return peak;
}

/// The nearest integer in −127…127, ties to even.
INLINED int32_t nearest(float value) { return (int32_t)((value + 12582912.0f) - 12582912.0f); }

WIDE static void round_up(const float *values, size_t count, float factor, uint8_t *result) {
  for (size_t i = 0; i < count; i++) result[i] = (uint8_t)(nearest(values[i] * factor) + 128);
}

/// Rows or groups whose largest value is below this count as zeros.
static const float least_peak = 1e-30f;

float kernel_int8_round(const float *values, size_t count, uint8_t *result) {
  // If a value is infinite or NaN, the scale is NaN, and so the whole row becomes NaN.
  float peak = largest_size(values, count) + kernel_zero_if_finite(values, count);
  if (peak > least_peak)
    round_up(values, count, 127.0f / peak, result);
  else
    memset(result, 128, count);
  return peak / 127.0f;
}

/// Writes one column of a group: four inputs side by side, then the next four after those of all
/// other columns. Returns the sum of the integers.
static int32_t place(
    const float *weights, size_t count, float factor, int8_t *numbers, size_t columns) {
  int32_t sum = 0;
  for (size_t i = 0; i < count; i++) {
    int32_t number = factor > 0 ? nearest(weights[i] * factor) : 0;
    numbers[i / int8_quad * columns * int8_quad + i % int8_quad] = (int8_t)number;
    sum += number;
  }
  for (size_t i = count; i % int8_quad; i++)
    numbers[i / int8_quad * columns * int8_quad + i % int8_quad] = 0;
  return sum;
}

void kernel_int8_pack(
    const float *rows, size_t columns, size_t inputs, struct int8_panel panel, size_t first) {
  static const float nothing[int8_group_inputs];
  size_t padded = (columns + bf16_vector_columns - 1) / bf16_vector_columns * bf16_vector_columns;
  for (size_t input = 0, group = 0; input < inputs; input += int8_group_inputs, group++)
    for (size_t column = 0; column < padded; column++) {
      size_t count = smaller(int8_group_inputs, inputs - input);
      const float *weights = column < columns ? rows + column * inputs + input : nothing;
      float peak = largest_size(weights, count) + kernel_zero_if_finite(weights, count);
      size_t place_in_group = group * panel.columns + first + column;
      panel.scales[place_in_group] = peak / 127.0f;
      panel.offsets[place_in_group] =
          -128 * place(
                     weights, count, peak > least_peak ? 127.0f / peak : 0,
                     panel.numbers + input * panel.columns + (first + column) * int8_quad,
                     panel.columns);
    }
}
