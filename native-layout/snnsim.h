/* SPDX-License-Identifier: Apache-2.0 */
/* Reads a .snn file, version 1, 2 or 3, as README.md specifies it: the records, a check of the whole file, and
 * access to every value. Header only, C11, no library but the standard one. For little-endian hosts:
 * records are used where they lie. */
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

static inline const char *snn_geometry_problem(const snn_geometry *g) {
  const uint32_t *v = &g->in_channels;
  for (int i = 0; i < 15; i++)
    if (v[i] > 1u << 20 || (v[i] == 0 && i != 10 && i != 11)) return "a geometry value is out of range";
  if (g->in_channels % g->groups || g->out_channels % g->groups) return "groups do not divide channels";
  for (int d = 0; d < 2; d++) {
    int64_t in = d ? g->in_width : g->in_height, out = d ? g->out_width : g->out_height;
    int64_t kernel = d ? g->kernel_w : g->kernel_h, stride = d ? g->stride_w : g->stride_h;
    int64_t pad = d ? g->pad_w : g->pad_h, dilation = d ? g->dilation_w : g->dilation_h;
    int64_t span = in + 2 * pad - dilation * (kernel - 1) - 1;
    if (span < 0 || span / stride + 1 != out) return "a map size does not follow from its window";
  }
  return NULL;
}

static inline const char *snn_name_problem(const snn_section *strings, snn_name n) {
  return (uint64_t)n.offset + n.length > strings->length ? "a name lies outside of strings" : NULL;
}

/* Checks header, table and checksums, as README.md says under "Reading". */
static inline const char *snn_frame_problem(const snn_file *f) {
  const snn_header *h = (const snn_header *)(const void *)f->bytes;
  if (f->size < sizeof *h) return "truncated header";
  if (memcmp(h->magic, SNN_MAGIC, 8) != 0) return "not a .snn file";
  if (h->version < 1 || h->version > 3) return "another format version than 1 to 3";
  snn_header zeroed = *h;
  zeroed.header_crc = 0;
  if (snn_crc32c((const unsigned char *)&zeroed, sizeof zeroed) != h->header_crc) return "header checksum";
  if (h->file_bytes != f->size) return "the size differs from the header's";
  if (h->header_bytes != 128 || h->table != 128 || h->flags != 0 || h->sections < 1 ||
      h->sections > 65536 || 128 + 64 * (uint64_t)h->sections > f->size)
    return "impossible section table";
  if (snn_crc32c(f->bytes + 128, 64 * (size_t)h->sections) != h->table_crc) return "table checksum";
  if (snn_crc32c(f->bytes + 128, (size_t)f->size - 128) != h->body_crc) return "file checksum";
  const snn_section *s = (const snn_section *)(const void *)(f->bytes + 128);
  uint64_t expected = (128 + 64 * (uint64_t)h->sections + 63) / 64 * 64;
  for (uint32_t i = 0; i < h->sections; i++) {
    if (s[i].offset != expected || s[i].length > f->size - s[i].offset) return "a section's place";
    if (snn_crc32c(f->bytes + s[i].offset, (size_t)s[i].length) != s[i].crc) return "a section's checksum";
    expected = (s[i].offset + s[i].length + 63) / 64 * 64;
  }
  return expected == f->size ? NULL : "the sections do not end with the file";
}

static inline const char *snn_model_problem(const snn_file *f, const snn_population *p) {
  if (p->model >= SNN_MODELS) return "an unknown neuron model";
  if (f->header->version < snn_model_version(p->model)) return "a neuron model that this version lacks";
  if (p->model >= SNN_FEW_SPIKE && (p->parameter < 1 || p->parameter > SNN_MOST_STEPS))
    return "a code of no steps or of more than 10";
  if (snn_code_steps(p) != snn_code_steps(&f->populations[f->network->output])) return "more than one code";
  return NULL;
}

/* Checks that the records fit each other, and sets the pointers to them. */
static inline const char *snn_records_problem(snn_file *f) {
  f->header = (const snn_header *)(const void *)f->bytes;
  f->sections = (const snn_section *)(const void *)(f->bytes + 128);
  const snn_section *strings = snn_find(f, SNN_STRINGS, 0), *network = snn_find(f, SNN_NETWORK, 0);
  const snn_section *populations = snn_find(f, SNN_POPULATIONS, 0), *channels = snn_find(f, SNN_CHANNELS, 0);
  const snn_section *projections = snn_find(f, SNN_PROJECTIONS, 0), *input = snn_find(f, SNN_INPUT, 0);
  const char *problem;
  if (!strings || !network || !populations || !channels || !projections || !input) return "a section is missing";
  f->strings = (const char *)f->bytes + strings->offset;
  f->channels = f->bytes + channels->offset;
  if (network->length != sizeof(snn_network)) return "the section network";
  const snn_network *n = f->network = (const snn_network *)(const void *)(f->bytes + network->offset);
  if (populations->length != (uint64_t)n->populations * sizeof(snn_population)) return "the section populations";
  if (projections->length != (uint64_t)n->projections * sizeof(snn_projection)) return "the section projections";
  if (n->output >= n->populations) return "no output population";
  if ((problem = snn_name_problem(strings, n->name))) return problem;
  f->populations = (const snn_population *)(const void *)(f->bytes + populations->offset);
  f->projections = (const snn_projection *)(const void *)(f->bytes + projections->offset);
  uint64_t values = 0;
  for (uint32_t i = 0; i < n->populations; i++) {
    const snn_population *p = &f->populations[i];
    if ((problem = snn_name_problem(strings, p->name))) return problem;
    if (!p->channels || !p->height || !p->width || (double)p->channels * p->height * p->width > 1 << 28)
      return "an impossible population";
    if (p->v_bits != 16 && p->v_bits != 32) return "an unknown width of V";
    if ((problem = snn_model_problem(f, p))) return problem;
    if (p->channels_offset != values || p->channels > (channels->length - values) / 16) return "the section channels";
    values += 16 * (uint64_t)p->channels;
  }
  if (values != channels->length) return "the section channels";
  for (uint32_t j = 0; j < n->projections; j++) {
    const snn_projection *p = &f->projections[j];
    const snn_geometry *g = &p->geometry;
    if ((problem = snn_name_problem(strings, p->name)) || (problem = snn_geometry_problem(g))) return problem;
    if (p->source >= p->target || p->target >= n->populations) return "a projection does not lead forward";
    const snn_population *s = &f->populations[p->source], *t = &f->populations[p->target];
    if (g->in_channels != s->channels || g->in_height != s->height || g->in_width != s->width ||
        g->out_channels != t->channels || g->out_height != t->height || g->out_width != t->width)
      return "a projection does not fit its populations";
    if ((p->kind == SNN_GATE) != snn_is_gate(t)) return "a projection does not fit its target";
    uint64_t bytes;
    if (p->kind == SNN_CONV) {
      if (p->weight_bytes != 4 && (t->v_bits == 32 || (p->weight_bytes != 1 && p->weight_bytes != 2)))
        return "weights of an impossible size";
      if (p->weight_bytes == 4 && t->v_bits != 32) return "weights of an impossible size";
      bytes = snn_block_start(g, t->v_bits, snn_blocks(g)) * p->weight_bytes;
    } else if (p->kind == SNN_CHANNELWISE) {
      if ((uint64_t)p->channel_offset + g->in_channels > g->out_channels) return "a channel offset";
      bytes = 4 * (uint64_t)g->in_channels * g->kernel_h * g->kernel_w;
    } else if (p->kind == SNN_GATE) {
      if (g->in_channels != g->out_channels) return "a gate between different channel counts";
      continue;
    } else {
      return "an unknown kind of projection";
    }
    const snn_section *w = snn_find(f, SNN_WEIGHTS, j);
    if (!w || w->length != bytes) return "the weights of a projection";
  }
  for (uint32_t i = 0; i < n->populations; i++) {
    uint32_t sources = 0;
    for (uint32_t j = 0; j < n->projections; j++) sources += f->projections[j].target == i;
    if (snn_is_gate(&f->populations[i]) && sources != 1) return "a gate without or with several sources";
  }
  if (input->length < sizeof(snn_input)) return "the section input";
  const snn_input *in = f->input = (const snn_input *)(const void *)(f->bytes + input->offset);
  if (!in->channels || !in->height || !in->width || (double)in->channels * in->height * in->width > 1 << 28)
    return "an impossible input";
  uint64_t head = (16 + 8 * (uint64_t)in->channels + 63) / 64 * 64;
  if (input->length != head + (uint64_t)in->analogs * sizeof(snn_analog)) return "the section input";
  f->mean = (const float *)(const void *)(f->bytes + input->offset + 16);
  f->std = f->mean + in->channels;
  f->analogs = (const snn_analog *)(const void *)(f->bytes + input->offset + head);
  for (uint32_t i = 0; i < in->analogs; i++) {
    const snn_analog *a = &f->analogs[i];
    const snn_geometry *g = &a->geometry;
    if ((problem = snn_name_problem(strings, a->name)) || (problem = snn_geometry_problem(g))) return problem;
    if (a->target >= n->populations) return "an analog projection without a target";
    const snn_population *t = &f->populations[a->target];
    if (g->in_channels != in->channels || g->in_height != in->height || g->in_width != in->width ||
        g->out_channels != t->channels || g->out_height != t->height || g->out_width != t->width)
      return "an analog projection does not fit its ends";
    uint64_t weights = (uint64_t)g->out_channels * (g->in_channels / g->groups) * g->kernel_h * g->kernel_w;
    const snn_section *w = snn_find(f, SNN_ANALOG, i);
    if (!w || w->length != 4 * (weights + g->out_channels)) return "the weights of an analog projection";
  }
  return NULL;
}

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
