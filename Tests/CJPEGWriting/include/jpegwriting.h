// Writes JPEG files of many kinds, for tests of the reader.
#pragma once
#include <stddef.h>
#include <stdint.h>

enum jpegwriting_kind {
  JPEGWRITING_GREY,
  JPEGWRITING_RGB, // stored as YCbCr
  JPEGWRITING_CMYK,
  JPEGWRITING_YCCK, // CMYK in, stored as YCCK
};

struct jpegwriting_options {
  enum jpegwriting_kind kind;
  int quality;     // 1 … 100
  int progressive; // several scans
  int arithmetic;  // arithmetic coding in place of Huffman's
  int restart;     // blocks between restart markers; 0 for none
};

/// Encodes `samples`, [height, width, channels of the kind]; returns the file in memory of malloc,
/// and its size. Ends the process if libjpeg reports an error.
uint8_t *jpegwriting_encode(const uint8_t *samples, uint32_t width, uint32_t height,
                            struct jpegwriting_options options, size_t *size);
