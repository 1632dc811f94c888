// The few things Swift cannot express: vector instructions that its SIMD types would otherwise
// split into scalars, a pause for spinning threads, huge pages, and a thread-local number.
#pragma once
#include <stdlib.h>

typedef float f8 __attribute__((ext_vector_type(8))); // imported as SIMD8<Float>

#define SUPPORT_INLINE static inline __attribute__((always_inline))

// One instruction each. When a or b is NaN the result is b.
SUPPORT_INLINE f8 f8_max(f8 a, f8 b) { return a > b ? a : b; }
SUPPORT_INLINE f8 f8_min(f8 a, f8 b) { return a < b ? a : b; }
SUPPORT_INLINE f8 f8_if_less(f8 a, f8 b, f8 yes, f8 no) { return a < b ? yes : no; }
SUPPORT_INLINE f8 f8_if_less_or_equal(f8 a, f8 b, f8 yes, f8 no) { return a <= b ? yes : no; }
SUPPORT_INLINE f8 f8_if_equal(f8 a, f8 b, f8 yes, f8 no) { return a == b ? yes : no; }
SUPPORT_INLINE f8 f8_sqrt(f8 a) { return __builtin_elementwise_sqrt(a); }
SUPPORT_INLINE f8 f8_abs(f8 a) { return __builtin_elementwise_abs(a); }
/// The first four values of a and b in turn, and the last four.
SUPPORT_INLINE f8 f8_interleave_low(f8 a, f8 b) {
  return __builtin_shufflevector(a, b, 0, 8, 1, 9, 2, 10, 3, 11);
}
SUPPORT_INLINE f8 f8_interleave_high(f8 a, f8 b) {
  return __builtin_shufflevector(a, b, 4, 12, 5, 13, 6, 14, 7, 15);
}
SUPPORT_INLINE float f8_reduce_max(f8 a) { return __builtin_reduce_max(a); }

/// 1 if there are registers for tiles of 8 × 32 floats (AVX-512): see Vectors/Tile.swift.
SUPPORT_INLINE int support_has_wide_tile(void) {
#ifdef __AVX512F__
  return 1;
#else
  return 0;
#endif
}

/// Tells the processor that this thread is waiting in a loop.
SUPPORT_INLINE void support_pause(void) {
#if defined(__x86_64__) || defined(__i386__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  __asm__ volatile("yield");
#endif
}

/// Memory of `bytes` bytes, aligned to 64, on huge pages where the system offers them.
/// Null if there is not enough memory.
void *support_allocate_large(size_t bytes);

/// The nesting depth of `withoutGradient` in this thread.
int *support_gradient_pause_depth(void);
