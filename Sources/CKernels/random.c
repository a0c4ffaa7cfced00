#include "arithmetic.h"
#include "kernels.h"

// Number of SplitMix64 outputs computed at a time; each gives 16 bits for each of four numbers.
enum { places = 64, numbers_per_place = 4, block = places * numbers_per_place };

/// The output of SplitMix64 at an index of its sequence.
INLINED uint64_t mixed(uint64_t place) {
  uint64_t z = place * 0x9e3779b97f4a7c15u;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
  return z ^ (z >> 31);
}

/// Writes one block of numbers from index `first`, which is a multiple of four.
INLINED void make(uint64_t stream, uint64_t first, float scale, uint16_t *numbers) {
  uint64_t words[places];
  for (uint64_t place = 0; place < places; place++) words[place] = mixed(stream + first + 4 * place);
  uint16_t bits[block];
  // The lowest 16 bits belong to the first number.
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
  memcpy(bits, words, sizeof bits);
#else
  for (int index = 0; index < block; index++) bits[index] = (uint16_t)(words[index / 4] >> 16 * (index % 4));
#endif
  for (int index = 0; index < block; index++) {
    int level = bits[index] & 4095;
    // All operations except the product are exact.
    float value = scale * (((float)level + 0.5f) * (1.0f / 2048.0f) - 1.0f);
    uint32_t pattern;
    memcpy(&pattern, &value, sizeof pattern);
    numbers[index] = (uint16_t)(pattern >> 16);
  }
}

WIDE void kernel_random_bf16(
    uint64_t stream, uint64_t first, size_t count, float scale, uint16_t *numbers) {
  uint64_t start = first & ~(uint64_t)3;
  while (count > 0) {
    size_t skipped = (size_t)(first - start);
    size_t made = block - skipped < count ? block - skipped : count;
    if (skipped == 0 && made == block) {
      make(stream, start, scale, numbers);
    } else {
      uint16_t some[block];
      make(stream, start, scale, some);
      memcpy(numbers, some + skipped, made * sizeof *some);
    }
    numbers += made;
    count -= made;
    start += block;
    first = start;
  }
}
