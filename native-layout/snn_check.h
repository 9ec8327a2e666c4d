/* SPDX-License-Identifier: Apache-2.0 */
/* What must be true of a .snn file before its records may be used where they lie. A part of snnsim.h, which
 * includes it. Each function returns NULL, or what is wrong in a few words. */
#ifndef SNN_CHECK_H
#define SNN_CHECK_H
static inline const char *snn_geometry_problem(const snn_geometry *g, uint32_t version) {
  const uint32_t *v = &g->in_channels;
  for (int i = 0; i < 15; i++)
    if (v[i] > 1u << 20 || (v[i] == 0 && i != 10 && i != 11)) return "a geometry value is out of range";
  if (g->in_channels % g->groups || g->out_channels % g->groups) return "groups do not divide channels";
  for (int d = 0; d < 2; d++) {
    int64_t in = d ? g->in_width : g->in_height, out = d ? g->out_width : g->out_height;
    int64_t kernel = d ? g->kernel_w : g->kernel_h, stride = d ? g->stride_w : g->stride_h;
    int64_t pad = d ? g->pad_w : g->pad_h, dilation = d ? g->dilation_w : g->dilation_h;
    int64_t span = in + 2 * pad - dilation * (kernel - 1) - 1;
    if (span >= 0 && span / stride + 1 == out) continue;
    /* Since version 4 the map says how much padding is after it: less than the window spans. */
    int64_t least = in + pad - dilation * (kernel - 1) - 1, most = in + pad - 1;
    if (version < 4 || most < 0 || out > most / stride + 1 || (least >= 0 && out < least / stride + 1))
      return "a map size does not follow from its window";
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
  if (h->version < 1 || h->version > 4) return "another format version than 1 to 4";
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
    if ((problem = snn_name_problem(strings, p->name)) || (problem = snn_geometry_problem(g, f->header->version))) return problem;
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
    if ((problem = snn_name_problem(strings, a->name)) || (problem = snn_geometry_problem(g, f->header->version))) return problem;
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
#endif
