#include "jpegsupport.h"

#include <setjmp.h>
#include <stdio.h>
#include <string.h>

#include <jerror.h>
#include <jpeglib.h>

// More passes over the picture than any program writes. Without a limit, a small file could keep
// the decoder busy for hours.
enum { MOST_SCANS = 100 };

struct reader {
  struct jpeg_error_mgr errors;
  struct jpeg_source_mgr source;
  struct jpeg_progress_mgr progress;
  jmp_buf start;
  char *message;
  int has_ended;
};

static struct reader *reader_of(j_common_ptr jpeg) { return jpeg->client_data; }

static void fail(j_common_ptr jpeg) {
  struct reader *reader = reader_of(jpeg);
  char text[JMSG_LENGTH_MAX];
  jpeg->err->format_message(jpeg, text);
  snprintf(reader->message, JPEGSUPPORT_MESSAGE_SIZE, "%s", text);
  longjmp(reader->start, 1);
}

static void fail_with(j_common_ptr jpeg, const char *reason) {
  snprintf(reader_of(jpeg)->message, JPEGSUPPORT_MESSAGE_SIZE, "%s", reason);
  longjmp(reader_of(jpeg)->start, 1);
}

// libjpeg only warns where pixels are lost, and makes up grey ones. Those warnings are errors here;
// the others, such as padding between segments, change no pixel.
static void warn(j_common_ptr jpeg, int level) {
  if (level >= 0) return;
  switch (jpeg->err->msg_code) {
  case JWRN_HIT_MARKER:
  case JWRN_HUFF_BAD_CODE:
  case JWRN_MUST_RESYNC:
    fail(jpeg);
  default: break;
  }
}

static void start_source(j_decompress_ptr jpeg) { (void)jpeg; }

// The file is in memory as a whole, so this is called at its end only. Some programs forget the
// marker for the end: it is supplied, once.
static boolean end_source(j_decompress_ptr jpeg) {
  static const JOCTET end[2] = {0xFF, JPEG_EOI};
  struct reader *reader = reader_of((j_common_ptr)jpeg);
  if (reader->has_ended) fail_with((j_common_ptr)jpeg, "the file ends too early");
  reader->has_ended = 1;
  reader->source.next_input_byte = end;
  reader->source.bytes_in_buffer = 2;
  return TRUE;
}

static void skip(j_decompress_ptr jpeg, long count) {
  struct reader *reader = reader_of((j_common_ptr)jpeg);
  if (count <= 0) return;
  if ((size_t)count > reader->source.bytes_in_buffer)
    fail_with((j_common_ptr)jpeg, "the file ends too early");
  reader->source.next_input_byte += count;
  reader->source.bytes_in_buffer -= count;
}

static void watch(j_common_ptr jpeg) {
  if (((j_decompress_ptr)jpeg)->input_scan_number > MOST_SCANS)
    fail_with(jpeg, "it has more than 100 scans");
}

// Programs store CMYK inverted, as Adobe does: 255 is no ink.
static void rgb_of_cmyk(const JSAMPLE *cmyk, uint8_t *rgb, uint32_t width) {
  for (uint32_t x = 0; x < width; x++, cmyk += 4, rgb += 3)
    for (int c = 0; c < 3; c++) rgb[c] = (uint8_t)((cmyk[c] * cmyk[3] + 127) / 255);
}

static void read_rows(j_decompress_ptr jpeg, uint8_t *pixels) {
  uint32_t width = jpeg->output_width;
  JSAMPROW cmyk = NULL;
  if (jpeg->out_color_space == JCS_CMYK)
    cmyk = jpeg->mem->alloc_large((j_common_ptr)jpeg, JPOOL_IMAGE, (size_t)width * 4);
  while (jpeg->output_scanline < jpeg->output_height) {
    uint8_t *out = pixels + (size_t)jpeg->output_scanline * width * 3;
    JSAMPROW row = cmyk ? cmyk : out;
    if (jpeg_read_scanlines(jpeg, &row, 1) != 1)
      fail_with((j_common_ptr)jpeg, "the file ends too early");
    if (cmyk) rgb_of_cmyk(cmyk, out, width);
  }
}

int jpegsupport_read_rgb(const uint8_t *file, size_t size, uint32_t width, uint32_t height,
                         uint8_t *pixels, char *message) {
  struct jpeg_decompress_struct jpeg = {0};
  struct reader reader = {.message = message};
  jpeg.err = jpeg_std_error(&reader.errors);
  jpeg.client_data = &reader;
  reader.errors.error_exit = fail;
  reader.errors.emit_message = warn;
  if (setjmp(reader.start)) {
    jpeg_destroy_decompress(&jpeg);
    return 0;
  }
  jpeg_create_decompress(&jpeg);
  reader.source = (struct jpeg_source_mgr){
      .next_input_byte = file,
      .bytes_in_buffer = size,
      .init_source = start_source,
      .fill_input_buffer = end_source,
      .skip_input_data = skip,
      .resync_to_restart = jpeg_resync_to_restart,
      .term_source = start_source,
  };
  jpeg.src = &reader.source;
  reader.progress.progress_monitor = watch;
  jpeg.progress = &reader.progress;

  jpeg_read_header(&jpeg, TRUE);
  if (jpeg.image_width != width || jpeg.image_height != height)
    fail_with((j_common_ptr)&jpeg, "the picture has another size than the header");
  int is_cmyk = jpeg.jpeg_color_space == JCS_CMYK || jpeg.jpeg_color_space == JCS_YCCK;
  jpeg.out_color_space = is_cmyk ? JCS_CMYK : JCS_RGB;
  jpeg_start_decompress(&jpeg);
  read_rows(&jpeg, pixels);
  jpeg_finish_decompress(&jpeg);
  // One scan of all channels cannot have lost its end unnoticed; of several, some may be missing.
  int is_whole = !jpeg.progressive_mode && jpeg.comps_in_scan == jpeg.num_components;
  if (reader.has_ended && !is_whole)
    fail_with((j_common_ptr)&jpeg, "the file ends too early");
  jpeg_destroy_decompress(&jpeg);
  return 1;
}
