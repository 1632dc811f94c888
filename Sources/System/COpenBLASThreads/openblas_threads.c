// OpenBLAS starts a thread for each processor when a program is loaded, and stops the program if the
// system refuses one (ulimit -u, a container's pids.max). Where that would happen, this starts the
// program again with OPENBLAS_NUM_THREADS=1: for a few eigenvalues one is enough.
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "openblas_threads.h"

#if defined(__has_feature)
#if __has_feature(thread_sanitizer) || __has_feature(address_sanitizer)
#define HAS_SANITIZER // not ready so early
#endif
#endif

#if defined(__linux__) && !defined(HAS_SANITIZER)
#include <pthread.h>
#include <sched.h>
#include <string.h>
#include <unistd.h>

static pthread_mutex_t gate = PTHREAD_MUTEX_INITIALIZER;

static void *wait_at_gate(void *nothing) {
  pthread_mutex_lock(&gate);
  pthread_mutex_unlock(&gate);
  return nothing;
}

/// Whether the system lets this process have `count` more threads at a time.
static int gets_threads(int count) {
  pthread_t threads[128];
  int made = 0;
  pthread_mutex_lock(&gate);
  while (made < count && pthread_create(&threads[made], 0, wait_at_gate, 0) == 0) made++;
  pthread_mutex_unlock(&gate);
  for (int i = 0; i < made; i++) pthread_join(threads[i], 0);
  return made == count;
}

static void start(int count, char **arguments, char **environment) {
  (void)count;
  int variables = 0;
  for (; environment[variables]; variables++) {
    if (strncmp(environment[variables], "OPENBLAS_NUM_THREADS=", 21) == 0) return;
  }
  cpu_set_t processors;
  int wanted = sched_getaffinity(0, sizeof processors, &processors) ? 2 : CPU_COUNT(&processors);
  if (wanted > 128) wanted = 128;
  if (gets_threads(wanted - 1)) return;
  char *more[variables + 2];
  memcpy(more, environment, variables * sizeof *more);
  more[variables] = "OPENBLAS_NUM_THREADS=1";
  more[variables + 1] = 0;
  execve("/proc/self/exe", arguments, more);
}

// Runs before the libraries of a program do.
__attribute__((section(".preinit_array"), used)) static void (*const start_first)(
    int, char **, char **) = start;
#endif
