// SPDX-License-Identifier: Apache-2.0
// DO NOT EDIT: made from src/main/templates/Channelwise.java.template by tools/generate-kernels.sh.
package io.snnsim.kernel.event;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.snnsim.geometry.Window;
import io.snnsim.kernel.contract.ChannelwiseArgs;
import io.snnsim.kernel.state.PopulationState;
import io.snnsim.kernel.state.RowKernel;
import io.snnsim.kernel.vector.Species;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;

/**
 * Adds the weights of a source's spikes channel by channel, into a 32-bit V: the spike words are
 * the masks. Stateless; the kernel allocates nothing once compiled.
 */
final class Channelwise32 {
  private static final ByteOrder LE = ByteOrder.LITTLE_ENDIAN;
  private static final int LANES = Species.INTS.length();

  private Channelwise32() {}

  static RowKernel of(ChannelwiseArgs a) {
    if (!straight(a)) {
      return (b, y) -> any(a, b, y);
    }
    return a.target().narrow() && a.source().words == 1
        ? (b, y) -> narrow(a, y)
        : (b, y) -> straight(a, b, y);
  }

  /** True if every pixel reads its own pixel's channels of the same number: a plain shortcut. */
  private static boolean straight(ChannelwiseArgs a) {
    Window g = a.geometry();
    return !a.source().signed
        && a.channelOffset() == 0
        && a.source().blocks >= a.target().blocks
        && g.kernelH() == 1
        && g.kernelW() == 1
        && g.strideH() == 1
        && g.strideW() == 1
        && g.padH() == 0
        && g.padW() == 0
        && a.source().height == a.target().height
        && a.source().width == a.target().width;
  }

  /** Strides are constants here, so C2 checks bounds once a row. */
  private static void narrow(ChannelwiseArgs a, int y) {
    final int b = 0;
    final long pixelBytes = PopulationState.NARROW;
    final long wordsBytes = 8;
    // In locals, since C2 would fetch fields again after every store.
    final int width = a.target().width;
    final int used = a.target().usedLanes(b, LANES);
    final MemorySegment sums = a.target().accumulator.asSlice(0, width * pixelBytes);
    final MemorySegment spikes =
        a.source().spikes.asSlice(a.source().wordIndex(b, y) * 8, width * wordsBytes - b * 8L);
    for (int l = 0; l < used; l += LANES) {
      final long lane = l * 4L;
      IntVector weights =
          IntVector.fromMemorySegment(Species.INTS, a.weights(), b * 64L * 4 + lane, LE);
      for (int x = 0; x < width; x++) {
        final long at = x * pixelBytes + lane;
        IntVector.fromMemorySegment(Species.INTS, sums, at, LE)
            .add(
                weights,
                VectorMask.fromLong(Species.INTS, spikes.get(JAVA_LONG, x * wordsBytes) >>> l))
            .intoMemorySegment(sums, at, LE);
      }
    }
  }

  private static void straight(ChannelwiseArgs a, int b, int y) {
    final long pixelBytes = (long) a.target().lanes(b) * 4;
    final long wordsBytes = a.source().words * 8L;
    // In locals, since C2 would fetch fields again after every store.
    final int width = a.target().width;
    final int used = a.target().usedLanes(b, LANES);
    final MemorySegment sums = a.target().accumulator.asSlice(0, width * pixelBytes);
    final MemorySegment spikes =
        a.source().spikes.asSlice(a.source().wordIndex(b, y) * 8, width * wordsBytes - b * 8L);
    for (int l = 0; l < used; l += LANES) {
      final long lane = l * 4L;
      IntVector weights =
          IntVector.fromMemorySegment(Species.INTS, a.weights(), b * 64L * 4 + lane, LE);
      for (int x = 0; x < width; x++) {
        final long at = x * pixelBytes + lane;
        IntVector.fromMemorySegment(Species.INTS, sums, at, LE)
            .add(
                weights,
                VectorMask.fromLong(Species.INTS, spikes.get(JAVA_LONG, x * wordsBytes) >>> l))
            .intoMemorySegment(sums, at, LE);
      }
    }
  }

  private static void any(ChannelwiseArgs a, int b, int y) {
    final PopulationState s = a.source();
    final PopulationState t = a.target();
    final Window g = a.geometry();
    final int stride = a.tapStride();
    final int lanes = t.lanes(b);
    for (int x = 0; x < t.width; x++) {
      for (int ky = 0; ky < g.kernelH(); ky++) {
        int iy = y * g.strideH() - g.padH() + ky * g.dilationH();
        for (int kx = 0; kx < g.kernelW(); kx++) {
          int ix = x * g.strideW() - g.padW() + kx * g.dilationW();
          if (iy < 0 || iy >= s.height || ix < 0 || ix >= s.width) {
            continue;
          }
          int p = iy * s.width + ix;
          long word = a.alignedSpikes(p, b);
          long negative = s.signed ? a.alignedNegatives(p, b) : 0;
          long w = ((long) (ky * g.kernelW() + kx) * stride + b * 64L) * 4;
          if (negative != 0) {
            subtract(a, w, negative, x * lanes, lanes);
          }
          if (word != 0) {
            add(a, w, word, x * lanes, lanes);
          }
        }
      }
    }
  }

  private static void add(ChannelwiseArgs a, long w, long spikes, int firstLane, int lanes) {
    MemorySegment sums = a.target().accumulator;
    for (int l = 0; l < lanes; l += LANES) {
      long at = (firstLane + l) * 4L;
      IntVector.fromMemorySegment(Species.INTS, sums, at, LE)
          .add(
              IntVector.fromMemorySegment(Species.INTS, a.weights(), w + l * 4L, LE),
              VectorMask.fromLong(Species.INTS, spikes >>> l))
          .intoMemorySegment(sums, at, LE);
    }
  }

  private static void subtract(ChannelwiseArgs a, long w, long spikes, int firstLane, int lanes) {
    MemorySegment sums = a.target().accumulator;
    for (int l = 0; l < lanes; l += LANES) {
      long at = (firstLane + l) * 4L;
      IntVector.fromMemorySegment(Species.INTS, sums, at, LE)
          .sub(
              IntVector.fromMemorySegment(Species.INTS, a.weights(), w + l * 4L, LE),
              VectorMask.fromLong(Species.INTS, spikes >>> l))
          .intoMemorySegment(sums, at, LE);
    }
  }
}
