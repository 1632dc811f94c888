#include "support.h"
#include "processor.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#if defined(__linux__)
#include <sys/mman.h>
#endif

// IS_ONE(macro) is 1 for a macro that is defined as 1, and 0 for one that is not defined: only then
// PLACEHOLDER_1 puts another argument in front.
#define PLACEHOLDER_1 0,
#define SECOND(first, second, ...) second
#define SECOND_OF(...) SECOND(__VA_ARGS__)
#define IS_ONE(macro) IS_ONE_OF(macro)
#define IS_ONE_OF(value) SECOND_OF(PLACEHOLDER_##value 1, 0, 0)
#define BIT_IF_NEEDED(set, name) | (unsigned long long)IS_ONE(__##set##__) << processor_place_##set

const unsigned long long processor_needs = 0 PROCESSOR_SETS(BIT_IF_NEEDED);

void *support_allocate_large(size_t bytes) {
  const size_t huge = (size_t)2 << 20;
  void *memory = NULL;
  if (posix_memalign(&memory, bytes >= huge ? huge : 64, bytes) != 0) return NULL;
#if defined(__linux__) && defined(MADV_HUGEPAGE)
  if (bytes >= huge) madvise(memory, bytes, MADV_HUGEPAGE);
#endif
  return memory;
}

void support_exit_without_memory(size_t bytes) {
  char line[160];
  snprintf(line, sizeof line,
           "error: out of memory: %zu more bytes wanted; use smaller sizes, or a machine with more\n",
           bytes);
  ssize_t written = write(STDERR_FILENO, line, strlen(line));
  (void)written;  // There is nowhere else to say it.
  _exit(1);
}

int *support_gradient_pause_depth(void) {
  static _Thread_local int depth = 0;
  return &depth;
}

int *support_precision(void) {
  static _Thread_local int precision = 0;
  return &precision;
}

int *support_checkpoints_blocks(void) {
  static _Thread_local int checkpoints = 0;
  return &checkpoints;
}

void **support_outline(void) {
  static _Thread_local void *outline = NULL;
  return &outline;
}
