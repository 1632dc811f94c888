// Ends the program with a sentence on a processor that lacks instructions it was compiled for. This
// file is compiled for any processor, unlike all others, and runs before them.
#include "processor.h"

#include <string.h>
#include <unistd.h>

#if defined(__x86_64__)
#define BIT_IF_SUPPORTED(set, name) \
  | (unsigned long long)!!__builtin_cpu_supports(name) << processor_place_##set

unsigned long long processor_has(void) {
  __builtin_cpu_init();
  return 0 PROCESSOR_SETS(BIT_IF_SUPPORTED);
}
#else
// Other processors get code for all of their kind.
unsigned long long processor_has(void) { return ~0ull; }
#endif

#define NAME(set, name) name,
static const char *const names[] = {PROCESSOR_SETS(NAME)};

const char *processor_complaint(unsigned long long needs, unsigned long long has) {
  static char text[200];
  for (int place = 0; place < processor_place_end; place++) {
    if (!((needs & ~has) >> place & 1)) continue;
    strcpy(text, "error: this program was built for a processor with ");
    strcat(text, names[place]);
    strcat(text, ", which this one lacks; build it here again (make clean, then the same command)\n");
    return text;
  }
  return 0;
}

__attribute__((constructor(101))) static void check_processor(void) {
  const char *complaint = processor_complaint(processor_needs, processor_has());
  if (!complaint) return;
  ssize_t written = write(2, complaint, strlen(complaint));
  _exit(written < 0 ? 2 : 1);
}
