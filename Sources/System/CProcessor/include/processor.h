// The instructions that this package was compiled for, as a number with a bit for each set.
#pragma once

#define PROCESSOR_AVX 0x1
#define PROCESSOR_AVX2 0x2
#define PROCESSOR_FMA 0x4
#define PROCESSOR_BMI 0x8
#define PROCESSOR_BMI2 0x10
#define PROCESSOR_AVX512F 0x20
#define PROCESSOR_AVX512VL 0x40
#define PROCESSOR_AVX512BW 0x80
#define PROCESSOR_AVX512DQ 0x100
#define PROCESSOR_AVX512CD 0x200
#define PROCESSOR_AVX512VBMI 0x400
#define PROCESSOR_AVX512VBMI2 0x800
#define PROCESSOR_AVX512VNNI 0x1000
#define PROCESSOR_AVX512BITALG 0x2000
#define PROCESSOR_AVX512IFMA 0x4000
#define PROCESSOR_AVX512VPOPCNTDQ 0x8000
#define PROCESSOR_AVX512BF16 0x10000
#define PROCESSOR_GFNI 0x20000
#define PROCESSOR_VPCLMULQDQ 0x40000
#define PROCESSOR_SSE4_2 0x80000
#define PROCESSOR_POPCNT 0x100000

/// The sets of the native code, from the macros of the compiler that made it; see support.c.
extern const unsigned processor_needs;
