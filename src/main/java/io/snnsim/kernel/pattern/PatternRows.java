// SPDX-License-Identifier: Apache-2.0
package io.snnsim.kernel.pattern;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.snnsim.geometry.Window;
import io.snnsim.kernel.state.PopulationState;
import io.snnsim.kernel.vector.Species;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * Rows of a source as places in {@link PatternTables}: the pattern of every group of every pixel as
 * the byte at which its sums begin in a pass of one vector. Found once for all output rows and
 * passes that meet a source row. On the heap, where C2 proves that a loop over them stays within.
 * Confined to the simulation's thread; allocates only in the constructor.
 */
final class PatternRows {
  /** Four groups have at most 32 bits. */
  private static final VectorSpecies<Integer> FOUR =
      Species.INTS.length() < 4 ? Species.INTS : IntVector.SPECIES_128;

  private static final int LANES = FOUR.length();

  private static final IntVector IOTA = IntVector.zero(FOUR).addIndex(1);

  /** Places of a map of that many are found at once, which takes fewer and longer loops. */
  private static final int WHOLE_MAP = 1 << 14;

  /** Groups of a pixel. */
  final int groups;

  /** The same and, if that is odd, one more that has no spikes. */
  final int evenGroups;

  /** Places from one pixel to the next. */
  final int stride;

  /** By row: [x][group]; the last row, without spikes, stands for those beyond the map. */
  final int[] places;

  private final PopulationState source;
  private final PatternForm form;
  private final int patternBytes;

  /** Places from one row to the next. */
  private final int rowPlaces;

  /** All rows are kept, and found at once. */
  private final boolean whole;

  /** Rows that are kept: the map's, or as many as a window reaches over. */
  private final int rows;

  private final int[] keptRow;
  private final long[] keptVisit;

  /** The words being worked on. */
  private final long[] word;

  /** Groups that are found at once, each of them a lane. */
  private final Chunk[] chunks;

  /**
   * Some groups of a spike word.
   *
   * @param first the first of them
   * @param shift of the word to its first bit
   * @param bytes by lane, where the group's tables begin
   * @param mask by lane, its bits, or none if the lane has no group
   */
  private record Chunk(int first, int word, int shift, int[] bytes, int[] mask) {}

  PatternRows(PopulationState source, PatternForm form) {
    this.source = source;
    this.form = form;
    groups = form.groups();
    evenGroups = (groups + 1) / 2 * 2;
    stride = evenGroups == 2 ? 2 : (groups + 3) / 4 * 4;
    patternBytes = Math.toIntExact(form.patternBytes(1));
    Window w = form.window();
    whole = (long) source.width * stride * source.height <= WHOLE_MAP;
    rows = whole ? source.height : Math.min(source.height, (w.kernelH() - 1) * w.dilationH() + 1);
    // A row's last lanes are written without being its own.
    rowPlaces = source.width * stride + (whole ? 0 : LANES);
    places = new int[(rows + 1) * rowPlaces + LANES];
    word = new long[(whole ? rows : 1) * source.width * form.words()];
    keptRow = new int[rows];
    Arrays.fill(keptRow, -1);
    keptVisit = new long[rows];
    chunks = chunks();
  }

  private Chunk[] chunks() {
    Chunk[] found = new Chunk[groups];
    int n = 0;
    int group = 0;
    for (int w = 0; w < form.words(); w++) {
      int end = group + form.groups(w);
      for (int shift = 0; group < end; n++) {
        int[] bytes = new int[LANES];
        int[] mask = new int[LANES];
        int lane = 0;
        for (; lane < LANES && group + lane < end; lane++) {
          bytes[lane] = (group + lane) * (patternBytes << form.bits());
          mask[lane] = (1 << form.bits()) - 1;
        }
        found[n] = new Chunk(group, w, shift, bytes, mask);
        group += lane;
        shift += lane * form.bits();
      }
    }
    return Arrays.copyOf(found, n);
  }

  /** Where in {@link #places} those of row {@code iy} begin. */
  int of(int iy) {
    if (iy < 0 || iy >= source.height) {
      return rows * rowPlaces;
    }
    int k = whole ? 0 : iy % rows;
    int from = whole ? 0 : iy;
    if (keptRow[k] != from || keptVisit[k] != source.visits()) {
      fill(from, whole ? rows : 1, k * rowPlaces);
      keptRow[k] = from;
      keptVisit[k] = source.visits();
    }
    return (whole ? iy : k) * rowPlaces;
  }

  private void fill(int iy, int rows, int to) {
    int words = form.words();
    long at = (source.spikeBase + (long) iy * source.width * words) * 8;
    int pixels = rows * source.width;
    MemorySegment.copy(source.spikes, JAVA_LONG, at, word, 0, pixels * words);
    if (words == 1) {
      for (Chunk c : chunks) {
        place(c, to + c.first, pixels);
      }
      return;
    }
    for (int x = 0; x < pixels; x++) {
      for (Chunk c : chunks) {
        place(c, word[x * words + c.word], to + x * stride);
      }
    }
  }

  /** A chunk of all pixels. */
  private void place(Chunk c, int first, int pixels) {
    final int[] to = places;
    final long[] from = word;
    final int shift = c.shift;
    final int stride = this.stride;
    final IntVector shifts = IOTA.mul(form.bits());
    final IntVector mask = IntVector.fromArray(FOUR, c.mask, 0);
    final IntVector bytes = IntVector.fromArray(FOUR, c.bytes, 0);
    final int each = patternBytes;
    for (int x = 0; x < pixels; x++) {
      IntVector.broadcast(FOUR, (int) (from[x] >>> shift))
          .lanewise(VectorOperators.LSHR, shifts)
          .and(mask)
          .mul(each)
          .add(bytes)
          .intoArray(to, first + x * stride);
    }
  }

  /** Lanes behind the chunk's groups write where the next chunk's, or the next pixel's, will be. */
  private void place(Chunk c, long word, int pixel) {
    IntVector.broadcast(FOUR, (int) (word >>> c.shift))
        .lanewise(VectorOperators.LSHR, IOTA.mul(form.bits()))
        .and(IntVector.fromArray(FOUR, c.mask, 0))
        .mul(patternBytes)
        .add(IntVector.fromArray(FOUR, c.bytes, 0))
        .intoArray(places, pixel + c.first);
  }
}
