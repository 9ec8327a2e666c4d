/* SPDX-License-Identifier: Apache-2.0 */
/* Runs one image through a .snn model: the whole meaning of the file in plain C, slowly. A test holds
 * its spikes and membrane potentials against those of snnsim, bit by bit.
 *
 *   snn_run MODEL.snn IMAGE STEPS
 *
 * IMAGE holds channels x height x width float32 values before mean and std (u8 pixels divided by 255).
 * STEPS of a network of few-spike neurons is K, the length of its code. Prints for every population the
 * number of spikes, negative ones included, and sums over its neurons i in the order channel, y, x of
 * (i + 1) * N and (i + 1) * V, modulo 2^64. N is the neuron's spikes, positive minus negative, each times
 * its worth: 1, or of few-spike neurons 2^(K-1-t) in step t.
 *
 * Compile with -ffp-contract=off: a fused multiply-add would round differently. */
#include "snnsim.h"
#include <inttypes.h>
#include <math.h>

typedef struct {
  uint64_t neurons;
  int64_t *current; /* constant input of every neuron, bias included; of a code V(0) too */
  int64_t *v, *sum, *count;
  signed char *spike; /* -1, 0 or 1, of the latest step; of a code [step][neuron] */
  uint64_t spikes;    /* of all neurons, negative ones included */
} state;

/* `step` is that of a code, else 0. */
static void emit(state *t, uint32_t step, uint64_t n, int spike, int64_t worth) {
  t->spike[step * t->neurons + n] = (signed char)spike;
  t->count[n] += spike * worth;
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

static void add_spikes(const snn_file *f, uint32_t j, const signed char *spike, int64_t *sum) {
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
                sum[n] += (int64_t)spike[(uint64_t)ic * map + pixel] *
                          channelwise[((uint64_t)ic * g->kernel_h + ky) * g->kernel_w + kx];
              continue;
            }
            uint32_t icg = g->in_channels / g->groups, first = oc / (g->out_channels / g->groups) * icg;
            for (uint32_t ic = first; ic < first + icg; ic++)
              if (spike[ic * map + pixel])
                sum[n] += (int64_t)spike[ic * map + pixel] * snn_weight(f, j, oc, ic, ky, kx);
          }
}

/* A max-pool gate's own spike count follows the largest in its window. A race, of a code of `steps`, sends
 * the largest number in its window: the bits of that are what its sources in the race send. */
static void gate(const snn_geometry *g, const state *s, state *t, uint32_t steps) {
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
        if (!steps) emit(t, 0, n, (largest > t->count[n]) - (largest < t->count[n]), 1);
        for (uint32_t k = 0; k < steps; k++) {
          int64_t worth = (int64_t)1 << (steps - 1 - k);
          emit(t, k, n, (largest & worth) != 0, worth);
        }
      }
}

/* To the type of V. */
static int64_t saturate(const snn_population *p, int64_t v) {
  int64_t high = p->v_bits == 32 ? INT32_MAX : INT16_MAX, low = -high - 1;
  return v > high ? high : v < low ? low : v;
}

static void fire(const snn_file *f, const snn_population *p, state *t) {
  uint64_t map = (uint64_t)p->height * p->width;
  for (uint64_t n = 0; n < t->neurons; n++) {
    int64_t v = saturate(p, t->v[n] + t->sum[n]), theta = snn_theta(f, p)[n / map];
    int s = v >= theta ? 1 : p->model == SNN_SIGNED_IF && v < 0 && t->count[n] > 0 ? -1 : 0;
    t->v[n] = v - theta * s;
    emit(t, 0, n, s, 1);
  }
}

/* All steps of a population of few-spike neurons, whose sources have sent all of theirs. */
static void code(const snn_file *f, uint32_t i, state *states, uint32_t steps) {
  const snn_population *p = &f->populations[i];
  state *t = &states[i];
  uint64_t map = (uint64_t)p->height * p->width;
  for (uint32_t k = 0; k < steps; k++) {
    memset(t->sum, 0, (size_t)t->neurons * sizeof(int64_t));
    for (uint32_t j = 0; j < f->network->projections; j++) {
      const state *s = &states[f->projections[j].source];
      if (f->projections[j].target == i) add_spikes(f, j, s->spike + k * s->neurons, t->sum);
    }
    for (uint64_t n = 0; n < t->neurons; n++) t->v[n] = saturate(p, 2 * t->v[n] + t->sum[n]);
  }
  for (uint64_t n = 0; n < t->neurons; n++) {
    int64_t v = saturate(p, t->v[n] + t->current[n]);
    for (uint32_t k = 0; k < steps; k++) {
      int64_t worth = (int64_t)1 << (steps - 1 - k), threshold = worth * snn_theta(f, p)[n / map];
      int s = v >= threshold;
      v -= s * threshold;
      emit(t, k, n, s, worth);
    }
    t->v[n] = v;
  }
}

/* All K steps of a network of few-spike neurons: a population reads all that its sources sent, then sends. */
static void present(const snn_file *f, state *states, uint32_t steps) {
  for (uint32_t i = 0; i < f->network->populations; i++) {
    if (f->populations[i].model == SNN_FEW_SPIKE) code(f, i, states, steps);
    for (uint32_t j = 0; j < f->network->projections; j++) {
      const snn_projection *q = &f->projections[j];
      if (q->target == i && q->kind == SNN_GATE) gate(&q->geometry, &states[q->source], &states[i], steps);
    }
  }
}

static void step(const snn_file *f, state *states) {
  for (uint32_t i = 0; i < f->network->populations; i++) {
    const snn_population *p = &f->populations[i];
    memcpy(states[i].sum, states[i].current, (size_t)states[i].neurons * sizeof(int64_t));
    for (uint32_t j = 0; j < f->network->projections; j++) {
      const snn_projection *q = &f->projections[j];
      if (q->target != i) continue;
      if (q->kind == SNN_GATE)
        gate(&q->geometry, &states[q->source], &states[i], 0);
      else
        add_spikes(f, j, states[q->source].spike, states[i].sum);
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

/* The steps asked for. Ends the program where the network cannot run as many. */
static long steps_of(const char *model, const char *argument, uint32_t code_steps) {
  char *end;
  long steps = strtol(argument, &end, 10);
  if (end == argument || *end || steps < 0) {
    fprintf(stderr, "snn_run: found %s steps, expected a number of at least 0\n", argument);
    exit(2);
  }
  if (code_steps && steps != (long)code_steps) {
    fprintf(stderr, "%s: found %ld steps, expected %" PRIu32 ": its few-spike neurons send a number in so many\n",
            model, steps, code_steps);
    exit(2);
  }
  return steps;
}

int main(int argc, char **argv) {
  if (argc != 4) {
    fprintf(stderr, "usage: snn_run MODEL.snn IMAGE STEPS\n");
    return 2;
  }
  snn_file f;
  int failure = snn_open(argv[1], &f);
  if (failure) return failure;
  uint32_t code_steps = snn_code_steps(&f.populations[f.network->output]);
  long steps = steps_of(argv[1], argv[3], code_steps);
  float *image = read_image(&f, argv[2]);
  uint32_t populations = f.network->populations;
  state *states = zeros(populations, sizeof(state));
  for (uint32_t i = 0; i < populations; i++) {
    const snn_population *p = &f.populations[i];
    uint64_t n = neurons(p), map = (uint64_t)p->height * p->width;
    uint64_t kept = code_steps ? code_steps * n : n;
    states[i] = (state){n, zeros(n, 8), zeros(n, 8), zeros(n, 8), zeros(n, 8), zeros(kept, 1), 0};
    for (uint64_t k = 0; k < n; k++) {
      int64_t v0 = snn_v0(&f, p)[k / map];
      states[i].current[k] = snn_bias(&f, p)[k / map] + (code_steps ? v0 : 0);
      states[i].v[k] = code_steps ? 0 : v0;
    }
  }
  for (uint32_t i = 0; i < f.input->analogs; i++) add_analog(&f, i, image, &states[f.analogs[i].target]);
  if (code_steps) present(&f, states, code_steps);
  for (long t = 0; !code_steps && t < steps; t++) step(&f, states);
  for (uint32_t i = 0; i < populations; i++) {
    uint64_t counts = 0, potentials = 0;
    for (uint64_t n = 0; n < states[i].neurons; n++) {
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
