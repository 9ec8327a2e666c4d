/* SPDX-License-Identifier: Apache-2.0 */
/* Verifies a .snn file and prints its table: sections, populations, projections. Exit 65 on bad data. */
#include "snnsim.h"
#include <inttypes.h>

static void print_name(const snn_file *f, snn_name n) {
  printf("%.*s", (int)n.length, f->strings + n.offset);
}

static const char *const models[SNN_MODELS] = {"IF", "max gate", "signed IF", "few-spike", "max race"};

static void print_section(const snn_section *s) {
  static const char *names[] = {"",         "strings", "network", "populations", "projections",
                                "channels", "weights", "input",   "analog"};
  printf("section %-12.32s %5" PRIu32 " %10" PRIu64 " %10" PRIu64 "\n",
         s->type == SNN_EXTRA ? s->name : s->type < 9 ? names[s->type] : "?", s->index, s->offset,
         s->length);
}

int main(int argc, char **argv) {
  if (argc != 2) {
    fprintf(stderr, "usage: snn_info MODEL.snn\n");
    return 2;
  }
  snn_file f;
  int code = snn_open(argv[1], &f);
  if (code) return code;
  printf("network ");
  print_name(&f, f.network->name);
  printf(": %" PRIu32 " populations, %" PRIu32 " projections\n", f.network->populations, f.network->projections);
  uint32_t steps = snn_code_steps(&f.populations[f.network->output]);
  if (steps) printf("K = %" PRIu32 " steps per layer, one answer an image\n", steps);
  for (uint32_t i = 0; i < f.header->sections; i++) print_section(&f.sections[i]);
  for (uint32_t i = 0; i < f.network->populations; i++) {
    const snn_population *p = &f.populations[i];
    int32_t least = snn_theta(&f, p)[0], most = least;
    for (uint32_t c = 1; c < p->channels; c++) {
      int32_t theta = snn_theta(&f, p)[c];
      least = theta < least ? theta : least;
      most = theta > most ? theta : most;
    }
    printf("population %" PRIu32 " ", i);
    print_name(&f, p->name);
    printf(" %" PRIu32 "x%" PRIu32 "x%" PRIu32 " %s V %" PRIu32 " theta %" PRId32 "..%" PRId32 " input %" PRId64
           "..%" PRId64 "\n",
           p->channels, p->height, p->width, models[p->model], p->v_bits, least, most, p->bound_low, p->bound_high);
  }
  for (uint32_t j = 0; j < f.network->projections; j++) {
    const snn_projection *p = &f.projections[j];
    printf("projection %" PRIu32 " ", j);
    print_name(&f, p->name);
    printf(" %" PRIu32 " -> %" PRIu32 " %" PRIu32 "x%" PRIu32 ", %" PRIu32 " bytes a weight\n", p->source,
           p->target, p->geometry.kernel_h, p->geometry.kernel_w, p->weight_bytes);
  }
  snn_close(&f);
  return 0;
}
