#include "support.h"
#include "processor.h"

#if defined(__linux__)
#include <sys/mman.h>
#endif

const unsigned processor_needs = 0
#ifdef __AVX__
    | PROCESSOR_AVX
#endif
#ifdef __AVX2__
    | PROCESSOR_AVX2
#endif
#ifdef __FMA__
    | PROCESSOR_FMA
#endif
#ifdef __BMI__
    | PROCESSOR_BMI
#endif
#ifdef __BMI2__
    | PROCESSOR_BMI2
#endif
#ifdef __AVX512F__
    | PROCESSOR_AVX512F
#endif
#ifdef __AVX512VL__
    | PROCESSOR_AVX512VL
#endif
#ifdef __AVX512BW__
    | PROCESSOR_AVX512BW
#endif
#ifdef __AVX512DQ__
    | PROCESSOR_AVX512DQ
#endif
#ifdef __AVX512CD__
    | PROCESSOR_AVX512CD
#endif
#ifdef __AVX512VBMI__
    | PROCESSOR_AVX512VBMI
#endif
#ifdef __AVX512VBMI2__
    | PROCESSOR_AVX512VBMI2
#endif
#ifdef __AVX512VNNI__
    | PROCESSOR_AVX512VNNI
#endif
#ifdef __AVX512BITALG__
    | PROCESSOR_AVX512BITALG
#endif
#ifdef __AVX512IFMA__
    | PROCESSOR_AVX512IFMA
#endif
#ifdef __AVX512VPOPCNTDQ__
    | PROCESSOR_AVX512VPOPCNTDQ
#endif
#ifdef __AVX512BF16__
    | PROCESSOR_AVX512BF16
#endif
#ifdef __GFNI__
    | PROCESSOR_GFNI
#endif
#ifdef __VPCLMULQDQ__
    | PROCESSOR_VPCLMULQDQ
#endif
#ifdef __SSE4_2__
    | PROCESSOR_SSE4_2
#endif
#ifdef __POPCNT__
    | PROCESSOR_POPCNT
#endif
    ;

void *support_allocate_large(size_t bytes) {
  const size_t huge = (size_t)2 << 20;
  void *memory = NULL;
  if (posix_memalign(&memory, bytes >= huge ? huge : 64, bytes) != 0) return NULL;
#if defined(__linux__) && defined(MADV_HUGEPAGE)
  if (bytes >= huge) madvise(memory, bytes, MADV_HUGEPAGE);
#endif
  return memory;
}

int *support_gradient_pause_depth(void) {
  static _Thread_local int depth = 0;
  return &depth;
}
