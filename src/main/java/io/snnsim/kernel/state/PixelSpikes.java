// SPDX-License-Identifier: Apache-2.0
package io.snnsim.kernel.state;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * Owns the spike counts of one population's pixels for the image being run. Kernels whose lanes are
 * pixels count in lanes of V's type, which are added up before they overflow. Confined to the
 * simulation's thread; allocates only in the constructor.
 */
final class PixelSpikes {
  /** 64 bits, [y][x]. */
  final MemorySegment sums;

  /** Counts not yet added up, as wide as V, [y][x]; null where lanes are channels. */
  final MemorySegment recent;

  private final PopulationLayout layout;

  /** Steps whose spikes may be in {@code recent}. */
  private int recentSteps;

  PixelSpikes(Arena arena, PopulationLayout layout) {
    this.layout = layout;
    sums = arena.allocate(layout.pixels() * 8, 64);
    recent = layout.byPixel ? arena.allocate(layout.channelStride * layout.laneBytes(), 64) : null;
  }

  /** Makes room in {@link #recent} for the spikes of {@code steps} more steps. */
  void makeRoomFor(int steps) {
    long most = layout.wide ? 0xffffffffL : 0xffff;
    if ((long) (recentSteps + steps) * layout.channels > most) {
      addUp();
    }
    recentSteps += steps;
  }

  private void addUp() {
    if (recentSteps == 0) {
      return;
    }
    for (int p = 0; p < layout.pixels(); p++) {
      long n = layout.get(recent, p) & (layout.wide ? 0xffffffffL : 0xffff);
      sums.setAtIndex(JAVA_LONG, p, sums.getAtIndex(JAVA_LONG, p) + n);
    }
    recent.fill((byte) 0);
    recentSteps = 0;
  }

  long total() {
    addUp();
    long n = 0;
    for (int p = 0; p < layout.pixels(); p++) {
      n += sums.getAtIndex(JAVA_LONG, p);
    }
    return n;
  }

  /** The sum of every pixel's spikes times {@code rows[y] * columns[x]}. */
  long weighted(int[] rows, int[] columns) {
    addUp();
    long n = 0;
    for (int y = 0; y < layout.height; y++) {
      long inRow = 0;
      for (int x = 0; x < layout.width; x++) {
        inRow += columns[x] * sums.getAtIndex(JAVA_LONG, (long) y * layout.width + x);
      }
      n += rows[y] * inRow;
    }
    return n;
  }

  void addTo(PixelSpikes other) {
    addUp();
    for (int p = 0; p < layout.pixels(); p++) {
      long sum = other.sums.getAtIndex(JAVA_LONG, p) + sums.getAtIndex(JAVA_LONG, p);
      other.sums.setAtIndex(JAVA_LONG, p, sum);
    }
  }

  void clear() {
    if (recent != null) {
      recent.fill((byte) 0);
    }
    sums.fill((byte) 0);
    recentSteps = 0;
  }
}
