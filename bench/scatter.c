/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Would a scatter beat the event kernels' gather, and at which firing rate? Built and run by
 * `bench/run.sh scatter`. Sums of a 3x3 convolution, 8-bit weights into 16-bit sums, blocks of 64
 * channels as in native-layout/, from spike lists that are there already:
 *
 *   gather   an output column after the other: the spikes of three source pixels, the sums of three
 *            output pixels in registers (RollConv)
 *   spread   a source pixel after the other: the sums of the nine output pixels around it in registers
 *   scatter  a spike after the other: nine output pixels' sums loaded, added to and stored
 *
 * Best of many runs in microseconds; each is compared with the gather, bit by bit.
 */
#define _POSIX_C_SOURCE 199309L
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define BLOCK 64
#define RUNS 300

typedef int16_t shorts __attribute__((vector_size(64), aligned(2), may_alias));
typedef int8_t bytes __attribute__((vector_size(32), aligned(1), may_alias));

static int size, channels, stride; /* stride: sums from row to row, with a column of margin either side */
static int8_t *weights;            /* [block][tap][source channel][lane] */
static int16_t *sums;              /* [block][y + 1][x + 1][lane] */
static int *list, *starts;         /* channels that spike, pixel by pixel */

#if defined(__AVX512BW__)
#include <immintrin.h>
/* GCC 12 makes more than one instruction of its own form. */
static shorts row(const int8_t *w) { return (shorts)_mm512_cvtepi8_epi16(_mm256_loadu_si256((const void *)w)); }
#else
static shorts row(const int8_t *w) { return __builtin_convertvector(*(const bytes *)w, shorts); }
#endif
static shorts load(const int16_t *s) { return *(const shorts *)s; }
static void store(int16_t *s, shorts v) { *(shorts *)s = v; }
static int16_t *block_sums(int b) { return sums + (size_t)b * (size + 2) * stride; }
static const int8_t *block_weights(int b) { return weights + (size_t)b * 9 * channels * BLOCK; }

static void gather(void) {
  size_t tap = (size_t)channels * BLOCK;
  for (int b = 0; b < channels / BLOCK; b++) {
    for (int y = 0; y < size; y++) {
      int16_t *d = block_sums(b) + (size_t)(y + 1) * stride;
      shorts l0 = {0}, l1 = {0}, m0 = load(d + BLOCK), m1 = load(d + BLOCK + 32);
      for (int x = 0; x < size; x++, d += BLOCK) {
        shorts r0 = load(d + 2 * BLOCK), r1 = load(d + 2 * BLOCK + 32);
        for (int ky = 0; ky < 3; ky++) {
          int iy = y + ky - 1;
          if (iy < 0 || iy >= size) continue;
          for (int e = starts[iy * size + x]; e < starts[iy * size + x + 1]; e++) {
            const int8_t *w = block_weights(b) + ky * 3 * tap + (size_t)list[e] * BLOCK;
            r0 += row(w), r1 += row(w + 32), w += tap;
            m0 += row(w), m1 += row(w + 32), w += tap;
            l0 += row(w), l1 += row(w + 32);
          }
        }
        store(d, l0), store(d + 32, l1);
        l0 = m0, l1 = m1, m0 = r0, m1 = r1;
      }
      store(d, l0), store(d + 32, l1);
    }
  }
}

static void spread(void) {
  size_t tap = (size_t)channels * BLOCK;
  for (int b = 0; b < channels / BLOCK; b++) {
    for (int p = 0; p < size * size; p++) {
      int16_t *d = block_sums(b) + (size_t)(p / size) * stride + (size_t)(p % size) * BLOCK;
      shorts s[18];
#pragma GCC unroll 9
      for (int k = 0; k < 9; k++) {
        const int16_t *at = d + (2 - k / 3) * stride + (2 - k % 3) * BLOCK;
        s[2 * k] = load(at), s[2 * k + 1] = load(at + 32);
      }
      for (int e = starts[p]; e < starts[p + 1]; e++) {
        const int8_t *w = block_weights(b) + (size_t)list[e] * BLOCK;
#pragma GCC unroll 9
        for (int k = 0; k < 9; k++, w += tap) s[2 * k] += row(w), s[2 * k + 1] += row(w + 32);
      }
#pragma GCC unroll 9
      for (int k = 0; k < 9; k++) {
        int16_t *at = d + (2 - k / 3) * stride + (2 - k % 3) * BLOCK;
        store(at, s[2 * k]), store(at + 32, s[2 * k + 1]);
      }
    }
  }
}

static void scatter(void) {
  size_t tap = (size_t)channels * BLOCK;
  for (int b = 0; b < channels / BLOCK; b++) {
    for (int p = 0; p < size * size; p++) {
      int16_t *d = block_sums(b) + (size_t)(p / size) * stride + (size_t)(p % size) * BLOCK;
      for (int e = starts[p]; e < starts[p + 1]; e++) {
        const int8_t *w = block_weights(b) + (size_t)list[e] * BLOCK;
#pragma GCC unroll 9
        for (int k = 0; k < 9; k++, w += tap) {
          int16_t *at = d + (2 - k / 3) * stride + (2 - k % 3) * BLOCK;
          store(at, load(at) + row(w)), store(at + 32, load(at + 32) + row(w + 32));
        }
      }
    }
  }
}

static double micros(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return 1e6 * (double)t.tv_sec + 1e-3 * (double)t.tv_nsec;
}

static void *memory(size_t n) {
  void *p = calloc(1, n);
  if (p == NULL) exit(1);
  return p;
}

static void layer(int c, int n) {
  static const double rates[] = {1, 2, 5, 10, 50};
  static void (*const ways[])(void) = {gather, spread, scatter};
  size = n, channels = c, stride = (n + 2) * BLOCK;
  size_t sum_bytes = (size_t)c / BLOCK * (n + 2) * stride * sizeof *sums;
  weights = memory((size_t)9 * c * c), sums = memory(sum_bytes);
  list = memory((size_t)n * n * c * sizeof *list), starts = memory(((size_t)n * n + 1) * sizeof *starts);
  int16_t *expected = memory(sum_bytes);
  for (size_t i = 0; i < (size_t)9 * c * c; i++) weights[i] = (int8_t)rand();
  for (size_t r = 0; r < sizeof rates / sizeof *rates; r++) {
    int count = 0;
    for (int p = 0; p < n * n; p++) {
      starts[p] = count;
      for (int i = 0; i < c; i++)
        if (rand() % 10000 < 100 * rates[r]) list[count++] = i;
    }
    starts[n * n] = count;
    printf("%3d channels @ %2dx%-2d %3.0f %%", c, n, n, rates[r]);
    for (int w = 0; w < 3; w++) {
      memset(sums, 0, sum_bytes);
      ways[w]();
      /* The margin is not the gather's to fill. */
      for (int b = 0; b < c / BLOCK; b++)
        for (int y = 0; y < n + 2; y++)
          for (int x = 0; x < n + 2; x++)
            if (y == 0 || x == 0 || y > n || x > n)
              memset(block_sums(b) + (size_t)y * stride + (size_t)x * BLOCK, 0, BLOCK * sizeof *sums);
      if (w == 0) memcpy(expected, sums, sum_bytes);
      if (memcmp(expected, sums, sum_bytes) != 0) {
        fprintf(stderr, "way %d differs from the gather\n", w);
        exit(1);
      }
      double best = 1e18;
      for (int i = 0; i < RUNS; i++) {
        double t = micros();
        ways[w]();
        t = micros() - t;
        if (t < best) best = t;
      }
      printf("%10.1f", best);
    }
    printf("\n");
  }
  free(weights), free(sums), free(list), free(starts), free(expected);
}

int main(void) {
  printf("us; %-22s%10s%10s%10s\n", "firing rate", "gather", "spread", "scatter");
  layer(64, 56);
  layer(128, 28);
  layer(256, 14);
  layer(512, 7);
  return 0;
}
