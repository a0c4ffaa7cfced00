#include "kernels.h"

#if defined(__GLIBC__)
#include <malloc.h>
#endif

void kernel_return_large_blocks(void) {
#if defined(__GLIBC__)
  // Otherwise malloc raises its threshold to the largest block freed so far, and keeps smaller
  // blocks.
  mallopt(M_MMAP_THRESHOLD, 1 << 20);
#endif
}
