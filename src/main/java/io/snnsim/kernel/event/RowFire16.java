// SPDX-License-Identifier: Apache-2.0
// DO NOT EDIT: made from src/main/templates/RowFire.java.template by tools/generate-kernels.sh.
package io.snnsim.kernel.event;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.snnsim.kernel.state.PopulationState;
import io.snnsim.kernel.state.RowKernel;
import io.snnsim.kernel.vector.Species;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;

/**
 * The neurons of a row, 16-bit V, lanes are channels: membrane potential, threshold, soft reset,
 * spike words. Stateless; the kernels allocate nothing once compiled.
 */
final class RowFire16 {
  private static final ByteOrder LE = ByteOrder.LITTLE_ENDIAN;
  private static final int LANES = Species.SHORTS.length();

  private RowFire16() {}

  static RowKernel unsigned(PopulationState t) {
    return (b, y) -> {
      if (t.narrow()) {
        narrow(t, y);
      } else {
        any(t, b, y);
      }
      t.fired(b, y, 1);
    };
  }

  /** Of signed neurons, whose count N is beside V. */
  static RowKernel signed(PopulationState t) {
    return (b, y) -> signed(t, b, y);
  }

  /** Strides are constants here, so C2 checks bounds once a row. */
  private static void narrow(PopulationState t, int y) {
    final int b = 0;
    final long pixelBytes = PopulationState.NARROW;
    final long wordsBytes = 8;
    // In locals, since C2 would fetch fields again after every store.
    final int width = t.width;
    final int used = t.usedLanes(b, LANES);
    final MemorySegment potentials = t.v.asSlice(t.rowStart(b, y) * 2, width * pixelBytes);
    final MemorySegment sums = t.accumulator.asSlice(0, width * pixelBytes);
    final MemorySegment words =
        t.spikes.asSlice(t.wordIndex(b, y) * 8, width * wordsBytes - b * 8L);
    for (int l = 0; l < used; l += LANES) {
      ShortVector theta =
          ShortVector.fromMemorySegment(Species.SHORTS, t.theta, (b * 64L + l) * 2, LE);
      final long lane = l * 2L;
      for (int x = 0; x < width; x++) {
        final long at = x * pixelBytes + lane;
        ShortVector sum =
            ShortVector.fromMemorySegment(Species.SHORTS, potentials, at, LE)
                .lanewise(
                    VectorOperators.SADD,
                    ShortVector.fromMemorySegment(Species.SHORTS, sums, at, LE));
        VectorMask<Short> spikes = sum.compare(VectorOperators.GE, theta);
        sum.sub(theta, spikes).intoMemorySegment(potentials, at, LE);
        final long word = x * wordsBytes;
        long fired = spikes.toLong() << l;
        words.set(JAVA_LONG, word, l == 0 ? fired : words.get(JAVA_LONG, word) | fired);
      }
    }
  }

  private static void any(PopulationState t, int b, int y) {
    final long pixelBytes = (long) t.lanes(b) * 2;
    final long wordsBytes = t.words * 8L;
    // In locals, since C2 would fetch fields again after every store.
    final int width = t.width;
    final int used = t.usedLanes(b, LANES);
    final MemorySegment potentials = t.v.asSlice(t.rowStart(b, y) * 2, width * pixelBytes);
    final MemorySegment sums = t.accumulator.asSlice(0, width * pixelBytes);
    final MemorySegment words =
        t.spikes.asSlice(t.wordIndex(b, y) * 8, width * wordsBytes - b * 8L);
    for (int l = 0; l < used; l += LANES) {
      ShortVector theta =
          ShortVector.fromMemorySegment(Species.SHORTS, t.theta, (b * 64L + l) * 2, LE);
      final long lane = l * 2L;
      for (int x = 0; x < width; x++) {
        final long at = x * pixelBytes + lane;
        ShortVector sum =
            ShortVector.fromMemorySegment(Species.SHORTS, potentials, at, LE)
                .lanewise(
                    VectorOperators.SADD,
                    ShortVector.fromMemorySegment(Species.SHORTS, sums, at, LE));
        VectorMask<Short> spikes = sum.compare(VectorOperators.GE, theta);
        sum.sub(theta, spikes).intoMemorySegment(potentials, at, LE);
        final long word = x * wordsBytes;
        long fired = spikes.toLong() << l;
        words.set(JAVA_LONG, word, l == 0 ? fired : words.get(JAVA_LONG, word) | fired);
      }
    }
  }

  private static void signed(PopulationState t, int b, int y) {
    final MemorySegment potentials = t.v;
    final MemorySegment sums = t.accumulator;
    final MemorySegment thetas = t.theta;
    final MemorySegment nets = t.net;
    final int used = t.usedLanes(b, LANES);
    final int pixelBytes = t.lanes(b) * 2;
    final long block = b * 64L * 2;
    final int width = t.width;
    long v = t.rowStart(b, y) * 2;
    long acc = 0;
    for (int x = 0; x < width; x++) {
      long positive = 0;
      long negative = 0;
      for (int l = 0; l < used; l += LANES) {
        long lane = l * 2L;
        ShortVector theta = ShortVector.fromMemorySegment(Species.SHORTS, thetas, block + lane, LE);
        ShortVector sum =
            ShortVector.fromMemorySegment(Species.SHORTS, potentials, v + lane, LE)
                .lanewise(
                    VectorOperators.SADD,
                    ShortVector.fromMemorySegment(Species.SHORTS, sums, acc + lane, LE));
        ShortVector net = ShortVector.fromMemorySegment(Species.SHORTS, nets, v + lane, LE);
        VectorMask<Short> up = sum.compare(VectorOperators.GE, theta);
        VectorMask<Short> down =
            sum.compare(VectorOperators.LT, (short) 0)
                .and(net.compare(VectorOperators.NE, (short) 0));
        sum.sub(theta, up).add(theta, down).intoMemorySegment(potentials, v + lane, LE);
        net.add((short) 1, up).sub((short) 1, down).intoMemorySegment(nets, v + lane, LE);
        positive |= up.toLong() << l;
        negative |= down.toLong() << l;
      }
      t.fire(b, y * width + x, positive, negative);
      v += pixelBytes;
      acc += pixelBytes;
    }
  }
}
