// Reads PNG files with libpng's full interface. libpng reports errors by longjmp, which must not
// cross Swift frames, so this function keeps it in C.
#pragma once
#include <stddef.h>
#include <stdint.h>

enum { PNGSUPPORT_MESSAGE_SIZE = 256 };

/// Decodes the PNG of `size` bytes at `file`, of any kind, to 16-bit red, green, blue and alpha.
/// `pixels` has room for width × height × 4 values, and the picture must have exactly that size.
/// Returns 1, or 0 with libpng's error in `message`, which has PNGSUPPORT_MESSAGE_SIZE bytes.
int pngsupport_read_rgba16(const uint8_t *file, size_t size, uint32_t width, uint32_t height,
                           uint16_t *pixels, char *message);
