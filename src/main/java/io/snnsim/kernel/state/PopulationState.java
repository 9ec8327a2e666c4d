// SPDX-License-Identifier: Apache-2.0
package io.snnsim.kernel.state;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import io.snnsim.kernel.lookup.LookupNetwork;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/**
 * Owns the off-heap buffers of one population in one session: what kernels read and write. Confined
 * to the session's thread; allocates only in the constructor.
 *
 * <p>Lanes are channels or pixels, as the population's kernels want it:
 *
 * <pre>
 *                    lanes are channels                     lanes are pixels
 * v, current, counts [block][y][x][lane]                    [channel][y][x], padded to 64 bytes
 * theta, bias        [lane of all blocks]                   [channel]
 * accumulator        [x][lane], one row of input sums       sums of a tile of pixels
 * pixelCounts        -                                      [y][x], spikes not yet added up
 * </pre>
 *
 * v, current, theta, bias, accumulator and pixelCounts have 16 or 32 bits as V has. Blocks are of
 * 64 channels with lanes padded to 64 bytes; padding lanes: theta = largest value, bias = 0. For
 * both:
 *
 * <pre>
 * spikes       [slot][y][x][word]   64 bits of channels each; bit set = spike in that step
 * counts       32 bits, spikes of this image; null unless asked for
 * events       [slot]: x * bits + bit of every spike, pixel by pixel; null unless asked for
 * eventStarts  [slot][y * width + x], one more at the end: where a pixel's events start
 * pixelSpikes  [y][x]               64 bits, spikes of this image, all channels of the pixel
 * net          as v, of signed neurons: N, their positive minus their negative spikes; unsigned
 * netCarry     as net but 16 bits, where V has 16 bits: multiples of 2^15 that N is larger
 * </pre>
 *
 * <p>The bits of a pixel's words are its channels. A signed population has twice as many: first the
 * channels' positive, then their negative spikes, which for what reads the words are channels like
 * all others, with the opposite weights. The negative ones follow at once if one word holds both,
 * else they begin a word of their own ({@link #negativeStart}).
 */
public final class PopulationState {
  /** Channels a block, bits a spike word. */
  public static final int BLOCK = 64;

  public final int channels;
  public final int height;
  public final int width;
  public final boolean wide;
  public final boolean byPixel;

  /** Spikes may be negative. */
  public final boolean signed;

  /** Blocks of channels. */
  public final int blocks;

  /** Spike words a pixel. */
  public final int words;

  /** Bits of a pixel's words that may be set, with the gap before negative spikes. */
  public final int bits;

  /** Bit of the negative spike of channel 0, if the population is signed. */
  public final int negativeStart;

  /** Elements from one channel to the next where lanes are pixels. */
  public final long channelStride;

  public final MemorySegment v;
  public final MemorySegment current;
  public final MemorySegment accumulator;
  public final MemorySegment theta;
  public final MemorySegment bias;
  public final MemorySegment spikes;
  public final MemorySegment counts;
  public final MemorySegment events;
  public final MemorySegment eventStarts;
  public final MemorySegment pixelCounts;

  /** N of signed neurons; null of all others and of gates. */
  public final MemorySegment net;

  private final MemorySegment netCarry;
  private final MemorySegment pixelSpikes;
  private final long wordsPerSlot;
  private final long eventsPerSlot;
  private final List<PopulationState> twins = new ArrayList<>();

  /** Steps whose spikes may be in {@code pixelCounts}. */
  private int countedSteps;

  private long visits;

  /** Index in {@code spikes} of the first word of the step being run. */
  public long spikeBase;

  /** Index in {@code events} of the first event of the step being run. */
  public long eventBase;

  /** Index in {@code eventStarts} of pixel 0 of the step being run. */
  public long eventStartBase;

  /**
   * What a population needs besides its spikes.
   *
   * @param net its neurons need their own N
   */
  public record Needs(
      boolean current, boolean counts, boolean events, boolean words, boolean net) {}

  /**
   * Allocates zeroed buffers.
   *
   * @param byPixel lanes are pixels
   * @param signed spikes may be negative
   * @param slots steps of a block whose spikes are kept
   * @param accumulator the thread's buffer for sums, of at least width * 64 * 4 bytes and {@link
   *     LookupNetwork#accumulatorBytes}
   */
  public PopulationState(
      Arena arena,
      int channels,
      int height,
      int width,
      boolean wide,
      boolean byPixel,
      boolean signed,
      int slots,
      Needs needs,
      MemorySegment accumulator) {
    this.channels = channels;
    this.height = height;
    this.width = width;
    this.wide = wide;
    this.byPixel = byPixel;
    this.signed = signed;
    this.blocks = (channels + BLOCK - 1) / BLOCK;
    this.negativeStart = signed ? negativeStart(channels) : 0;
    this.bits = negativeStart + channels;
    this.words = (bits + BLOCK - 1) / BLOCK;
    int bytes = laneBytes();
    long pixels = (long) height * width;
    long granule = 64 / bytes;
    this.channelStride = byPixel ? (pixels + granule - 1) / granule * granule : 0;
    long lanesAll = (blocks - 1L) * BLOCK + lanes(blocks - 1);
    long neurons = byPixel ? channels * channelStride : pixels * lanesAll;
    this.v = arena.allocate(neurons * bytes, 64);
    this.current = needs.current() ? arena.allocate(neurons * bytes, 64) : null;
    this.accumulator = accumulator;
    this.theta = arena.allocate(lanesAll * bytes, 64);
    this.bias = arena.allocate(lanesAll * bytes, 64);
    this.wordsPerSlot = pixels * words;
    this.spikes = needs.words() ? arena.allocate(slots * wordsPerSlot * 8, 64) : null;
    this.counts = needs.counts() ? arena.allocate(neurons * 4, 64) : null;
    // A vector of slack: lists are written by whole vectors.
    this.eventsPerSlot = pixels * channels + 16;
    this.events = needs.events() ? arena.allocate(slots * eventsPerSlot * 4, 64) : null;
    this.eventStarts = needs.events() ? arena.allocate(slots * (pixels + 1) * 4, 64) : null;
    this.pixelSpikes = arena.allocate(pixels * 8, 64);
    this.pixelCounts = byPixel ? arena.allocate(channelStride * bytes, 64) : null;
    this.net = needs.net() ? arena.allocate(neurons * bytes, 64) : null;
    this.netCarry = needs.net() && !wide ? arena.allocate(neurons * 2, 64) : null;
  }

  private PopulationState(PopulationState s, MemorySegment accumulator, Arena arena) {
    channels = s.channels;
    height = s.height;
    width = s.width;
    wide = s.wide;
    byPixel = s.byPixel;
    signed = s.signed;
    blocks = s.blocks;
    words = s.words;
    bits = s.bits;
    negativeStart = s.negativeStart;
    channelStride = s.channelStride;
    v = s.v;
    current = s.current;
    this.accumulator = accumulator;
    theta = s.theta;
    bias = s.bias;
    spikes = s.spikes;
    counts = s.counts;
    events = s.events;
    eventStarts = s.eventStarts;
    net = s.net;
    netCarry = s.netCarry;
    pixelSpikes = arena.allocate(s.pixelSpikes.byteSize(), 64);
    pixelCounts = byPixel ? arena.allocate(s.pixelCounts.byteSize(), 64) : null;
    wordsPerSlot = s.wordsPerSlot;
    eventsPerSlot = s.eventsPerSlot;
  }

  /**
   * The same population for another thread that works on other channels or rows of it in the same
   * step: shares what is a neuron's own, but not the step it is at, the accumulator or statistics.
   */
  public PopulationState twin(MemorySegment accumulator, Arena arena) {
    PopulationState twin = new PopulationState(this, accumulator, arena);
    twins.add(twin);
    return twin;
  }

  /** First bit of the negative spikes of a signed population of that many channels. */
  public static int negativeStart(int channels) {
    return 2 * channels <= BLOCK ? channels : (channels + BLOCK - 1) / BLOCK * BLOCK;
  }

  /** Changes whenever another step may be the one that kernels read. */
  public long visits() {
    return visits;
  }

  /** Makes {@code slot} the step that kernels read and write. */
  public void slot(int slot) {
    visits++;
    spikeBase = slot * wordsPerSlot;
    eventBase = slot * eventsPerSlot;
    eventStartBase = slot * ((long) height * width + 1);
  }

  /** Bytes of a lane of v. */
  public int laneBytes() {
    return wide ? 4 : 2;
  }

  /** Lanes of block {@code b}, padding included. */
  public int lanes(int b) {
    int granule = wide ? 16 : 32;
    return (Math.min(BLOCK, channels - b * BLOCK) + granule - 1) / granule * granule;
  }

  /** Lanes of theta and bias, padding included. */
  public int allLanes() {
    return (blocks - 1) * BLOCK + lanes(blocks - 1);
  }

  /** Where lanes are channels: index of the first lane of row {@code y} of block {@code b}. */
  public long rowStart(int b, int y) {
    return (long) b * BLOCK * height * width + (long) y * width * lanes(b);
  }

  /** Index of a neuron in v, current and counts. */
  public long index(int channel, int y, int x) {
    if (byPixel) {
      return channel * channelStride + (long) y * width + x;
    }
    int b = channel / BLOCK;
    return rowStart(b, y) + (long) x * lanes(b) + channel % BLOCK;
  }

  /** Reads a lane of v, current, accumulator, theta or bias. */
  public int get(MemorySegment lanes, long index) {
    return Lanes.get(lanes, laneBytes(), index);
  }

  /** Writes a lane of v, current, accumulator, theta or bias; narrow lanes keep the low 16 bits. */
  public void set(MemorySegment lanes, long index, int value) {
    Lanes.set(lanes, laneBytes(), index, value);
  }

  /** Spike word {@code w} of pixel {@code p} in the step being run. */
  public long word(int p, int w) {
    return spikes.getAtIndex(JAVA_LONG, spikeBase + (long) p * words + w);
  }

  /** Positive spikes of pixel {@code p} and block {@code b} in the step being run. */
  public long positive(int p, int b) {
    long word = word(p, b);
    return words > 1 || !signed ? word : word & ((1L << channels) - 1);
  }

  /** Negative spikes of pixel {@code p} and block {@code b} in the step being run. */
  public long negative(int p, int b) {
    if (!signed) {
      return 0;
    }
    return words > 1 ? word(p, blocks + b) : word(p, 0) >>> channels;
  }

  /** Stores a block's spikes, with statistics and counts, where lanes are channels. */
  public void fire(int b, int p, long word) {
    spikes.setAtIndex(JAVA_LONG, spikeBase + (long) p * words + b, word);
    addSpikes(p, Long.bitCount(word));
    if (counts != null) {
      count(b, p, word, 1);
    }
  }

  /** Stores the spikes of a block of a signed population. */
  public void setWords(int b, int p, long positive, long negative) {
    long at = spikeBase + (long) p * words + b;
    if (words == 1) {
      spikes.setAtIndex(JAVA_LONG, at, positive | negative << channels);
    } else {
      spikes.setAtIndex(JAVA_LONG, at, positive);
      spikes.setAtIndex(JAVA_LONG, at + blocks, negative);
    }
  }

  /** As {@link #fire(int, int, long)} of a signed population. */
  public void fire(int b, int p, long positive, long negative) {
    setWords(b, p, positive, negative);
    addSpikes(p, Long.bitCount(positive) + Long.bitCount(negative));
    if (counts != null) {
      count(b, p, positive, 1);
      count(b, p, negative, -1);
    }
  }

  private void addSpikes(int p, int n) {
    pixelSpikes.setAtIndex(JAVA_LONG, p, pixelSpikes.getAtIndex(JAVA_LONG, p) + n);
  }

  /** Adds {@code each} to the counts of a block's neurons, where lanes are channels. */
  private void count(int b, int p, long word, int each) {
    long row = (long) b * BLOCK * height * width + (long) p * lanes(b);
    for (long rest = word; rest != 0; rest &= rest - 1) {
      long at = row + Long.numberOfTrailingZeros(rest);
      counts.setAtIndex(JAVA_INT, at, counts.getAtIndex(JAVA_INT, at) + each);
    }
  }

  /** Adds the spikes of {@code source} in the step it is at to this one's counts. */
  public void countWords(PopulationState source) {
    for (int p = 0; p < height * width; p++) {
      for (int b = 0; b < blocks; b++) {
        count(b, p, source.positive(p, b), 1);
        count(b, p, source.negative(p, b), -1);
      }
    }
  }

  /** Adds {@code each} to counts of one channel's neurons, where lanes are pixels. */
  public void countPixels(int channel, int firstPixel, long spikingPixels, int each) {
    long first = channel * channelStride + firstPixel;
    for (long rest = spikingPixels; rest != 0; rest &= rest - 1) {
      int i = Long.numberOfTrailingZeros(rest);
      if (firstPixel + i < height * width) {
        counts.setAtIndex(JAVA_INT, first + i, counts.getAtIndex(JAVA_INT, first + i) + each);
      }
    }
  }

  /**
   * Makes room in {@code pixelCounts} for the spikes of {@code steps} more steps; kernels that
   * count there call it first. At most 65535 / channels steps at once.
   */
  public void makeRoomFor(int steps) {
    if ((long) (countedSteps + steps) * channels > (wide ? 0xffffffffL : 0xffff)) {
      addUpPixelCounts();
    }
    countedSteps += steps;
  }

  /**
   * Brings all that the neurons keep from step to step, and the statistics, to {@code to}: the same
   * population whose lanes lie the other way. This one's statistics are then none.
   */
  public void moveTo(PopulationState to) {
    for (int c = 0; c < channels; c++) {
      copyChannel(v, laneBytes(), to, to.v, c);
      if (net != null) {
        copyChannel(net, laneBytes(), to, to.net, c);
      }
      if (netCarry != null) {
        copyChannel(netCarry, 2, to, to.netCarry, c);
      }
      if (counts != null) {
        copyChannel(counts, 4, to, to.counts, c);
      }
    }
    to.clearAllStatistics();
    addSpikesTo(to);
    for (int i = 0; i < twins.size(); i++) {
      twins.get(i).addSpikesTo(to);
    }
    clearAllStatistics();
  }

  private void copyChannel(
      MemorySegment from, int bytes, PopulationState other, MemorySegment to, int c) {
    int pixels = height * width;
    long at = index(c, 0, 0);
    long each = pixelStride(c);
    long toAt = other.index(c, 0, 0);
    long toEach = other.pixelStride(c);
    for (int p = 0; p < pixels; p++) {
      Lanes.set(to, bytes, toAt + p * toEach, Lanes.get(from, bytes, at + p * each));
    }
  }

  /** Elements of v from one pixel of a channel to the next. */
  private long pixelStride(int channel) {
    return byPixel ? 1 : lanes(channel / BLOCK);
  }

  private void addSpikesTo(PopulationState to) {
    addUpPixelCounts();
    for (int p = 0; p < height * width; p++) {
      long sum = to.pixelSpikes.getAtIndex(JAVA_LONG, p) + pixelSpikes.getAtIndex(JAVA_LONG, p);
      to.pixelSpikes.setAtIndex(JAVA_LONG, p, sum);
    }
  }

  private void clearAllStatistics() {
    clearStatistics();
    for (int i = 0; i < twins.size(); i++) {
      twins.get(i).clearStatistics();
    }
  }

  private void addUpPixelCounts() {
    if (countedSteps == 0) {
      return;
    }
    for (int p = 0; p < height * width; p++) {
      long n = get(pixelCounts, p) & (wide ? 0xffffffffL : 0xffff);
      pixelSpikes.setAtIndex(JAVA_LONG, p, pixelSpikes.getAtIndex(JAVA_LONG, p) + n);
    }
    pixelCounts.fill((byte) 0);
    countedSteps = 0;
  }

  /** Spikes of this image so far, all neurons. */
  public long spikeTotal() {
    addUpPixelCounts();
    long n = 0;
    for (int p = 0; p < height * width; p++) {
      n += pixelSpikes.getAtIndex(JAVA_LONG, p);
    }
    for (int i = 0; i < twins.size(); i++) {
      n += twins.get(i).spikeTotal();
    }
    return n;
  }

  /**
   * Spikes of this image so far, those of every pixel times {@code rows[y] * columns[x]}: what they
   * caused at that many synapses each.
   */
  public long weightedSpikes(int[] rows, int[] columns) {
    addUpPixelCounts();
    long n = 0;
    for (int y = 0; y < height; y++) {
      long inRow = 0;
      for (int x = 0; x < width; x++) {
        inRow += columns[x] * pixelSpikes.getAtIndex(JAVA_LONG, (long) y * width + x);
      }
      n += rows[y] * inRow;
    }
    for (int i = 0; i < twins.size(); i++) {
      n += twins.get(i).weightedSpikes(rows, columns);
    }
    return n;
  }

  /**
   * Steps that may run between two calls of {@link #carryNet}: N then stays within 0 to 2^16 - 1,
   * and is 0 only if there is no carry.
   */
  public static final int NET_STEPS = 1 << 14;

  private static final int CARRY = 1 << 15;

  /** Moves what 16 bits might not hold from N to its carry or back. Idempotent. */
  public void carryNet() {
    if (netCarry == null) {
      return;
    }
    long neurons = net.byteSize() / 2;
    for (long i = 0; i < neurons; i++) {
      int n = net.getAtIndex(JAVA_SHORT, i) & 0xffff;
      short carry = netCarry.getAtIndex(JAVA_SHORT, i);
      if (n >= NET_STEPS + CARRY) {
        net.setAtIndex(JAVA_SHORT, i, (short) (n - CARRY));
        netCarry.setAtIndex(JAVA_SHORT, i, (short) (carry + 1));
      } else if (n < NET_STEPS && carry != 0) {
        net.setAtIndex(JAVA_SHORT, i, (short) (n + CARRY));
        netCarry.setAtIndex(JAVA_SHORT, i, (short) (carry - 1));
      }
    }
  }

  /**
   * Neurons whose V stood at an end of its type in the last step, before the reset: those that the
   * step saturated. Of neurons that spiked, only those are found whose theta is at most half of the
   * type's largest value.
   */
  public int saturated() {
    // V is beyond half of the range then, where hardly any other neuron is: the two highest bits of
    // its lane differ.
    long signs = wide ? 0x80000000_80000000L : 0x8000_8000_8000_8000L;
    int lanes = 8 / laneBytes();
    int n = 0;
    for (long i = 0; i < v.byteSize() / 8; i++) {
      long several = v.getAtIndex(JAVA_LONG, i);
      if (((several ^ several << 1) & signs) != 0) {
        for (int k = 0; k < lanes; k++) {
          n += stoodAtAnEnd(i * lanes + k) ? 1 : 0;
        }
      }
    }
    return n;
  }

  private boolean stoodAtAnEnd(long index) {
    int c = channelOf(index);
    if (c < 0) {
      return false;
    }
    int potential = get(v, index);
    int threshold = get(theta, c);
    int most = wide ? Integer.MAX_VALUE : Short.MAX_VALUE;
    int least = -most - 1;
    boolean moved = potential == most - threshold || (signed && potential == least + threshold);
    return potential == least || (moved && threshold <= most / 2);
  }

  /** Channel of a lane of v; -1 of padding. */
  private int channelOf(long index) {
    long pixels = (long) height * width;
    if (byPixel) {
      return index % channelStride < pixels ? (int) (index / channelStride) : -1;
    }
    long b = index / (BLOCK * pixels);
    long c = b * BLOCK + (index - b * BLOCK * pixels) % lanes((int) b);
    return c < channels ? (int) c : -1;
  }

  /** Negative spikes of this image so far, all neurons. */
  public long negativeTotal() {
    return signed ? (spikeTotal() - netTotal()) / 2 : 0;
  }

  /** Positive minus negative spikes of this image so far, all neurons. */
  private long netTotal() {
    long n = 0;
    for (int b = 0; b < (byPixel ? channels : blocks); b++) {
      long from = byPixel ? b * channelStride : rowStart(b, 0);
      long to = from + (long) height * width * (byPixel ? 1 : lanes(b));
      n += netOf(from, to);
    }
    return n;
  }

  private long netOf(long from, long to) {
    long n = 0;
    if (net == null) {
      // A gate: where lanes are pixels it keeps its count in the place of V.
      for (long i = from; i < to; i++) {
        n += byPixel ? get(v, i) : counts.getAtIndex(JAVA_INT, i);
      }
    } else if (wide) {
      for (long i = from; i < to; i++) {
        n += net.getAtIndex(JAVA_INT, i);
      }
    } else {
      for (long i = from; i < to; i++) {
        n += net.getAtIndex(JAVA_SHORT, i) & 0xffff;
        n += (netCarry.getAtIndex(JAVA_SHORT, i) & 0xffffL) * CARRY;
      }
    }
    return n;
  }

  /**
   * Forgets what the image before left: V is the caller's, and {@code spikes} are written whole in
   * every step before they are read.
   */
  public void clearSpikes() {
    if (net != null) {
      net.fill((byte) 0);
    }
    if (netCarry != null) {
      netCarry.fill((byte) 0);
    }
    if (counts != null) {
      counts.fill((byte) 0);
    }
    clearAllStatistics();
  }

  private void clearStatistics() {
    if (pixelCounts != null) {
      pixelCounts.fill((byte) 0);
    }
    pixelSpikes.fill((byte) 0);
    countedSteps = 0;
  }
}
