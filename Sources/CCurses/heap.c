#include "CCurses.h"

#include <malloc.h>

void cc_trim_heap(void) {
#ifdef __GLIBC__
  malloc_trim(0);
#endif
}
