// The few things Swift cannot express: vector instructions that its SIMD types would otherwise
// split into scalars, a pause for spinning threads, huge pages, and a thread-local number.
#pragma once
#if defined(__wasm__)
// There is no C library: Browser/browser.c has what is needed of one.
#include <stddef.h>
#include <stdint.h>
void *malloc(size_t bytes);
void free(void *memory);
int posix_memalign(void **memory, size_t alignment, size_t bytes);
char *getenv(const char *name);
double exp(double x);
double log(double x);
/// The page's normal form of UTF-8: NFC, or NFKC if `compatible`. Writes at most `room` bytes; returns
/// how many it has.
size_t support_normalise(
    const void *text, size_t bytes, int compatible, void *result, size_t room);
#else
#include <stdlib.h>
#endif

typedef float f8 __attribute__((ext_vector_type(8)));   // imported as SIMD8<Float>
typedef float f16 __attribute__((ext_vector_type(16))); // imported as SIMD16<Float>
typedef float f4 __attribute__((ext_vector_type(4)));
typedef float f2 __attribute__((ext_vector_type(2)));
typedef int i16 __attribute__((ext_vector_type(16)));

#define SUPPORT_INLINE static inline __attribute__((always_inline))

/// The first four values of a and b in turn, and the last four.
SUPPORT_INLINE f8 f8_interleave_low(f8 a, f8 b) {
  return __builtin_shufflevector(a, b, 0, 8, 1, 9, 2, 10, 3, 11);
}
SUPPORT_INLINE f8 f8_interleave_high(f8 a, f8 b) {
  return __builtin_shufflevector(a, b, 4, 12, 5, 13, 6, 14, 7, 15);
}

// One instruction each with AVX-512. When a or b is NaN the result is b.
SUPPORT_INLINE f16 f16_max(f16 a, f16 b) { return a > b ? a : b; }
SUPPORT_INLINE f16 f16_min(f16 a, f16 b) { return a < b ? a : b; }
SUPPORT_INLINE f16 f16_if_less(f16 a, f16 b, f16 yes, f16 no) { return a < b ? yes : no; }
SUPPORT_INLINE f16 f16_if_less_or_equal(f16 a, f16 b, f16 yes, f16 no) {
  return a <= b ? yes : no;
}
SUPPORT_INLINE f16 f16_if_equal(f16 a, f16 b, f16 yes, f16 no) { return a == b ? yes : no; }
SUPPORT_INLINE f16 f16_sqrt(f16 a) { return __builtin_elementwise_sqrt(a); }
SUPPORT_INLINE f16 f16_abs(f16 a) { return __builtin_elementwise_abs(a); }
SUPPORT_INLINE f8 f16_low(f16 a) { return a.lo; }
SUPPORT_INLINE f8 f16_high(f16 a) { return a.hi; }

/// The largest lane. (`__builtin_reduce_max` looks at one lane after the other, for the sake of NaN.)
SUPPORT_INLINE float f16_reduce_max(f16 a) {
  f8 b = a.lo > a.hi ? a.lo : a.hi;
  f4 c = b.lo > b.hi ? b.lo : b.hi;
  f2 d = c.lo > c.hi ? c.lo : c.hi;
  return d.x > d.y ? d.x : d.y;
}

/// a · 2ⁿ for whole n between -127 and 128.
SUPPORT_INLINE f16 f16_scale(f16 a, f16 n) {
#ifdef __AVX512F__
  return __builtin_ia32_scalefps512_mask(a, n, a, -1, 4);
#else
  // 2ⁿ is built in two factors, so that n = 128 does not leave the exponent's range.
  i16 exponent = __builtin_convertvector(n, i16);
  i16 half = exponent >> 1;
  return a * (f16)((half + 127) << 23) * (f16)((exponent - half + 127) << 23);
#endif
}

/// The first `count` ≤ 16 values at an address, then zeros.
SUPPORT_INLINE f16 f16_load_first(const float *x, long count) {
  f16 value = 0;
#ifdef __AVX512F__
  return __builtin_ia32_loadups512_mask(x, value, (unsigned short)((1u << count) - 1));
#else
  for (long i = 0; i < count; i++) value[i] = x[i];
  return value;
#endif
}

/// Writes the first `count` ≤ 16 values.
SUPPORT_INLINE void f16_store_first(float *y, long count, f16 value) {
#ifdef __AVX512F__
  __builtin_ia32_storeups512_mask(y, value, (unsigned short)((1u << count) - 1));
#else
  for (long i = 0; i < count; i++) y[i] = value[i];
#endif
}

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

/// Ends the program with one line on standard error and status 1, as no memory of `bytes` bytes can
/// be had. Nothing is allocated on the way.
void support_exit_without_memory(size_t bytes) __attribute__((noreturn));

/// The nesting depth of `withoutGradient` in this thread.
int *support_gradient_pause_depth(void);

/// The number of the precision in which this thread multiplies.
int *support_precision(void);

/// 1 if this thread checkpoints the activations of blocks.
int *support_checkpoints_blocks(void);

/// Where this thread notes what a checkpointed result depends on; null if it records histories.
void **support_outline(void);
