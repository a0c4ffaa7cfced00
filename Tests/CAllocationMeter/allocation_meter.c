// Stands before glibc's allocator and counts. Only the fuzzer links it.
#include "allocation_meter.h"

#include <errno.h>
#include <malloc.h>

static __thread int is_counting;
static __thread long held, most;

void allocation_meter_start(void) {
  held = most = 0;
  is_counting = 1;
}

size_t allocation_meter_stop(void) {
  is_counting = 0;
  return (size_t)most;
}

#if !__has_feature(address_sanitizer)
extern void *__libc_malloc(size_t), *__libc_calloc(size_t, size_t);
extern void *__libc_realloc(void *, size_t), *__libc_memalign(size_t, size_t);
extern void __libc_free(void *);

static void *taken(void *block) {
  if (is_counting && block) {
    held += (long)malloc_usable_size(block);
    if (held > most) most = held;
  }
  return block;
}

static void given_back(void *block) {
  if (is_counting && block) held -= (long)malloc_usable_size(block);
}

void *malloc(size_t size) { return taken(__libc_malloc(size)); }

void *calloc(size_t count, size_t size) { return taken(__libc_calloc(count, size)); }

void *realloc(void *block, size_t size) {
  given_back(block);
  return taken(__libc_realloc(block, size));
}

void free(void *block) {
  given_back(block);
  __libc_free(block);
}

void *memalign(size_t alignment, size_t size) { return taken(__libc_memalign(alignment, size)); }

void *aligned_alloc(size_t alignment, size_t size) { return memalign(alignment, size); }

int posix_memalign(void **block, size_t alignment, size_t size) {
  *block = memalign(alignment, size);
  return *block ? 0 : ENOMEM;
}
#endif
