#include "jpegwriting.h"

#include <stdio.h>

#include <jpeglib.h>

uint8_t *jpegwriting_encode(const uint8_t *samples, uint32_t width, uint32_t height,
                            struct jpegwriting_options options, size_t *size) {
  struct jpeg_compress_struct jpeg;
  struct jpeg_error_mgr errors;
  jpeg.err = jpeg_std_error(&errors); // its error handler exits
  jpeg_create_compress(&jpeg);
  unsigned char *file = NULL;
  unsigned long length = 0;
  jpeg_mem_dest(&jpeg, &file, &length);
  jpeg.image_width = width;
  jpeg.image_height = height;
  static const int channels[] = {1, 3, 4, 4};
  static const J_COLOR_SPACE spaces[] = {JCS_GRAYSCALE, JCS_RGB, JCS_CMYK, JCS_CMYK};
  jpeg.input_components = channels[options.kind];
  jpeg.in_color_space = spaces[options.kind];
  jpeg_set_defaults(&jpeg);
  if (options.kind == JPEGWRITING_YCCK) jpeg_set_colorspace(&jpeg, JCS_YCCK);
  jpeg_set_quality(&jpeg, options.quality, TRUE);
  if (options.progressive) jpeg_simple_progression(&jpeg);
  jpeg.arith_code = options.arithmetic;
  jpeg.restart_interval = options.restart;
  jpeg_start_compress(&jpeg, TRUE);
  while (jpeg.next_scanline < height) {
    JSAMPROW row = (JSAMPROW)samples + (size_t)jpeg.next_scanline * width * jpeg.input_components;
    jpeg_write_scanlines(&jpeg, &row, 1);
  }
  jpeg_finish_compress(&jpeg);
  jpeg_destroy_compress(&jpeg);
  *size = length;
  return file;
}
