// SPDX-License-Identifier: Apache-2.0
package io.snnsim.kernel.lookup;

import io.snnsim.kernel.state.Lanes;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/**
 * Where the spikes of one population lie as table indices: one plane of pixels for every group of
 * channels, in which a lane holds the group's spikes as one number (bit i = spike of its i-th
 * channel; of a signed population the i-th digit of base 3: 0 none, 1 positive, 2 negative). A
 * convolution's window reads such a plane at an offset, so every plane is kept once for every range
 * of columns that some tap may see, other columns cleared, and has zeros before and after it: rows
 * beyond the map read as no spikes.
 *
 * <pre>
 * [column range][group] { guard | pixel (y, x) = y * width + x, padded to whole vectors } guard
 * </pre>
 *
 * Built by one thread, immutable after {@link #mask}; simulations share it.
 */
final class IndexPlanes {
  /** Visible columns, {@code low} to {@code high - 1}. */
  private record ColumnRange(int low, int high) {}

  /** How a plane of another population's map is made from its full planes. */
  public sealed interface Origin permits Fired, FromWords, Subsampled, Gathered {}

  /** Written by the kernel that fires the population. */
  public record Fired() implements Origin {}

  /** Made from the population's spike words. */
  public record FromWords() implements Origin {}

  /** Pixel (y, x) is pixel (y * strideH + firstRow, x * strideW + firstColumn) of {@code full}. */
  public record Subsampled(
      IndexPlanes full, int strideH, int strideW, int firstRow, int firstColumn)
      implements Origin {}

  /** Pixel p is pixel {@code pixels[p]} of {@code full}, nothing where that is negative. */
  public record Gathered(IndexPlanes full, int[] pixels) implements Origin {}

  final int population;
  public final Origin origin;
  public final int height;
  public final int width;
  public final int laneBytes;
  public final int lanes;
  public final Groups groups;

  /** Lanes hold numbers of base 3. */
  final boolean signed;

  private final List<ColumnRange> ranges = new ArrayList<>();
  private int guard;
  private long base = -1;
  private long stride;
  private MemorySegment masks;

  IndexPlanes(
      int population,
      Origin origin,
      int height,
      int width,
      int laneBytes,
      int lanes,
      Groups groups,
      boolean signed) {
    this.population = population;
    this.origin = origin;
    this.height = height;
    this.width = width;
    this.laneBytes = laneBytes;
    this.lanes = lanes;
    this.groups = groups;
    this.signed = signed;
    ranges.add(new ColumnRange(0, width));
  }

  /** What digit {@code i} of a lane's number counts: 2^i, of a signed population 3^i. */
  int unit(int i) {
    return signed ? ternaryUnit(i) : 1 << i;
  }

  /** Patterns of {@code size} channels. */
  int patterns(int size) {
    return unit(size);
  }

  /** 3^i of the few digits that there are. */
  public static int ternaryUnit(int i) {
    return switch (i) {
      case 0 -> 1;
      case 1 -> 3;
      case 2 -> 9;
      default -> 27;
    };
  }

  /** Index of the range of columns {@code low} to {@code high - 1}, added if it is new. */
  int range(int low, int high) {
    ColumnRange r = new ColumnRange(low, high);
    if (!ranges.contains(r)) {
      ranges.add(r);
    }
    return ranges.indexOf(r);
  }

  /** Makes room for reading up to {@code elements} before or after the map. */
  void reach(int elements) {
    guard = Math.max(guard, elements);
  }

  /** Pixels, padded to whole vectors. */
  public int paddedPixels() {
    return (height * width + lanes - 1) / lanes * lanes;
  }

  /** Vectors of one plane. */
  public int vectors() {
    return paddedPixels() / lanes;
  }

  /** Column ranges that every plane is kept for. */
  int ranges() {
    return ranges.size();
  }

  /**
   * Fixes the place at byte {@code at} of a slot.
   *
   * @return the first byte after it
   */
  long place(long at) {
    long guardLanes = ((long) guard + lanes - 1) / lanes * lanes;
    base = at + guardLanes * laneBytes;
    stride = (paddedPixels() + guardLanes) * laneBytes;
    return base + stride * groups.count() * ranges.size();
  }

  /** Bytes of the column masks. */
  long maskBytes() {
    return (long) ranges.size() * paddedPixels() * laneBytes;
  }

  /** Makes the column masks. */
  void mask(Arena arena) {
    masks = arena.allocate(maskBytes(), 64);
    for (int w = 0; w < ranges.size(); w++) {
      for (int p = 0; p < height * width; p++) {
        int x = p % width;
        if (x >= ranges.get(w).low() && x < ranges.get(w).high()) {
          Lanes.set(masks, laneBytes, (long) w * paddedPixels() + p, -1);
        }
      }
    }
  }

  /** Byte offset in a slot of pixel 0 of a group's plane. */
  public long offset(int range, int group) {
    return base + stride * (range * groups.count() + group);
  }

  /** Bytes from a group's plane for one column range to that for the next. */
  long rangeStride() {
    return stride * groups.count();
  }

  /** All ones where a column range has the pixel, [range][pixel]. */
  public MemorySegment masks() {
    return masks;
  }
}
