#include "bf16.h"

#include <stdlib.h>
#include <string.h>

#if defined(__x86_64__)
#include <cpuid.h>
#endif
#if defined(__AMX_BF16__) && defined(__linux__)
#include <immintrin.h>
#include <sys/syscall.h>
#include <unistd.h>
#define HAS_TILES 1
#endif

/// Linux gives the registers of AMX only to processes that ask for them.
static int method(void) {
#if defined(HAS_TILES)
  const char *asked = getenv("BF16");  // Tests of VDPBF16PS say BF16=vectors.
  const int wants_vectors = asked && strcmp(asked, "vectors") == 0;
  const long ask_for_permission = 0x1023, tile_data = 18;
  if (!wants_vectors && syscall(SYS_arch_prctl, ask_for_permission, tile_data) == 0) return bf16_by_tiles;
#endif
#if defined(__AVX512BF16__)
  return bf16_by_vectors;
#else
  return bf16_by_shifts;
#endif
}

int bf16_method(void) {
  static _Atomic int known = -1;
  if (known < 0) known = method();
  return known;
}

int bf16_pays(void) {
  if (bf16_method() != bf16_by_vectors) return bf16_method() == bf16_by_tiles;
#if defined(__x86_64__)
  unsigned eax, name[3];
  if (!__get_cpuid(0, &eax, &name[0], &name[2], &name[1])) return 0;
  return memcmp(name, "AuthenticAMD", 12) == 0;
#else
  return 0;
#endif
}

#if defined(HAS_TILES)

void bf16_begin_tiles(void) {
  struct {
    uint8_t palette, start_row, reserved[14];
    uint16_t bytes[16];
    uint8_t rows[16];
  } shape __attribute__((aligned(64))) = {.palette = 1};
  for (int i = 0; i < 8; i++) {
    shape.bytes[i] = 64;
    shape.rows[i] = 16;
  }
  _tile_loadconfig(&shape);
}

void bf16_end_tiles(void) { _tile_release(); }

// Registers 0 to 3 hold the sums, 4 and 5 rows of a, 6 and 7 columns of b:
//
//             6   7
//         4 ┌ 0   1
//         5 └ 2   3
void bf16_multiply_tile(
    const bf16_rows *a, const uint32_t *b, const float *begin, ptrdiff_t begin_stride, float *c,
    ptrdiff_t stride, int many_rows, int many_columns) {
  const ptrdiff_t from = begin_stride * 4, to = stride * 4;
  if (begin) {
    _tile_loadd(0, begin, from);
    if (many_columns) _tile_loadd(1, begin + 16, from);
    if (many_rows) _tile_loadd(2, begin + 16 * begin_stride, from);
    if (many_rows && many_columns) _tile_loadd(3, begin + 16 * begin_stride + 16, from);
  } else {
    _tile_zero(0);
    _tile_zero(1);
    _tile_zero(2);
    _tile_zero(3);
  }
  for (int run = 0; run < a->runs; run++) {
    const char *rows = (const char *)a->start + run * a->run;
    for (int block = 0; block < a->blocks; block++, rows += a->block, b += 16 * 32) {
      _tile_loadd(6, b, 128);
      _tile_loadd(4, rows, a->row);
      _tile_dpbf16ps(0, 4, 6);
      if (many_columns) {
        _tile_loadd(7, b + 16, 128);
        _tile_dpbf16ps(1, 4, 7);
      }
      if (!many_rows) continue;
      _tile_loadd(5, rows + a->half, a->row);
      _tile_dpbf16ps(2, 5, 6);
      if (many_columns) _tile_dpbf16ps(3, 5, 7);
    }
  }
  _tile_stored(0, c, to);
  if (many_columns) _tile_stored(1, c + 16, to);
  if (many_rows) _tile_stored(2, c + 16 * stride, to);
  if (many_rows && many_columns) _tile_stored(3, c + 16 * stride + 16, to);
}

#else

void bf16_begin_tiles(void) {}
void bf16_end_tiles(void) {}
void bf16_multiply_tile(
    const bf16_rows *a, const uint32_t *b, const float *begin, ptrdiff_t begin_stride, float *c,
    ptrdiff_t stride, int many_rows, int many_columns) {
  (void)a, (void)b, (void)begin, (void)begin_stride, (void)c, (void)stride;
  (void)many_rows, (void)many_columns;
  __builtin_trap();  // bf16_method() says that there are no tiles.
}

#endif
