// The instructions that this package was compiled for.
#pragma once

/// `set(NAME, "name")` for each set of instructions that a compiler may use unasked: the macro
/// __NAME__ says that it may, and __builtin_cpu_supports knows the set by its name.
#define PROCESSOR_SETS(set) \
  set(SSE3, "sse3") set(SSSE3, "ssse3") set(SSE4_1, "sse4.1") set(SSE4_2, "sse4.2") \
  set(POPCNT, "popcnt") set(AVX, "avx") set(F16C, "f16c") set(AVX2, "avx2") set(FMA, "fma") \
  set(BMI, "bmi") set(BMI2, "bmi2") set(LZCNT, "lzcnt") set(MOVBE, "movbe") \
  set(AVX512F, "avx512f") set(AVX512CD, "avx512cd") set(AVX512VL, "avx512vl") \
  set(AVX512BW, "avx512bw") set(AVX512DQ, "avx512dq") set(AVX512IFMA, "avx512ifma") \
  set(AVX512VBMI, "avx512vbmi") set(AVX512VBMI2, "avx512vbmi2") \
  set(AVX512VNNI, "avx512vnni") set(AVX512BITALG, "avx512bitalg") \
  set(AVX512VPOPCNTDQ, "avx512vpopcntdq") set(AVX512BF16, "avx512bf16") \
  set(AVX512FP16, "avx512fp16") set(GFNI, "gfni") set(VAES, "vaes") \
  set(VPCLMULQDQ, "vpclmulqdq") set(AVXVNNI, "avxvnni") set(AVXIFMA, "avxifma") \
  set(AVXVNNIINT8, "avxvnniint8") set(AVXVNNIINT16, "avxvnniint16") \
  set(AVXNECONVERT, "avxneconvert") set(SSE4A, "sse4a") set(FMA4, "fma4") set(XOP, "xop") \
  set(TBM, "tbm")

// The place of each set in a number with a bit for each.
#define PROCESSOR_PLACE(set, name) processor_place_##set,
enum processor_place { PROCESSOR_SETS(PROCESSOR_PLACE) processor_place_end };
#undef PROCESSOR_PLACE

/// The sets of the native code, a bit for each, from the macros of the compiler that made it; see
/// support.c.
extern const unsigned long long processor_needs;

/// The sets that this processor has, a bit for each.
unsigned long long processor_has(void);

/// The sentence for a processor that has the sets `has` and runs code that needs the sets `needs`,
/// with the first set that is missing; null if none is. The text is overwritten by the next call.
const char *processor_complaint(unsigned long long needs, unsigned long long has);
