/* Records of the .snn file, version 1; see README.md. Little-endian hosts. */
#ifndef SNNSIM_H
#define SNNSIM_H
#include <stddef.h>
#include <stdint.h>

static const unsigned char SNN_MAGIC[8] = {0x89, 'S', 'N', 'N', '\r', '\n', 0x1a, '\n'};

enum { SNN_STRINGS = 1, SNN_NETWORK, SNN_POPULATIONS, SNN_PROJECTIONS, SNN_CHANNELS, SNN_WEIGHTS,
       SNN_INPUT, SNN_ANALOG, SNN_EXTRA = 64 };

typedef struct { uint32_t offset, length; } snn_name;

typedef struct {
  unsigned char magic[8];
  uint32_t version, header_bytes;
  uint64_t file_bytes;
  uint32_t sections, flags;
  uint64_t table;
  uint32_t table_crc, header_crc, body_crc;
  unsigned char reserved[76];
} snn_header;

typedef struct {
  uint32_t type, index;
  uint64_t offset, length;
  uint32_t crc, reserved;
  char name[32];
} snn_section;

typedef struct {
  snn_name name;
  uint32_t precision, output, populations, projections;
  unsigned char reserved[40];
} snn_network;

typedef struct {
  snn_name name;
  uint32_t channels, height, width, model, v_bits, reserved0;
  uint64_t channels_offset;
  int64_t bound_low, bound_high;
  uint64_t reserved1;
} snn_population;

typedef struct {
  uint32_t in_channels, in_height, in_width, out_channels, out_height, out_width, kernel_h, kernel_w,
      stride_h, stride_w, pad_h, pad_w, dilation_h, dilation_w, groups;
} snn_geometry;

typedef struct {
  snn_name name;
  uint32_t kind, source, target, weight_bytes, channel_offset, reserved0;
  snn_geometry geometry;
  unsigned char reserved1[36];
} snn_projection;

_Static_assert(sizeof(snn_header) == 128, "header");
_Static_assert(sizeof(snn_section) == 64, "section");
_Static_assert(sizeof(snn_network) == 64, "network");
_Static_assert(sizeof(snn_population) == 64, "population");
_Static_assert(sizeof(snn_projection) == 128, "projection");

/* CRC-32C (Castagnoli), as in RFC 3720. */
static inline uint32_t snn_crc32c(const unsigned char *p, size_t n) {
  uint32_t crc = 0xffffffffu;
  for (size_t i = 0; i < n; i++) {
    crc ^= p[i];
    for (int k = 0; k < 8; k++) crc = (crc >> 1) ^ (0x82f63b78u & (0u - (crc & 1u)));
  }
  return ~crc;
}
#endif
