// Sums of products of bf16 numbers: the upper half of a float, 1 sign, 8 exponent and 7 fraction bits.
#pragma once
#include <stddef.h>
#include <stdint.h>
#if defined(__AVX512BF16__)
#include <immintrin.h>
#endif

// Where vectors are shorter, how a call passes sixteen floats depends on the compiler's options. All
// functions here are inlined, so there is no such call.
#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wpsabi"

typedef float bf16_sums __attribute__((ext_vector_type(16)));    // imported as SIMD16<Float>
typedef uint32_t bf16_pairs __attribute__((ext_vector_type(16))); // imported as SIMD16<UInt32>

/// sums + low half of a · low half of b + high half of a · high half of b, lane by lane.
static inline __attribute__((always_inline)) bf16_sums bf16_dot(
    bf16_sums sums, bf16_pairs a, bf16_pairs b) {
#if defined(__AVX512BF16__)
  return (bf16_sums)_mm512_dpbf16_ps((__m512)sums, (__m512bh)a, (__m512bh)b);
#else
  sums += (bf16_sums)(a & 0xffff0000u) * (bf16_sums)(b & 0xffff0000u);
  return sums + (bf16_sums)(a << 16) * (bf16_sums)(b << 16);
#endif
}

/// The nearest bf16 numbers, ties to even, as the lower halves of 32 bits. NaN stays NaN.
static inline __attribute__((always_inline)) bf16_pairs bf16_round(bf16_sums x) {
  bf16_pairs bits = (bf16_pairs)x;
  bf16_pairs rounded = (bits + 0x7fffu + ((bits >> 16) & 1u)) >> 16;
  return x == x ? rounded : (bits >> 16) | 0x40u;
}

/// Sixteen pairs: the roundings of low in the lower halves, those of high in the upper ones.
static inline __attribute__((always_inline)) bf16_pairs bf16_pair(bf16_sums low, bf16_sums high) {
  return bf16_round(low) | bf16_round(high) << 16;
}

/// Sixteen pairs of the roundings of 32 numbers in a row, each with its neighbour.
static inline __attribute__((always_inline)) bf16_pairs bf16_neighbours(
    bf16_sums first, bf16_sums second) {
  return bf16_pair(
      __builtin_shufflevector(
          first, second, 0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30),
      __builtin_shufflevector(
          first, second, 1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23, 25, 27, 29, 31));
}

#pragma clang diagnostic pop

// How this machine multiplies bf16 numbers.
enum {
  bf16_by_shifts = 0,   // as two products of floats
  bf16_by_vectors = 1,  // VDPBF16PS
  bf16_by_tiles = 2,    // AMX: TDPBF16PS
};
int bf16_method(void);

/// 1 where bf16 products take clearly less time than products of floats: on AMX and on AMD's
/// processors with VDPBF16PS (1.8 times the rate of floats; on Intel's the rates are equal).
int bf16_pays(void);

/// Where 32 rows of pairs lie: 16 rows `row` bytes apart, the other 16 `half` bytes further on; blocks
/// of 16 pairs `block` bytes apart, `blocks` of them in each run; runs `run` bytes apart.
typedef struct {
  const void *start;
  ptrdiff_t row, half, block, run;
  int blocks, runs;
} bf16_rows;

/// c[32][32], rows `stride` floats apart, = begin + a · b by AMX. b has 16 rows of 32 pairs for each
/// block of a. `begin` (null for zeros) has rows `begin_stride` floats apart. Halves of rows and columns
/// that are not needed are left as they are.
void bf16_multiply_tile(
    const bf16_rows *a, const uint32_t *b, const float *begin, ptrdiff_t begin_stride, float *c,
    ptrdiff_t stride, int many_rows, int many_columns);

/// Before and after tiles are used by a thread.
void bf16_begin_tiles(void);
void bf16_end_tiles(void);
