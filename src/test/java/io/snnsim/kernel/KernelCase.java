// SPDX-License-Identifier: Apache-2.0
package io.snnsim.kernel;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.snnsim.geometry.MapShape;
import io.snnsim.geometry.Window;
import io.snnsim.kernel.contract.ConvArgs;
import io.snnsim.kernel.state.Lanes;
import io.snnsim.kernel.state.NeuronKind;
import io.snnsim.kernel.state.PopulationLayout;
import io.snnsim.kernel.state.PopulationState;
import io.snnsim.kernel.vector.Species;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Random;
import java.util.stream.IntStream;

/**
 * What tests of single kernels share: populations with random contents, twice the same if made from
 * the same seed, and comparisons of them. Confined to one thread.
 */
final class KernelCase {
  static final NeuronKind IF = new NeuronKind.IntegrateAndFire();
  static final NeuronKind SIGNED = new NeuronKind.SignedIntegrateAndFire();

  final Arena arena;
  final Random random;

  KernelCase(Arena arena, long seed) {
    this.arena = arena;
    random = new Random(seed);
  }

  /** One, and as many as fill a vector of lanes or two, with one more or less. */
  static int[] sizesAround(boolean wide) {
    int lanes = Species.lanes(wide ? 4 : 2);
    return IntStream.of(1, lanes - 1, lanes, lanes + 1, 2 * lanes + 3, 67).distinct().toArray();
  }

  PopulationState population(MapShape shape, NeuronKind kind, boolean wide, boolean byPixel) {
    return population(shape, kind, wide, byPixel, 1, true);
  }

  PopulationState population(
      MapShape shape, NeuronKind kind, boolean wide, boolean byPixel, int slots, boolean counted) {
    PopulationState s =
        new PopulationState(
            arena,
            new PopulationLayout.Form(shape, kind, wide, byPixel),
            slots,
            new PopulationState.Needs(true, counted, true, true),
            arena.allocate(Math.max(shape.width() * 64L * 4, 1 << 18), 64));
    int largest = wide ? Integer.MAX_VALUE : Short.MAX_VALUE;
    for (int i = 0; i < s.allLanes(); i++) {
      s.set(s.theta, i, i < s.channels ? 1 + random.nextInt(200) : largest);
      s.set(s.bias, i, i < s.channels ? random.nextInt(-50, 51) : 0);
    }
    s.slot(0);
    return s;
  }

  /** Zeros, small values, and the ends of the type. */
  int lane(boolean wide) {
    int most = wide ? Integer.MAX_VALUE : Short.MAX_VALUE;
    return switch (random.nextInt(8)) {
      case 0 -> 0;
      case 1 -> most - random.nextInt(3);
      case 2 -> -most - 1 + random.nextInt(3);
      default -> random.nextInt(-300, 301);
    };
  }

  /** Fills a segment of lanes as wide as V. */
  void fill(PopulationState s, MemorySegment lanes) {
    for (long i = 0; i < lanes.byteSize() / s.laneBytes(); i++) {
      s.set(lanes, i, lane(s.wide));
    }
  }

  /** Spikes of every neuron in the slot that {@code s} is at, none of its words' other bits. */
  void spike(PopulationState s, double rate) {
    for (int p = 0; p < s.height * s.width; p++) {
      for (int b = 0; b < s.blocks; b++) {
        long positive = 0;
        long negative = 0;
        for (int l = 0; l < Math.min(64, s.channels - 64 * b); l++) {
          if (random.nextDouble() < rate) {
            boolean minus = s.signed && random.nextBoolean();
            positive |= minus ? 0 : 1L << l;
            negative |= minus ? 1L << l : 0;
          }
        }
        if (s.signed) {
          s.setWords(b, p, positive, negative);
        } else {
          s.spikes.setAtIndex(JAVA_LONG, s.spikeBase + (long) p * s.words + b, positive);
        }
      }
    }
  }

  static MapShape target(MapShape source, int channels, Window w) {
    int height =
        (source.height() + 2 * w.padH() - w.dilationH() * (w.kernelH() - 1) - 1) / w.strideH() + 1;
    int width =
        (source.width() + 2 * w.padW() - w.dilationW() * (w.kernelW() - 1) - 1) / w.strideW() + 1;
    return new MapShape(channels, height, width);
  }

  /** Weights of a convolution into random or given channels; see {@link ConvArgs}. */
  ConvArgs conv(PopulationState s, PopulationState t, Window w, int bytes, boolean partial) {
    return conv(s, t, w, bytes, partial, bytes == 1 ? 127 : 3000);
  }

  /** The same with weights of at most that size. */
  ConvArgs conv(
      PopulationState s, PopulationState t, Window w, int bytes, boolean partial, int most) {
    int[] start = new int[t.blocks];
    int[] end = new int[t.blocks];
    for (int b = 0; b < t.blocks; b++) {
      start[b] = partial ? b * s.channels / (t.blocks + 1) : 0;
      end[b] = partial ? start[b] + Math.max(1, s.channels / 2) : s.channels;
    }
    long[] offset = new long[t.blocks + 1];
    ConvArgs sizes = new ConvArgs(s, t, w, null, bytes, offset, start, end, arena);
    int taps = w.kernelH() * w.kernelW();
    for (int b = 0; b < t.blocks; b++) {
      offset[b + 1] = offset[b] + (long) taps * sizes.rows(b) * t.lanes(b) * bytes;
    }
    MemorySegment weights = arena.allocate(offset[t.blocks], 64);
    for (int b = 0; b < t.blocks; b++) {
      int lanes = t.lanes(b);
      for (int tap = 0; tap < taps; tap++) {
        for (int ic = 0; ic < end[b] - start[b]; ic++) {
          for (int l = 0; l < lanes; l++) {
            int weight = random.nextInt(6) == 0 ? most : random.nextInt(-most, most + 1);
            weight = b * PopulationState.BLOCK + l < t.channels ? weight : 0;
            long row = offset[b] / bytes + ((long) tap * sizes.rows(b) + ic) * lanes + l;
            set(weights, bytes, row, weight);
            if (s.signed) {
              set(weights, bytes, row + (long) sizes.negativeRow(b) * lanes, -weight);
            }
          }
        }
      }
    }
    return new ConvArgs(s, t, w, weights, bytes, offset, start, end, arena);
  }

  private static void set(MemorySegment weights, int bytes, long index, int weight) {
    if (bytes == 1) {
      weights.setAtIndex(JAVA_BYTE, index, (byte) weight);
    } else {
      Lanes.set(weights, bytes, index, weight);
    }
  }

  /** Lanes {@code 0} to {@code n - 1} of two buffers. */
  static void assertLanes(
      PopulationState like, MemorySegment expected, MemorySegment found, long n, String where) {
    for (long i = 0; i < n; i++) {
      if (like.get(expected, i) != like.get(found, i)) {
        assertEquals(like.get(expected, i), like.get(found, i), where + " lane " + i);
      }
    }
  }

  /** All that neurons and their spikes leave; the lanes of either may be channels or pixels. */
  static void assertNeurons(PopulationState expected, PopulationState found, String where) {
    assertWords(expected, found, where);
    for (int c = 0; c < expected.channels; c++) {
      for (int y = 0; y < expected.height; y++) {
        for (int x = 0; x < expected.width; x++) {
          long a = expected.index(c, y, x);
          long b = found.index(c, y, x);
          String at = where + " neuron " + c + " " + y + " " + x;
          assertEquals(expected.get(expected.v, a), found.get(found.v, b), at);
          if (expected.net != null) {
            assertEquals(expected.get(expected.net, a), found.get(found.net, b), at + " N");
          }
          if (found.counts != null) {
            assertEquals(
                expected.counts.getAtIndex(JAVA_INT, a),
                found.counts.getAtIndex(JAVA_INT, b),
                at + " count");
          }
        }
      }
    }
    assertEquals(expected.spikeTotal(), found.spikeTotal(), where);
  }

  /** Spike words of the slot that both are at. */
  static void assertWords(PopulationState expected, PopulationState found, String where) {
    for (int p = 0; p < expected.height * expected.width; p++) {
      for (int w = 0; w < expected.words; w++) {
        assertEquals(
            expected.word(p, w), found.word(p, w), where + " word " + w + " of pixel " + p);
      }
    }
  }
}
