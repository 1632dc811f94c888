// Reads JPEG files with libjpeg. libjpeg reports errors by calling a function that must not return,
// so these use longjmp, which must not cross Swift frames; this function keeps it in C.
#pragma once
#include <stddef.h>
#include <stdint.h>

enum { JPEGSUPPORT_MESSAGE_SIZE = 256 };

/// Decodes the JPEG of `size` bytes at `file`: grey, YCbCr, RGB, CMYK or YCCK of 8 bits, sequential
/// or progressive, to red, green and blue. `pixels` has room for width × height × 3 values, and the
/// picture must have exactly that size.
/// Returns 1, or 0 with the reason in `message`, which has JPEGSUPPORT_MESSAGE_SIZE bytes.
int jpegsupport_read_rgb(const uint8_t *file, size_t size, uint32_t width, uint32_t height,
                         uint8_t *pixels, char *message);
