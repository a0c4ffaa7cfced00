// What the allocator holds, every ten seconds, of a program that it is loaded into:
//
//     cc -shared -fPIC -o heap_watch.so Tests/HeapWatch/heap_watch.c
//     HEAP_WATCH=seats-top:heap.log LD_PRELOAD=$PWD/heap_watch.so PROGRAM…
//
// A leak grows `used`; what only `free` grows by was given back and lies scattered between blocks.
#define _GNU_SOURCE
#include <errno.h>
#include <malloc.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *path;

static void *watch(void *unused) {
  (void)unused;
  FILE *log = fopen(path, "w");
  if (!log) return NULL;
  for (int seconds = 0;; seconds += 10) {
    long all = 0, resident = 0;
    FILE *status = fopen("/proc/self/statm", "r");
    if (status) {
      if (fscanf(status, "%ld %ld", &all, &resident) != 2) resident = 0;
      fclose(status);
    }
    struct mallinfo2 heap = mallinfo2();
    fprintf(log, "%6d s  resident %ld KiB  used %zu KiB  free %zu KiB  mapped %zu KiB\n", seconds,
            resident * (sysconf(_SC_PAGESIZE) / 1024), heap.uordblks / 1024, heap.fordblks / 1024,
            heap.hblkhd / 1024);
    fflush(log);
    sleep(10);
  }
}

// HEAP_WATCH=NAME:FILE concerns the executable of that name only.
__attribute__((constructor)) static void begin(void) {
  const char *wish = getenv("HEAP_WATCH");
  const char *colon = wish ? strchr(wish, ':') : NULL;
  size_t length = colon ? (size_t)(colon - wish) : 0;
  if (!colon || strlen(program_invocation_short_name) != length ||
      strncmp(program_invocation_short_name, wish, length) != 0)
    return;
  path = colon + 1;
  pthread_t thread;
  pthread_create(&thread, NULL, watch, NULL);
}
