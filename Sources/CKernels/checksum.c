#include "arithmetic.h"
#include "kernels.h"

// As many independent chains as fill eight of the widest registers, so that no step waits for
// another.
enum { chains = 128, block_bytes = chains * sizeof(uint32_t) };

/// Every step is a bijection of its chain, so that a single changed word always changes the
/// checksum.
WIDE static void follow(uint32_t *sums, const uint8_t *bytes, size_t blocks) {
  uint32_t now[chains];
  memcpy(now, sums, sizeof now);
  for (size_t block = 0; block < blocks; block++)
    for (size_t chain = 0; chain < chains; chain++) {
      uint32_t word;
      memcpy(&word, bytes + block * block_bytes + chain * sizeof word, sizeof word);
      uint32_t mixed = now[chain] ^ word;
      now[chain] = (mixed << 15 | mixed >> 17) * 0x9e3779b1u;
    }
  memcpy(sums, now, sizeof now);
}

uint64_t kernel_checksum(const void *bytes, size_t count) {
  uint32_t sums[chains];
  for (uint32_t chain = 0; chain < chains; chain++) sums[chain] = (chain + 1) * 0x85ebca6bu;
  follow(sums, bytes, count / block_bytes);
  uint8_t last[block_bytes] = {0};
  size_t rest = count % block_bytes;
  if (rest > 0) {
    memcpy(last, (const uint8_t *)bytes + count - rest, rest);
    follow(sums, last, 1);
  }
  uint64_t all = count;
  for (size_t chain = 0; chain < chains; chain++) {
    all = (all ^ sums[chain]) * 0x9e3779b97f4a7c15u;
    all ^= all >> 32;
  }
  return all;
}
