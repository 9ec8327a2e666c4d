// SPDX-License-Identifier: Apache-2.0
package io.snnsim.kernel.state;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/**
 * Owns the off-heap buffers of one population in one simulation: what kernels read and write.
 * Confined to the simulation's thread; allocates only in the constructor.
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
public final class PopulationState extends PopulationLayout {
  /**
   * Steps that may run between two calls of {@link #carryNet}: N then stays within 0 to 2^16 - 1,
   * and is 0 only if there is no carry.
   */
  public static final int NET_STEPS = 1 << 14;

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

  private final NetCounts netCounts;
  private final PixelSpikes statistics;
  private final MemorySegment pixelSpikes;
  private final long wordsPerSlot;
  private final long eventsPerSlot;
  private final List<PopulationState> twins = new ArrayList<>();
  private long visits;
  private int slot;

  /** Index in {@code spikes} of the first word of the step being run. */
  public long spikeBase;

  /** Index in {@code events} of the first event of the step being run. */
  public long eventBase;

  /** Index in {@code eventStarts} of pixel 0 of the step being run. */
  public long eventStartBase;

  /** What a population needs besides V, theta and bias. */
  public record Needs(boolean current, boolean counts, boolean events, boolean words) {}

  /**
   * Allocates zeroed buffers.
   *
   * @param slots steps of a block whose spikes are kept
   * @param accumulator the thread's buffer for sums, of at least (width + 1) * 64 * 4 bytes and
   *     what lookups need
   */
  public PopulationState(
      Arena arena, Form form, int slots, Needs needs, MemorySegment accumulator) {
    super(form);
    int bytes = laneBytes();
    v = arena.allocate(neurons() * bytes, 64);
    current = needs.current() ? arena.allocate(neurons() * bytes, 64) : null;
    this.accumulator = accumulator;
    theta = arena.allocate((long) allLanes() * bytes, 64);
    bias = arena.allocate((long) allLanes() * bytes, 64);
    wordsPerSlot = pixels() * words;
    spikes = needs.words() ? arena.allocate(slots * wordsPerSlot * 8, 64) : null;
    counts = needs.counts() ? arena.allocate(neurons() * 4, 64) : null;
    // A vector of slack: lists are written by whole vectors.
    eventsPerSlot = pixels() * channels + 16;
    events = needs.events() ? arena.allocate(slots * eventsPerSlot * 4, 64) : null;
    eventStarts = needs.events() ? arena.allocate(slots * (pixels() + 1) * 4, 64) : null;
    statistics = new PixelSpikes(arena, this);
    pixelSpikes = statistics.sums;
    pixelCounts = statistics.recent;
    netCounts = kind.keepsNet() ? new NetCounts(arena, neurons(), wide) : null;
    net = netCounts == null ? null : netCounts.lanes;
  }

  private PopulationState(PopulationState s, MemorySegment accumulator, Arena arena) {
    super(s.form());
    v = s.v;
    current = s.current;
    this.accumulator = accumulator;
    theta = s.theta;
    bias = s.bias;
    spikes = s.spikes;
    counts = s.counts;
    events = s.events;
    eventStarts = s.eventStarts;
    netCounts = s.netCounts;
    net = s.net;
    statistics = new PixelSpikes(arena, this);
    pixelSpikes = statistics.sums;
    pixelCounts = statistics.recent;
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

  /** Changes whenever another step may be the one that kernels read. */
  public long visits() {
    return visits;
  }

  /** Makes {@code slot} the step that kernels read and write. */
  public void slot(int slot) {
    visits++;
    this.slot = slot;
    spikeBase = slot * wordsPerSlot;
    eventBase = slot * eventsPerSlot;
    eventStartBase = slot * ((long) height * width + 1);
  }

  /** The step that kernels read and write. */
  public int slot() {
    return slot;
  }

  /** Forgets a row's sums of block {@code b}. */
  public void clearAccumulator(int b) {
    long bytes = (long) width * lanes(b) * laneBytes();
    for (long i = 0; i < bytes / 8; i++) {
      accumulator.setAtIndex(JAVA_LONG, i, 0);
    }
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
    fire(b, p, word, 1);
  }

  /** The same of spikes that count {@code each}. */
  public void fire(int b, int p, long word, int each) {
    spikes.setAtIndex(JAVA_LONG, spikeBase + (long) p * words + b, word);
    addSpikes(p, Long.bitCount(word));
    if (counts != null) {
      count(b, p, word, each);
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

  /** Words of a step. */
  public long slotWords() {
    return wordsPerSlot;
  }

  /** Index in {@code spikes} of a row's first word of block {@code b} in the step being run. */
  public long wordIndex(int b, int y) {
    return spikeBase + (long) y * width * words + b;
  }

  /**
   * Statistics and counts of the spikes that a kernel has stored in a row's words of block {@code
   * b}, where lanes are channels; each counts {@code each}.
   */
  public void fired(int b, int y, int each) {
    final MemorySegment fired = spikes;
    final MemorySegment sums = pixelSpikes;
    final long step = words;
    long word = wordIndex(b, y);
    long p = (long) y * width;
    for (long end = p + width; p < end; p++, word += step) {
      long n = Long.bitCount(fired.getAtIndex(JAVA_LONG, word));
      sums.setAtIndex(JAVA_LONG, p, sums.getAtIndex(JAVA_LONG, p) + n);
    }
    if (counts != null) {
      countRow(b, y, each);
    }
  }

  private void countRow(int b, int y, int each) {
    for (int x = 0; x < width; x++) {
      int p = y * width + x;
      count(b, p, word(p, b), each);
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
    statistics.makeRoomFor(steps);
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
        if (netCounts.carry != null) {
          copyChannel(netCounts.carry, 2, to, to.netCounts.carry, c);
        }
      }
      if (counts != null) {
        copyChannel(counts, 4, to, to.counts, c);
      }
    }
    to.clearStatistics();
    statistics.addTo(to.statistics);
    for (int i = 0; i < twins.size(); i++) {
      twins.get(i).statistics.addTo(to.statistics);
    }
    clearStatistics();
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

  /** Spikes of this image so far, all neurons. */
  public long spikeTotal() {
    long n = statistics.total();
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
    long n = statistics.weighted(rows, columns);
    for (int i = 0; i < twins.size(); i++) {
      n += twins.get(i).weightedSpikes(rows, columns);
    }
    return n;
  }

  /** Moves what 16 bits might not hold from N to its carry or back. Idempotent. */
  public void carryNet() {
    if (netCounts != null) {
      netCounts.carry();
    }
  }

  /**
   * Neurons that spiked with V at an end of its type in the last step, before the reset: those that
   * the step saturated. Of neurons that spiked, only those are found whose theta is at most half of
   * the type's largest value.
   */
  public int saturated() {
    return SaturatedNeurons.count(this);
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
    if (netCounts != null) {
      return netCounts.sum(from, to);
    }
    // A gate: where lanes are pixels it keeps its count in the place of V.
    long n = 0;
    for (long i = from; i < to; i++) {
      n += byPixel ? get(v, i) : counts.getAtIndex(JAVA_INT, i);
    }
    return n;
  }

  /**
   * Forgets what the image before left: V is the caller's, and {@code spikes} are written whole in
   * every step before they are read.
   */
  public void clearSpikes() {
    if (netCounts != null) {
      netCounts.clear();
    }
    if (counts != null) {
      counts.fill((byte) 0);
    }
    clearStatistics();
  }

  private void clearStatistics() {
    statistics.clear();
    for (int i = 0; i < twins.size(); i++) {
      twins.get(i).statistics.clear();
    }
  }
}
