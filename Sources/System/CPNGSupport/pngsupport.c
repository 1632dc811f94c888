#include "pngsupport.h"

#include <png.h>
#include <setjmp.h>
#include <stdio.h>
#include <string.h>

struct source {
  const uint8_t *next;
  size_t left;
  const uint8_t *end; // what follows the file
  size_t end_left;
};

// The chunk that ends every PNG: its length, name and checksum.
static const uint8_t iend[12] = {0, 0, 0, 0, 'I', 'E', 'N', 'D', 0xAE, 0x42, 0x60, 0x82};

// A file that ends within or before IEND, after whole chunks, lacks nothing: the source goes on with
// the rest of IEND. Whether all pixels are there, libpng sees.
static struct source complete(const uint8_t *file, size_t size) {
  size_t place = 8;
  while (place < size && size - place >= 12) {
    const uint8_t *chunk = file + place;
    size_t length =
        (size_t)chunk[0] << 24 | (size_t)chunk[1] << 16 | (size_t)chunk[2] << 8 | chunk[3];
    if (length > size - place - 12) break;
    if (memcmp(chunk + 4, iend + 4, 4) == 0) break;
    place += 12 + length;
  }
  size_t rest = place <= size ? size - place : 12;
  int is_cut = rest < 12 && memcmp(file + place, iend, rest) == 0;
  return (struct source){file, size, iend + rest % 12, is_cut ? 12 - rest : 0};
}

static void read_bytes(png_structp png, png_bytep out, size_t count) {
  struct source *source = png_get_io_ptr(png);
  if (source->left < count && source->left + source->end_left >= count) {
    size_t first = source->left;
    memcpy(out, source->next, first);
    out += first;
    count -= first;
    *source = (struct source){source->end, source->end_left, NULL, 0};
  }
  if (count > source->left) png_error(png, "the file ends too early");
  memcpy(out, source->next, count);
  source->next += count;
  source->left -= count;
}

static void fail(png_structp png, png_const_charp reason) {
  snprintf(png_get_error_ptr(png), PNGSUPPORT_MESSAGE_SIZE, "%s", reason);
  png_longjmp(png, 1);
}

// A chunk that is not needed and has a wrong checksum is dropped with a warning. The one exception is
// tRNS, without which the picture would lose its transparency.
static void warn(png_structp png, png_const_charp warning) {
  if (strncmp(warning, "tRNS", 4) == 0) png_error(png, warning);
}

int pngsupport_read_rgba16(const uint8_t *file, size_t size, uint32_t width, uint32_t height,
                           uint16_t *pixels, char *message) {
  struct source source = complete(file, size);
  snprintf(message, PNGSUPPORT_MESSAGE_SIZE, "out of memory");
  png_structp png = png_create_read_struct(PNG_LIBPNG_VER_STRING, message, fail, warn);
  if (png == NULL) return 0;
  png_infop info = png_create_info_struct(png);
  if (info == NULL || setjmp(png_jmpbuf(png))) {
    png_destroy_read_struct(&png, &info, NULL);
    return 0;
  }

  png_set_read_fn(png, &source, read_bytes);
  png_set_user_limits(png, width, height);
  // Reads only the chunks that hold pixels (IHDR, PLTE, tRNS, IDAT, IEND). The others, such as
  // gamma, colour profile and text, are skipped without being stored. A wrong checksum in a chunk
  // that pixels depend on is an error; in the others it does not matter.
  png_set_keep_unknown_chunks(png, PNG_HANDLE_CHUNK_NEVER, NULL, -1);
  png_set_chunk_malloc_max(png, 1 << 20);
  png_set_crc_action(png, PNG_CRC_ERROR_QUIT, PNG_CRC_WARN_DISCARD);

  png_read_info(png, info);
  if (png_get_image_width(png, info) != width || png_get_image_height(png, info) != height)
    png_error(png, "the picture has another size than the header");
  png_set_expand_16(png); // palette, 1, 2, 4 and 8 bits, transparent colour -> 16 bits, alpha
  png_set_gray_to_rgb(png);
  png_set_add_alpha(png, 0xffff, PNG_FILLER_AFTER);
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
  png_set_swap(png);
#endif
  int passes = png_set_interlace_handling(png);
  png_read_update_info(png, info);
  if (png_get_rowbytes(png, info) != (size_t)width * 4 * sizeof(uint16_t))
    png_error(png, "the rows have an unexpected length");

  for (int pass = 0; pass < passes; pass++)
    for (uint32_t y = 0; y < height; y++)
      png_read_row(png, (png_bytep)(pixels + (size_t)y * width * 4), NULL);
  png_read_end(png, NULL);
  png_destroy_read_struct(&png, &info, NULL);
  return 1;
}
