#include "processor.h"

#include <stdatomic.h>

#if defined(__x86_64__)
#include <cpuid.h>

static bool is_there(enum kernel_instruction instruction) {
  unsigned a, b, c, d;
  if (!__builtin_cpu_supports("avx512bw") || !__builtin_cpu_supports("avx512vl")) return false;
  switch (instruction) {
  case kernel_avx512_bf16: return __get_cpuid_count(7, 1, &a, &b, &c, &d) && (a >> 5 & 1);
  case kernel_avx512_vnni: return __get_cpuid_count(7, 0, &a, &b, &c, &d) && (c >> 11 & 1);
  }
  return false;
}
#else
static bool is_there(enum kernel_instruction instruction) {
  (void)instruction;
  return false;
}
#endif

enum { undecided, portable, native };
static atomic_int choices[] = {[kernel_avx512_bf16] = undecided, [kernel_avx512_vnni] = undecided};

bool kernel_is_native(enum kernel_instruction instruction) {
  int choice = atomic_load_explicit(&choices[instruction], memory_order_relaxed);
  if (choice == undecided) {
    choice = is_there(instruction) ? native : portable;
    atomic_store_explicit(&choices[instruction], choice, memory_order_relaxed);
  }
  return choice == native;
}

void kernel_use_portable(enum kernel_instruction instruction, bool wanted) {
  atomic_store_explicit(
      &choices[instruction], wanted ? portable : undecided, memory_order_relaxed);
}
