#include "processor.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#if defined(__x86_64__)
#include <cpuid.h>

static bool has_dot(enum kernel_numbers numbers) {
  unsigned a, b, c, d;
  switch (numbers) {
  case kernel_bfloat16: return __get_cpuid_count(7, 1, &a, &b, &c, &d) && (a >> 5 & 1);
  case kernel_int8: return __get_cpuid_count(7, 0, &a, &b, &c, &d) && (c >> 11 & 1);
  }
  return false;
}

static enum kernel_path detect(enum kernel_numbers numbers) {
  if (!__builtin_cpu_supports("avx2") || !__builtin_cpu_supports("fma")) return kernel_portable;
  if (!__builtin_cpu_supports("avx512f") || !__builtin_cpu_supports("avx512bw") ||
      !__builtin_cpu_supports("avx512vl"))
    return kernel_avx2;
  return has_dot(numbers) ? kernel_avx512_dot : kernel_avx512;
}
#else
static enum kernel_path detect(enum kernel_numbers numbers) {
  (void)numbers;
  return kernel_portable;
}
#endif

enum { undecided = -1 };
static atomic_int detected[] = {[kernel_bfloat16] = undecided, [kernel_int8] = undecided};
static atomic_int limit = undecided;

static int limit_at_first(void) {
  static const char *const names[] = {"portable", "avx2", "avx512"};
  const char *wanted = getenv("SEATS_TOP_KERNELS");
  for (int path = kernel_portable; wanted && path <= kernel_avx512; path++)
    if (strcmp(wanted, names[path]) == 0) return path;
  return kernel_avx512_dot;
}

enum kernel_path kernel_widest_path(enum kernel_numbers numbers) {
  int path = atomic_load_explicit(&detected[numbers], memory_order_relaxed);
  if (path == undecided) {
    path = detect(numbers);
    atomic_store_explicit(&detected[numbers], path, memory_order_relaxed);
  }
  return path;
}

enum kernel_path kernel_path_of(enum kernel_numbers numbers) {
  int most = atomic_load_explicit(&limit, memory_order_relaxed);
  if (most == undecided) {
    most = limit_at_first();
    atomic_store_explicit(&limit, most, memory_order_relaxed);
  }
  int widest = kernel_widest_path(numbers);
  return widest < most ? widest : most;
}

void kernel_limit(enum kernel_path widest) {
  atomic_store_explicit(&limit, widest, memory_order_relaxed);
}
