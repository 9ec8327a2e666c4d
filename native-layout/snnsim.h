/* SPDX-License-Identifier: Apache-2.0 */
/* Reads a .snn file, version 1 to 4, as README.md specifies it: the records, access to every value, and
 * with snn_check.h a check of the whole file. Headers only, C11, no library but the standard one. For
 * little-endian hosts: records are used where they lie. */
#ifndef SNNSIM_H
#define SNNSIM_H
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "snnsim.h reads records in place and needs a little-endian host"
#endif

static const unsigned char SNN_MAGIC[8] = {0x89, 'S', 'N', 'N', '\r', '\n', 0x1a, '\n'};

enum { SNN_STRINGS = 1, SNN_NETWORK, SNN_POPULATIONS, SNN_PROJECTIONS, SNN_CHANNELS, SNN_WEIGHTS,
       SNN_INPUT, SNN_ANALOG, SNN_EXTRA = 64 };
enum { SNN_I8, SNN_I16, SNN_I32 };                  /* precision */
enum { SNN_IF, SNN_MAX_GATE, SNN_SIGNED_IF, SNN_FEW_SPIKE, SNN_MAX_RACE, SNN_MODELS }; /* neuron model */
enum { SNN_CONV, SNN_CHANNELWISE, SNN_GATE };       /* kind of projection */
enum { SNN_BLOCK = 64 };                            /* output channels of a block */
enum { SNN_MOST_STEPS = 10 };                       /* of a code */

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
  uint32_t channels, height, width, model, v_bits, parameter;
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

typedef struct { uint32_t channels, height, width, analogs; } snn_input;

typedef struct {
  snn_name name;
  uint32_t target;
  int32_t low, high;
  uint32_t reserved0[3];
  snn_geometry geometry;
  unsigned char reserved1[36];
} snn_analog;

_Static_assert(sizeof(snn_header) == 128, "header");
_Static_assert(sizeof(snn_section) == 64, "section");
_Static_assert(sizeof(snn_network) == 64, "network");
_Static_assert(sizeof(snn_population) == 64, "population");
_Static_assert(sizeof(snn_projection) == 128, "projection");
_Static_assert(sizeof(snn_analog) == 128, "analog projection");

/* An open file. All pointers lead into `bytes`, which snn_close frees. */
typedef struct {
  unsigned char *bytes;
  uint64_t size;
  const snn_header *header;
  const snn_section *sections;
  const snn_network *network;
  const snn_population *populations;
  const snn_projection *projections;
  const snn_input *input;
  const float *mean, *std; /* per channel of the image */
  const snn_analog *analogs;
  const char *strings;
  const unsigned char *channels;
} snn_file;

/* CRC-32C (Castagnoli), as in RFC 3720. */
static inline uint32_t snn_crc32c(const unsigned char *p, size_t n) {
  uint32_t crc = 0xffffffffu;
  for (size_t i = 0; i < n; i++) {
    crc ^= p[i];
    for (int k = 0; k < 8; k++) crc = (crc >> 1) ^ (0x82f63b78u & (0u - (crc & 1u)));
  }
  return ~crc;
}

/* The section of a type and index, or NULL. */
static inline const snn_section *snn_find(const snn_file *f, uint32_t type, uint32_t index) {
  for (uint32_t i = 0; i < f->header->sections; i++)
    if (f->sections[i].type == type && f->sections[i].index == index) return &f->sections[i];
  return NULL;
}

/* The oldest version that holds a neuron model. */
static inline uint32_t snn_model_version(uint32_t model) {
  return model >= SNN_FEW_SPIKE ? 3 : model == SNN_SIGNED_IF ? 2 : 1;
}

/* K of a network of few-spike neurons, whose layers read K steps and then send K; 0 of others. */
static inline uint32_t snn_code_steps(const snn_population *p) {
  return p->model == SNN_FEW_SPIKE || p->model == SNN_MAX_RACE ? p->parameter : 0;
}
static inline int snn_is_gate(const snn_population *p) {
  return p->model == SNN_MAX_GATE || p->model == SNN_MAX_RACE;
}

/* Theta, V(0) and bias (integers in grid units) and lambda of a population, one value a channel. */
static inline const int32_t *snn_theta(const snn_file *f, const snn_population *p) {
  return (const int32_t *)(const void *)(f->channels + p->channels_offset);
}
static inline const int32_t *snn_v0(const snn_file *f, const snn_population *p) {
  return snn_theta(f, p) + p->channels;
}
static inline const int32_t *snn_bias(const snn_file *f, const snn_population *p) {
  return snn_theta(f, p) + 2 * (size_t)p->channels;
}
static inline const float *snn_lambda(const snn_file *f, const snn_population *p) {
  return (const float *)(const void *)(snn_theta(f, p) + 3 * (size_t)p->channels);
}

/* Lanes of block b: its output channels, padded to whole 64 bytes of V. */
static inline uint32_t snn_lanes(uint32_t out_channels, uint32_t v_bits, uint32_t b) {
  uint32_t left = out_channels - b * SNN_BLOCK, granule = 512 / v_bits;
  if (left > SNN_BLOCK) left = SNN_BLOCK;
  return (left + granule - 1) / granule * granule;
}

/* First input channel that block b reads, and one past the last. */
static inline uint32_t snn_ic_start(const snn_geometry *g, uint32_t b) {
  return b * SNN_BLOCK / (g->out_channels / g->groups) * (g->in_channels / g->groups);
}
static inline uint32_t snn_ic_end(const snn_geometry *g, uint32_t b) {
  uint32_t last = (b + 1) * SNN_BLOCK < g->out_channels ? (b + 1) * SNN_BLOCK - 1 : g->out_channels - 1;
  return (last / (g->out_channels / g->groups) + 1) * (g->in_channels / g->groups);
}

/* Weights (not bytes) before block b; of all blocks if b is their number. */
static inline uint64_t snn_block_start(const snn_geometry *g, uint32_t v_bits, uint32_t b) {
  uint64_t n = 0;
  for (uint32_t i = 0; i < b; i++)
    n += (uint64_t)g->kernel_h * g->kernel_w * (snn_ic_end(g, i) - snn_ic_start(g, i)) *
         snn_lanes(g->out_channels, v_bits, i);
  return n;
}
static inline uint32_t snn_blocks(const snn_geometry *g) {
  return (g->out_channels + SNN_BLOCK - 1) / SNN_BLOCK;
}

/* Weight of projection j from input channel ic at tap (ky, kx) to output channel oc. 0 where they are
 * in different groups. Kind 0 only. */
static inline int32_t snn_weight(const snn_file *f, uint32_t j, uint32_t oc, uint32_t ic, uint32_t ky,
                                 uint32_t kx) {
  const snn_projection *p = &f->projections[j];
  const snn_geometry *g = &p->geometry;
  uint32_t bits = p->weight_bytes == 4 ? 32 : 16, b = oc / SNN_BLOCK;
  uint32_t start = snn_ic_start(g, b), count = snn_ic_end(g, b) - start;
  if (ic < start || ic >= start + count) return 0;
  uint64_t row = (uint64_t)(ky * g->kernel_w + kx) * count + (ic - start);
  uint64_t at = snn_block_start(g, bits, b) + row * snn_lanes(g->out_channels, bits, b) + oc % SNN_BLOCK;
  const unsigned char *w = f->bytes + snn_find(f, SNN_WEIGHTS, j)->offset;
  if (p->weight_bytes == 1) return ((const int8_t *)w)[at];
  if (p->weight_bytes == 2) return ((const int16_t *)(const void *)w)[at];
  return ((const int32_t *)(const void *)w)[at];
}

#include "snn_check.h"

static inline void snn_close(snn_file *f) {
  free(f->bytes);
  f->bytes = NULL;
}

/* Reads and checks a file. Returns 0, or an exit code after one line on stderr. */
static inline int snn_open(const char *path, snn_file *f) {
  memset(f, 0, sizeof *f);
  FILE *in = fopen(path, "rb");
  if (!in) {
    perror(path);
    return 66;
  }
  long end = -1;
  if (fseek(in, 0, SEEK_END) == 0) end = ftell(in);
  if (end < 0 || fseek(in, 0, SEEK_SET) != 0) {
    perror(path);
    fclose(in);
    return 74;
  }
  f->size = (uint64_t)end;
  f->bytes = malloc(f->size < sizeof(snn_header) ? sizeof(snn_header) : (size_t)f->size);
  if (!f->bytes || fread(f->bytes, 1, (size_t)f->size, in) != f->size) {
    fprintf(stderr, "%s: cannot be read\n", path);
    fclose(in);
    snn_close(f);
    return 74;
  }
  fclose(in);
  const char *problem = snn_frame_problem(f);
  if (!problem) problem = snn_records_problem(f);
  if (problem) {
    fprintf(stderr, "%s: not a sound .snn file: %s\n", path, problem);
    snn_close(f);
    return 65;
  }
  return 0;
}
#endif
