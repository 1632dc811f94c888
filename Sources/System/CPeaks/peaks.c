#include "peaks.h"

#include <bf16.h>
#include <stdint.h>

#if defined(__AVX512BF16__) || defined(__AMX_BF16__)
#include <immintrin.h>
#endif

// A chain waits 4 cycles for its last result (2 instructions a cycle begin on x86, 4 on Apple's
// cores), so 8 chains and more keep the units busy, 16 on Apple's. All must fit the registers.
#if defined(__AVX512F__)
enum { lanes = 16, chains = 16 };
#elif defined(__AVX__)
enum { lanes = 8, chains = 12 };
#else
enum { lanes = 4, chains = 16 };
#endif
typedef float vector __attribute__((ext_vector_type(lanes)));

/// Makes the compiler believe that x was changed, so that it neither folds nor drops the loop.
#if defined(__x86_64__)
#define KEEP(x) __asm__ volatile("" : "+v"(x))
#elif defined(__aarch64__)
#define KEEP(x) __asm__ volatile("" : "+w"(x))
#else
#define KEEP(x) __asm__ volatile("" : "+m"(x))
#endif

double peaks_f32(long rounds) {
  vector sums[chains], factor = 0.999f, step = 0.001f;  // towards 1: neither 0 nor infinite
#pragma clang loop unroll(full)
  for (int i = 0; i < chains; i++) sums[i] = (float)i;
  KEEP(factor);
  KEEP(step);
  for (long round = 0; round < rounds; round++) {
#pragma clang loop unroll(full)
    for (int i = 0; i < chains; i++) {
      sums[i] = sums[i] * factor + step;  // one instruction where there is one for both
      KEEP(sums[i]);
    }
  }
  return (double)rounds * chains * lanes * 2;
}

#if defined(__AVX512BF16__)
static double vectors(long rounds) {
  enum { latency_times_units = 16 };
  __m512 sums[latency_times_units];
  __m512i pairs = _mm512_set1_epi32(0x3c003c00);  // two bf16 numbers of 2⁻⁷
#pragma clang loop unroll(full)
  for (int i = 0; i < latency_times_units; i++) sums[i] = _mm512_set1_ps((float)i);
  KEEP(pairs);
  for (long round = 0; round < rounds; round++) {
#pragma clang loop unroll(full)
    for (int i = 0; i < latency_times_units; i++) {
      sums[i] = _mm512_dpbf16_ps(sums[i], (__m512bh)pairs, (__m512bh)pairs);
      KEEP(sums[i]);
    }
  }
  return (double)rounds * latency_times_units * 16 * 2 * 2;
}
#endif

#if defined(__AMX_BF16__)
/// Six tiles of sums, 16 × 16 each; each instruction adds the products of 16 × 32 with 32 × 16.
static double tiles(long rounds) {
  uint16_t factors[16 * 32] __attribute__((aligned(64)));
  for (int i = 0; i < 16 * 32; i++) factors[i] = 0x3c00;  // 2⁻⁷
  bf16_begin_tiles();
  _tile_zero(0);
  _tile_zero(1);
  _tile_zero(2);
  _tile_zero(3);
  _tile_zero(4);
  _tile_zero(5);
  _tile_loadd(6, factors, 64);
  _tile_loadd(7, factors, 64);
  for (long round = 0; round < rounds; round++) {
    _tile_dpbf16ps(0, 6, 7);
    _tile_dpbf16ps(1, 6, 7);
    _tile_dpbf16ps(2, 6, 7);
    _tile_dpbf16ps(3, 6, 7);
    _tile_dpbf16ps(4, 6, 7);
    _tile_dpbf16ps(5, 6, 7);
  }
  bf16_end_tiles();
  return (double)rounds * 6 * 16 * 16 * 32 * 2;
}
#endif

double peaks_bf16(long rounds) {
#if defined(__AMX_BF16__)
  if (bf16_method() == bf16_by_tiles) return tiles(rounds);
#endif
#if defined(__AVX512BF16__)
  return vectors(rounds);
#else
  (void)rounds;
  return 0;
#endif
}

void peaks_triad(float *a, const float *b, const float *c, float s, size_t count) {
  for (size_t i = 0; i < count; i++) a[i] = b[i] + s * c[i];
}
