#include "kernels.h"

#if defined(__GLIBC__)
#include <malloc.h>
#endif

void kernel_return_large_blocks(void) {
#if defined(__GLIBC__)
  // Otherwise the threshold rises to the largest block that was freed, and blocks below it stay.
  mallopt(M_MMAP_THRESHOLD, 1 << 20);
#endif
}
