/* Verifies a .snn file and prints its populations and projections. Exit 65 on bad data. */
#include "snnsim.h"
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const unsigned char *file;
static uint64_t size;

static void bad(const char *what) {
  fprintf(stderr, "snn_info: %s\n", what);
  exit(65);
}

static const snn_section *section(const snn_header *h, uint32_t type) {
  const snn_section *s = (const snn_section *)(file + h->table);
  for (uint32_t i = 0; i < h->sections; i++)
    if (s[i].type == type) return &s[i];
  bad("a section is missing");
  return NULL;
}

static void print_name(const snn_section *strings, snn_name n) {
  if ((uint64_t)n.offset + n.length > strings->length) bad("a name lies outside of strings");
  printf("%.*s", (int)n.length, (const char *)file + strings->offset + n.offset);
}

int main(int argc, char **argv) {
  if (argc != 2) {
    fprintf(stderr, "usage: snn_info MODEL.snn\n");
    return 2;
  }
  FILE *f = fopen(argv[1], "rb");
  if (!f) {
    perror(argv[1]);
    return 66;
  }
  fseek(f, 0, SEEK_END);
  size = (uint64_t)ftell(f);
  rewind(f);
  unsigned char *bytes = malloc(size ? size : 1);
  if (!bytes || fread(bytes, 1, size, f) != size) return 74;
  fclose(f);
  file = bytes;
  if (size < sizeof(snn_header)) bad("truncated header");
  snn_header h;
  memcpy(&h, file, sizeof h);
  if (memcmp(h.magic, SNN_MAGIC, 8) != 0 || h.version != 1) bad("not a .snn file of version 1");
  uint32_t stated = h.header_crc;
  snn_header zeroed = h;
  zeroed.header_crc = 0;
  if (snn_crc32c((const unsigned char *)&zeroed, sizeof zeroed) != stated) bad("header checksum");
  if (h.file_bytes != size) bad("size differs from the header's");
  if (h.table != 128 || h.sections > 65536 || 128 + 64 * (uint64_t)h.sections > size) bad("table");
  if (snn_crc32c(file + 128, 64 * (size_t)h.sections) != h.table_crc) bad("table checksum");
  if (snn_crc32c(file + 128, size - 128) != h.body_crc) bad("file checksum");
  const snn_section *s = (const snn_section *)(file + h.table);
  for (uint32_t i = 0; i < h.sections; i++) {
    if (s[i].offset % 64 || s[i].offset > size || s[i].length > size - s[i].offset) bad("section");
    if (snn_crc32c(file + s[i].offset, s[i].length) != s[i].crc) bad("section checksum");
  }
  const snn_section *strings = section(&h, SNN_STRINGS);
  const snn_section *ns = section(&h, SNN_NETWORK);
  const snn_section *ps = section(&h, SNN_POPULATIONS);
  const snn_section *js = section(&h, SNN_PROJECTIONS);
  if (ns->length != sizeof(snn_network)) bad("network section");
  const snn_network *n = (const snn_network *)(file + ns->offset);
  if (ps->length != (uint64_t)n->populations * sizeof(snn_population)) bad("populations section");
  if (js->length != (uint64_t)n->projections * sizeof(snn_projection)) bad("projections section");
  printf("network ");
  print_name(strings, n->name);
  printf(": %" PRIu32 " populations, %" PRIu32 " projections\n", n->populations, n->projections);
  const snn_population *p = (const snn_population *)(file + ps->offset);
  for (uint32_t i = 0; i < n->populations; i++) {
    printf("population %" PRIu32 " ", i);
    print_name(strings, p[i].name);
    printf(" %" PRIu32 "x%" PRIu32 "x%" PRIu32 " V %" PRIu32 " bits, input %" PRId64 "..%" PRId64 "\n",
           p[i].channels, p[i].height, p[i].width, p[i].v_bits, p[i].bound_low, p[i].bound_high);
  }
  const snn_projection *j = (const snn_projection *)(file + js->offset);
  for (uint32_t i = 0; i < n->projections; i++) {
    printf("projection ");
    print_name(strings, j[i].name);
    printf(" %" PRIu32 " -> %" PRIu32 ", %" PRIu32 "x%" PRIu32 ", %" PRIu32 " bytes a weight\n",
           j[i].source, j[i].target, j[i].geometry.kernel_h, j[i].geometry.kernel_w, j[i].weight_bytes);
  }
  free(bytes);
  return 0;
}
