// Short loops that do nothing but what is measured: products and sums in registers, and a stream
// through memory. Each runs on the thread that calls it.
#pragma once
#include <stddef.h>

/// `rounds` rounds of independent chains of fused multiply-adds on the widest vectors that this was
/// compiled for. Returns how many floating-point operations these were.
double peaks_f32(long rounds);

/// The same with bf16 factors and f32 sums, by the instruction that products use (bf16_method); 0 if
/// there is none.
double peaks_bf16(long rounds);

/// a[i] = b[i] + s · c[i] for `count` numbers: 12 bytes for each, as STREAM counts its triad.
void peaks_triad(float *a, const float *b, const float *c, float s, size_t count);
