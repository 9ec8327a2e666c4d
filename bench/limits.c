/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What can this machine do at most, on one core? Built and run by `bench/run.sh limits`.
 *
 *   add      weights added to accumulators in registers, streamed from a cache level: the limit of a
 *            layer updated by events. One add is one weight of one synapse.
 *   neuron   V = V + c; spike where V >= theta; V -= theta there: the limit of a population's update,
 *            a read and a write of V a neuron.
 *   permute  the inner loop of a layer updated by lookup: 4 columns of spike patterns (in L1) by 5
 *            tables (streamed), 20 permutes and 20 adds an entry. One lookup is one vector permuted
 *            and added.
 *
 * Best and median of many short runs, since a shared machine only ever makes them slower. Vectors are
 * GCC's own, so that this compiles anywhere; -march=native decides what they become.
 */
#define _POSIX_C_SOURCE 199309L
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#if defined(__AVX512BW__)
#define BYTES 64
#elif defined(__AVX2__)
#define BYTES 32
#else
#define BYTES 16
#endif
#define RUNS 41
#define KB 1024L
#define MB (1024L * 1024)

#if defined(__AVX512BW__)
/* GCC 12 makes more than one instruction of its own forms of these three. */
#include <immintrin.h>
typedef __m256i bytes;
#define TO_SHORTS(x) ((shorts)_mm512_cvtepi8_epi16(x))
#define PERMUTE_I16(table, x) ((shorts)_mm512_permutexvar_epi16((__m512i)(x), (__m512i)(table)))
#define PERMUTE_I32(table, x) ((ints)_mm512_permutexvar_epi32((__m512i)(x), (__m512i)(table)))
#else
typedef int8_t bytes __attribute__((vector_size(BYTES / 2)));
#define TO_SHORTS(x) __builtin_convertvector(x, shorts)
#define PERMUTE_I16(table, x) __builtin_shuffle(table, x)
#define PERMUTE_I32(table, x) __builtin_shuffle(table, x)
#endif
typedef int16_t shorts __attribute__((vector_size(BYTES)));
typedef int32_t ints __attribute__((vector_size(BYTES)));
typedef float floats __attribute__((vector_size(BYTES)));

static const struct { const char *name; long bytes; } LEVELS[] = {
    {"L1", 24 * KB}, {"L2", 512 * KB}, {"L3", 8 * MB}, {"memory", 256 * MB}};

char *buffer; /* visible from outside, so that no result may be left out */
static char *patterns;
char sink[64 * BYTES] __attribute__((aligned(64)));

static double seconds(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static int ascending(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

/* Each body streams `bytes` bytes once and returns how many operations that was. */
typedef double (*body)(long bytes);

static void measure(const char *what, body run) {
  printf("%-22s", what);
  for (size_t l = 0; l < sizeof LEVELS / sizeof *LEVELS; l++) {
    long times = 16 * MB / LEVELS[l].bytes; /* short runs: a busy neighbour spoils only some */
    if (times < 1) times = 1;
    double rate[RUNS];
    run(LEVELS[l].bytes);
    for (int r = 0; r < RUNS; r++) {
      double operations = 0, start = seconds();
      for (long i = 0; i < times; i++) operations += run(LEVELS[l].bytes);
      rate[r] = operations / (seconds() - start) / 1e9;
    }
    qsort(rate, RUNS, sizeof *rate, ascending);
    printf("  %7.2f (%7.2f)", rate[RUNS - 1], rate[RUNS / 2]);
  }
  putchar('\n');
  fflush(stdout);
}

/* Eight accumulators hide the latency of the add. */
#define ADD(name, weights, accumulator, widen, size)                                             \
  static double __attribute__((noinline)) name(long n) {                                         \
    const weights *w = (const weights *)buffer, *end = (const weights *)(buffer + n);            \
    accumulator a0 = {0}, a1 = a0, a2 = a0, a3 = a0, a4 = a0, a5 = a0, a6 = a0, a7 = a0;         \
    for (; w < end; w += 8) {                                                                    \
      a0 += widen(w[0]); a1 += widen(w[1]); a2 += widen(w[2]); a3 += widen(w[3]);                \
      a4 += widen(w[4]); a5 += widen(w[5]); a6 += widen(w[6]); a7 += widen(w[7]);                \
    }                                                                                            \
    *(accumulator *)sink = a0 + a1 + a2 + a3 + a4 + a5 + a6 + a7;                                \
    return (double)n / size;                                                                     \
  }
#define AS_IS(x) (x)
ADD(add_i8, bytes, shorts, TO_SHORTS, 1)
ADD(add_i16, shorts, shorts, AS_IS, 2)
ADD(add_i32, ints, ints, AS_IS, 4)
ADD(add_f32, floats, floats, AS_IS, 4)

#define NEURON(name, lanes)                                                                      \
  static double __attribute__((noinline)) name(long n) {                                         \
    lanes *v = (lanes *)buffer, *end = (lanes *)(buffer + n), current, theta, f0 = {0}, f1 = f0; \
    memset(&current, 0, sizeof current);                                                         \
    current += 3;                                                                                \
    theta = current + 97;                                                                        \
    for (; v < end; v += 2) {                                                                    \
      lanes x = v[0] + current, y = v[1] + current;                                              \
      lanes spike = x >= theta, other = y >= theta; /* -1 where true */                          \
      v[0] = x - (theta & spike);                                                                \
      v[1] = y - (theta & other);                                                                \
      f0 -= spike;                                                                               \
      f1 -= other;                                                                               \
    }                                                                                            \
    *(lanes *)sink = f0 + f1;                                                                    \
    return (double)n / sizeof((*v)[0]);                                                          \
  }
NEURON(neuron_i16, shorts)
NEURON(neuron_i32, ints)

/* A table of 5 vectors an entry is streamed; patterns come from the first level. */
#define PERMUTE(name, lanes, permute)                                                            \
  static double __attribute__((noinline)) name(long n) {                                         \
    const lanes *t = (const lanes *)buffer;                                                      \
    long entries = n / (5 * BYTES), at = 0;                                                      \
    lanes s[4][5];                                                                               \
    memset(s, 0, sizeof s);                                                                      \
    for (long e = 0; e < entries; e++, t += 5) {                                                 \
      const lanes *x = (const lanes *)(patterns + at);                                           \
      at = (at + BYTES) & (8 * KB - 1);                                                          \
      for (int i = 0; i < 5; i++) {                                                              \
        lanes table = t[i];                                                                      \
        for (int c = 0; c < 4; c++) s[c][i] += permute(table, x[c]);                             \
      }                                                                                          \
    }                                                                                            \
    memcpy(sink, s, sizeof s);                                                                   \
    return (double)entries * 20;                                                                 \
  }
PERMUTE(permute_i16, shorts, PERMUTE_I16)
PERMUTE(permute_i32, ints, PERMUTE_I32)

int main(void) {
  long most = LEVELS[sizeof LEVELS / sizeof *LEVELS - 1].bytes;
  buffer = aligned_alloc(4096, (size_t)most);
  patterns = aligned_alloc(4096, 16 * KB);
  if (buffer == NULL || patterns == NULL) {
    fprintf(stderr, "limits: cannot allocate %ld MB\n", most / MB);
    return 74;
  }
  memset(buffer, 1, (size_t)most);
  for (long i = 0; i < 16 * KB; i += 2) { /* a permute takes only an index's low bits */
    int16_t x = (int16_t)(rand() & 31);
    memcpy(patterns + i, &x, 2);
  }
  printf("%d-byte vectors; 1e9 a second, best (median) of %d runs\n%-22s", BYTES, RUNS, "");
  for (size_t l = 0; l < sizeof LEVELS / sizeof *LEVELS; l++)
    printf("  %7s %5ld kB ", LEVELS[l].name, LEVELS[l].bytes / KB);
  putchar('\n');
  measure("add i8 to i16", add_i8);
  measure("add i16", add_i16);
  measure("add i32", add_i32);
  measure("add f32", add_f32);
  measure("neuron i16", neuron_i16);
  measure("neuron i32", neuron_i32);
  measure("permute i16 (vectors)", permute_i16);
  measure("permute i32 (vectors)", permute_i32);
  return 0;
}
