// Ends the program with a sentence on a processor that lacks instructions it was compiled for. This
// file is compiled for any processor, unlike all others, and runs before them.
#include "processor.h"

#if defined(__x86_64__)
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define lacks(set, name) ((processor_needs & PROCESSOR_##set) && !__builtin_cpu_supports(name))

__attribute__((constructor(101))) static void check_processor(void) {
  int missing = 0;
  __builtin_cpu_init();
  missing |= lacks(AVX, "avx");
  missing |= lacks(AVX2, "avx2");
  missing |= lacks(FMA, "fma");
  missing |= lacks(BMI, "bmi");
  missing |= lacks(BMI2, "bmi2");
  missing |= lacks(AVX512F, "avx512f");
  missing |= lacks(AVX512VL, "avx512vl");
  missing |= lacks(AVX512BW, "avx512bw");
  missing |= lacks(AVX512DQ, "avx512dq");
  missing |= lacks(AVX512CD, "avx512cd");
  missing |= lacks(AVX512VBMI, "avx512vbmi");
  missing |= lacks(AVX512VBMI2, "avx512vbmi2");
  missing |= lacks(AVX512VNNI, "avx512vnni");
  missing |= lacks(AVX512BITALG, "avx512bitalg");
  missing |= lacks(AVX512IFMA, "avx512ifma");
  missing |= lacks(AVX512VPOPCNTDQ, "avx512vpopcntdq");
  missing |= lacks(AVX512BF16, "avx512bf16");
  missing |= lacks(GFNI, "gfni");
  missing |= lacks(VPCLMULQDQ, "vpclmulqdq");
  missing |= lacks(SSE4_2, "sse4.2");
  missing |= lacks(POPCNT, "popcnt");
  if (!missing) return;
  static const char sentence[] =
      "error: this program was built for another processor; build it again on this one "
      "(make clean, then the same command)\n";
  ssize_t written = write(2, sentence, strlen(sentence));
  _exit(written < 0 ? 2 : 1);
}
#endif
