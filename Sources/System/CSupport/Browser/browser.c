// What Swift and this package need of a C library, where there is none: in a page, compiled for
// WebAssembly. The page itself gives five functions, listed first.
#include "support.h"

#include "bf16.h"

#define FROM_PAGE(name) __attribute__((import_module("page"), import_name(name)))

FROM_PAGE("exp") double page_exp(double x);
FROM_PAGE("log") double page_log(double x);
/// Shows a byte of a message.
FROM_PAGE("put") void page_put(int byte);
/// Ends the program: `bytes` more bytes cannot be had.
FROM_PAGE("noMemory") __attribute__((noreturn)) void page_no_memory(size_t bytes);

FROM_PAGE("normalise") size_t page_normalise(
    const void *text, size_t bytes, int compatible, void *result, size_t room);

size_t support_normalise(
    const void *text, size_t bytes, int compatible, void *result, size_t room) {
  return page_normalise(text, bytes, compatible, result, room);
}

double exp(double x) { return page_exp(x); }
double log(double x) { return page_log(x); }

int putchar(int byte) {
  page_put(byte);
  return byte;
}

// MARK: Memory
//
// Blocks come from the end of the memory and go back to a list of blocks of their size, from which
// the next of that size is taken. There are four sizes per power of two, so at most a quarter of a
// block is wasted; a page that draws one picture after the other asks for the same sizes again and
// again, and its memory stops growing after the first.

extern unsigned char __heap_base;

typedef struct Block {
  struct Block *next;
} Block;

enum { smallest = 4 };          // 2⁴ bytes
enum { header = 64 };           // so that blocks are aligned to 64 bytes; it holds the number of the size
static Block *unused[4 * 32];
static uintptr_t end = 0;

/// The number of the smallest size that holds `bytes`; replaces these by the size.
static unsigned size_number(size_t *bytes) {
  size_t size = *bytes < (1 << smallest) ? 1 << smallest : *bytes;
  unsigned exponent = 31 - (unsigned)__builtin_clz((unsigned)(size - 1) | 1);  // 2^exponent < size
  size_t quarter = (size_t)1 << (exponent - 2);
  unsigned step = (unsigned)((size - 1 - ((size_t)1 << exponent)) / quarter);  // 0 … 3
  *bytes = ((size_t)1 << exponent) + (step + 1) * quarter;
  return 4 * exponent + step;
}

/// `bytes` bytes that no block has had; null if there are no more.
static unsigned char *fresh(size_t bytes) {
  if (!end) end = ((uintptr_t)&__heap_base + header - 1) & ~(uintptr_t)(header - 1);
  size_t there = __builtin_wasm_memory_size(0) << 16;
  if (end + bytes > there) {
    size_t pages = (end + bytes - there + 0xffff) >> 16;
    if (__builtin_wasm_memory_grow(0, pages) == (size_t)-1) return NULL;
  }
  unsigned char *block = (unsigned char *)end;
  end += bytes;
  return block;
}

void *malloc(size_t bytes) {
  if (bytes > (size_t)1 << 30) return NULL;
  unsigned number = size_number(&bytes);
  Block *block = unused[number];
  if (block) {
    unused[number] = block->next;
    return block;
  }
  unsigned char *start = fresh(header + ((bytes + header - 1) & ~(size_t)(header - 1)));
  if (!start) return NULL;
  *(unsigned *)start = number;
  return start + header;
}

void free(void *memory) {
  if (!memory) return;
  unsigned number = *(unsigned *)((unsigned char *)memory - header);
  Block *block = memory;
  block->next = unused[number];
  unused[number] = block;
}

int posix_memalign(void **memory, size_t alignment, size_t bytes) {
  *memory = alignment <= header ? malloc(bytes) : NULL;
  return *memory ? 0 : 12;  // ENOMEM
}

void *support_allocate_large(size_t bytes) { return malloc(bytes); }

void support_exit_without_memory(size_t bytes) { page_no_memory(bytes); }

// MARK: Bytes. Each is one instruction; written as a loop, it would be compiled to a call of itself.

void *memset(void *to, int value, size_t bytes) {
  __asm__ volatile("local.get %0\nlocal.get %1\nlocal.get %2\nmemory.fill 0" ::"r"(to), "r"(value),
                   "r"(bytes));
  return to;
}

void *memmove(void *to, const void *from, size_t bytes) {
  __asm__ volatile("local.get %0\nlocal.get %1\nlocal.get %2\nmemory.copy 0, 0" ::"r"(to), "r"(from),
                   "r"(bytes));
  return to;
}

void *memcpy(void *to, const void *from, size_t bytes) { return memmove(to, from, bytes); }

__attribute__((no_builtin)) int memcmp(const void *first, const void *second, size_t bytes) {
  const unsigned char *a = first, *b = second;
  for (size_t i = 0; i < bytes; i++) {
    if (a[i] != b[i]) return a[i] - b[i];
  }
  return 0;
}

size_t strlen(const char *text) {
  size_t count = 0;
  while (text[count]) count++;
  return count;
}

// MARK: Numbers

float fmaxf(float a, float b) { return a != a ? b : b != b ? a : a > b ? a : b; }

float fminf(float a, float b) { return a != a ? b : b != b ? a : a < b ? a : b; }

/// The nearest whole number, halves away from zero.
float roundf(float x) {
  float whole = __builtin_truncf(x);
  return __builtin_fabsf(x - whole) >= 0.5f ? whole + __builtin_copysignf(1, x) : whole;
}

double round(double x) {
  double whole = __builtin_trunc(x);
  return __builtin_fabs(x - whole) >= 0.5 ? whole + __builtin_copysign(1, x) : whole;
}

/// A product of 128 bits, from products of 32 bits.
unsigned __int128 __multi3(unsigned __int128 a, unsigned __int128 b) {
  uint64_t x = (uint64_t)a, y = (uint64_t)b, low = 0xffffffffu;
  uint64_t ll = (x & low) * (y & low), lh = (x & low) * (y >> 32), hl = (x >> 32) * (y & low);
  uint64_t middle = (ll >> 32) + (lh & low) + (hl & low);
  uint64_t high = (x >> 32) * (y >> 32) + (lh >> 32) + (hl >> 32) + (middle >> 32);
  high += (uint64_t)(a >> 64) * y + x * (uint64_t)(b >> 64);
  return (unsigned __int128)high << 64 | middle << 32 | (ll & low);
}

/// Seeds the hashes of dictionaries: always the same, so that a page does the same in every run.
void arc4random_buf(void *memory, size_t bytes) {
  for (size_t i = 0; i < bytes; i++) ((unsigned char *)memory)[i] = (unsigned char)(i * 37 + 11);
}

char *getenv(const char *name) {
  (void)name;
  return NULL;
}

// MARK: State of the only thread

int *support_gradient_pause_depth(void) {
  static int depth = 0;
  return &depth;
}

int *support_precision(void) {
  static int precision = 0;
  return &precision;
}

int *support_checkpoints_blocks(void) {
  static int checkpoints = 0;
  return &checkpoints;
}

void **support_outline(void) {
  static void *outline = NULL;
  return &outline;
}

// MARK: bf16 is for training.

int bf16_method(void) { return bf16_by_shifts; }

int bf16_pays(void) { return 0; }

void bf16_multiply_tile(const bf16_rows *a, const uint32_t *b, const float *begin,
                        ptrdiff_t begin_stride, float *c, ptrdiff_t stride, int many_rows,
                        int many_columns) {
  __builtin_trap();
}

void bf16_begin_tiles(void) {}

void bf16_end_tiles(void) {}
