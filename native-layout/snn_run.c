/* SPDX-License-Identifier: Apache-2.0 */
/* Runs one image through a .snn model: the whole meaning of the file in plain C, slowly. A test holds
 * its spikes and membrane potentials against those of snnsim, bit by bit.
 *
 *   snn_run MODEL.snn IMAGE STEPS
 *
 * IMAGE holds channels x height x width float32 values before mean and std (u8 pixels divided by 255).
 * Prints for every population the number of spikes, negative ones included, and sums over its neurons i
 * in the order channel, y, x of (i + 1) * spike count and (i + 1) * V, modulo 2^64. Spike counts are of
 * positive minus negative spikes.
 *
 * Compile with -ffp-contract=off: a fused multiply-add would round differently. */
#include "snnsim.h"
#include <inttypes.h>
#include <math.h>

typedef struct {
  int64_t *current; /* constant input of every neuron, bias included */
  int64_t *v, *sum, *count;
  signed char *spike; /* -1, 0 or 1 */
  uint64_t spikes;    /* of all neurons, negative ones included */
} state;

static void emit(state *t, uint64_t n, int spike) {
  t->spike[n] = (signed char)spike;
  t->count[n] += spike;
  t->spikes += spike != 0;
}

static void *zeros(uint64_t n, size_t size) {
  void *p = calloc(n ? (size_t)n : 1, size);
  if (!p) {
    fprintf(stderr, "snn_run: out of memory\n");
    exit(74);
  }
  return p;
}

static uint64_t neurons(const snn_population *p) { return (uint64_t)p->channels * p->height * p->width; }

/* Position of tap k of output position o along one axis, or -1 outside of the map. */
static int64_t tap(uint32_t o, uint32_t k, uint32_t stride, uint32_t pad, uint32_t dilation, uint32_t in) {
  int64_t i = (int64_t)o * stride - pad + (int64_t)k * dilation;
  return i >= 0 && i < in ? i : -1;
}

static void add_analog(const snn_file *f, uint32_t index, const float *image, state *t) {
  const snn_analog *a = &f->analogs[index];
  const snn_geometry *g = &a->geometry;
  uint32_t icg = g->in_channels / g->groups, ocg = g->out_channels / g->groups;
  const float *w = (const float *)(const void *)(f->bytes + snn_find(f, SNN_ANALOG, index)->offset);
  const float *bias = w + (size_t)g->out_channels * icg * g->kernel_h * g->kernel_w;
  uint64_t n = 0;
  for (uint32_t oc = 0; oc < g->out_channels; oc++)
    for (uint32_t y = 0; y < g->out_height; y++)
      for (uint32_t x = 0; x < g->out_width; x++, n++) {
        float sum = bias[oc];
        for (uint32_t ky = 0; ky < g->kernel_h; ky++)
          for (uint32_t kx = 0; kx < g->kernel_w; kx++) {
            int64_t iy = tap(y, ky, g->stride_h, g->pad_h, g->dilation_h, g->in_height);
            int64_t ix = tap(x, kx, g->stride_w, g->pad_w, g->dilation_w, g->in_width);
            if (iy < 0 || ix < 0) continue;
            for (uint32_t i = 0; i < icg; i++) {
              uint64_t ic = oc / ocg * icg + i;
              float product = w[(((size_t)oc * icg + i) * g->kernel_h + ky) * g->kernel_w + kx] *
                              image[(ic * g->in_height + (uint64_t)iy) * g->in_width + (uint64_t)ix];
              sum = sum + product;
            }
          }
        float high = (float)a->high, low = (float)a->low;
        sum = sum < high ? sum : high;
        sum = sum > low ? sum : low;
        t->current[n] += (int64_t)rintf(sum);
      }
}

static void add_spikes(const snn_file *f, uint32_t j, const state *s, state *t) {
  const snn_projection *p = &f->projections[j];
  const snn_geometry *g = &p->geometry;
  const int32_t *channelwise =
      p->kind == SNN_CHANNELWISE
          ? (const int32_t *)(const void *)(f->bytes + snn_find(f, SNN_WEIGHTS, j)->offset)
          : NULL;
  uint64_t n = 0;
  for (uint32_t oc = 0; oc < g->out_channels; oc++)
    for (uint32_t y = 0; y < g->out_height; y++)
      for (uint32_t x = 0; x < g->out_width; x++, n++)
        for (uint32_t ky = 0; ky < g->kernel_h; ky++)
          for (uint32_t kx = 0; kx < g->kernel_w; kx++) {
            int64_t iy = tap(y, ky, g->stride_h, g->pad_h, g->dilation_h, g->in_height);
            int64_t ix = tap(x, kx, g->stride_w, g->pad_w, g->dilation_w, g->in_width);
            if (iy < 0 || ix < 0) continue;
            uint64_t pixel = (uint64_t)iy * g->in_width + (uint64_t)ix, map = (uint64_t)g->in_height * g->in_width;
            if (channelwise) {
              int64_t ic = (int64_t)oc - p->channel_offset;
              if (ic >= 0 && ic < g->in_channels)
                t->sum[n] += (int64_t)s->spike[(uint64_t)ic * map + pixel] *
                             channelwise[((uint64_t)ic * g->kernel_h + ky) * g->kernel_w + kx];
              continue;
            }
            uint32_t icg = g->in_channels / g->groups, first = oc / (g->out_channels / g->groups) * icg;
            for (uint32_t ic = first; ic < first + icg; ic++)
              if (s->spike[ic * map + pixel])
                t->sum[n] += (int64_t)s->spike[ic * map + pixel] * snn_weight(f, j, oc, ic, ky, kx);
          }
}

/* A max-pool gate's own spike count follows the largest in its window. */
static void gate(const snn_geometry *g, const state *s, state *t) {
  uint64_t n = 0;
  for (uint32_t c = 0; c < g->out_channels; c++)
    for (uint32_t y = 0; y < g->out_height; y++)
      for (uint32_t x = 0; x < g->out_width; x++, n++) {
        int64_t largest = 0;
        for (uint32_t ky = 0; ky < g->kernel_h; ky++)
          for (uint32_t kx = 0; kx < g->kernel_w; kx++) {
            int64_t iy = tap(y, ky, g->stride_h, g->pad_h, g->dilation_h, g->in_height);
            int64_t ix = tap(x, kx, g->stride_w, g->pad_w, g->dilation_w, g->in_width);
            if (iy < 0 || ix < 0) continue;
            int64_t count = s->count[((uint64_t)c * g->in_height + (uint64_t)iy) * g->in_width + (uint64_t)ix];
            largest = count > largest ? count : largest;
          }
        emit(t, n, (largest > t->count[n]) - (largest < t->count[n]));
      }
}

static void fire(const snn_file *f, const snn_population *p, state *t) {
  int64_t high = p->v_bits == 32 ? INT32_MAX : INT16_MAX, low = -high - 1;
  uint64_t map = (uint64_t)p->height * p->width;
  for (uint64_t n = 0; n < neurons(p); n++) {
    int64_t v = t->v[n] + t->sum[n], theta = snn_theta(f, p)[n / map];
    v = v > high ? high : v < low ? low : v;
    int s = v >= theta ? 1 : p->model == SNN_SIGNED_IF && v < 0 && t->count[n] > 0 ? -1 : 0;
    t->v[n] = v - theta * s;
    emit(t, n, s);
  }
}

static void step(const snn_file *f, state *states) {
  for (uint32_t i = 0; i < f->network->populations; i++) {
    const snn_population *p = &f->populations[i];
    memcpy(states[i].sum, states[i].current, (size_t)neurons(p) * sizeof(int64_t));
    for (uint32_t j = 0; j < f->network->projections; j++) {
      const snn_projection *q = &f->projections[j];
      if (q->target != i) continue;
      if (q->kind == SNN_GATE)
        gate(&q->geometry, &states[q->source], &states[i]);
      else
        add_spikes(f, j, &states[q->source], &states[i]);
    }
    if (p->model != SNN_MAX_GATE) fire(f, p, &states[i]);
  }
}

static float *read_image(const snn_file *f, const char *path) {
  const snn_input *in = f->input;
  uint64_t map = (uint64_t)in->height * in->width, n = in->channels * map;
  float *image = zeros(n + 1, sizeof(float));
  FILE *file = fopen(path, "rb");
  if (!file || fread(image, sizeof(float), (size_t)n + 1, file) != n) {
    fprintf(stderr, "%s: expected %" PRIu64 " float32 values\n", path, n);
    exit(65);
  }
  fclose(file);
  for (uint64_t i = 0; i < n; i++) {
    float centred = image[i] - f->mean[i / map];
    image[i] = centred / f->std[i / map];
  }
  return image;
}

int main(int argc, char **argv) {
  if (argc != 4) {
    fprintf(stderr, "usage: snn_run MODEL.snn IMAGE STEPS\n");
    return 2;
  }
  snn_file f;
  int code = snn_open(argv[1], &f);
  if (code) return code;
  float *image = read_image(&f, argv[2]);
  uint32_t populations = f.network->populations;
  state *states = zeros(populations, sizeof(state));
  for (uint32_t i = 0; i < populations; i++) {
    const snn_population *p = &f.populations[i];
    uint64_t n = neurons(p), map = (uint64_t)p->height * p->width;
    states[i] = (state){zeros(n, 8), zeros(n, 8), zeros(n, 8), zeros(n, 8), zeros(n, 1), 0};
    for (uint64_t k = 0; k < n; k++) {
      states[i].current[k] = snn_bias(&f, p)[k / map];
      states[i].v[k] = snn_v0(&f, p)[k / map];
    }
  }
  for (uint32_t i = 0; i < f.input->analogs; i++) add_analog(&f, i, image, &states[f.analogs[i].target]);
  for (long t = 0, steps = atol(argv[3]); t < steps; t++) step(&f, states);
  for (uint32_t i = 0; i < populations; i++) {
    uint64_t counts = 0, potentials = 0;
    for (uint64_t n = 0; n < neurons(&f.populations[i]); n++) {
      counts += (n + 1) * (uint64_t)states[i].count[n];
      potentials += (n + 1) * (uint64_t)states[i].v[n];
    }
    printf("%" PRIu32 " %" PRIu64 " %" PRId64 " %" PRId64 "\n", i, states[i].spikes, (int64_t)counts, (int64_t)potentials);
    free(states[i].current), free(states[i].v), free(states[i].sum), free(states[i].count), free(states[i].spike);
  }
  free(states);
  free(image);
  snn_close(&f);
  return 0;
}
