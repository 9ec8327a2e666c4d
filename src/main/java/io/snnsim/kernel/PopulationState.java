package io.snnsim.kernel;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

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
 * accumulator        [x][lane], one row of input sums       -
 * pixelCounts        -                                      [y][x], spikes not yet added up
 * </pre>
 *
 * v, current, theta, bias, accumulator and pixelCounts have 16 or 32 bits as V has. Blocks are of
 * 64 channels with lanes padded to 64 bytes; padding lanes: theta = largest value, bias = 0. For
 * both:
 *
 * <pre>
 * spikes       [slot][y][x][block]  one 64-bit word of channels; bit set = spike in that step
 * counts       32 bits, spikes of this image; null unless asked for
 * events       [slot]: x * channels + channel of every spike, pixel by pixel; null unless asked for
 * eventStarts  [slot][y * width + x], one more at the end: where a pixel's events start
 * pixelSpikes  [y][x]               64 bits, spikes of this image, all channels of the pixel
 * </pre>
 */
public final class PopulationState {
  /** Channels a block, bits a spike word. */
  public static final int BLOCK = 64;

  public final int channels;
  public final int height;
  public final int width;
  public final boolean wide;
  public final boolean byPixel;
  public final int blocks;

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

  private final MemorySegment pixelSpikes;
  private final long wordsPerSlot;
  private final long eventsPerSlot;
  private final List<PopulationState> twins = new ArrayList<>();

  /** Steps whose spikes may be in {@code pixelCounts}. */
  private int countedSteps;

  /** Index in {@code spikes} of the first word of the step being run. */
  public long spikeBase;

  /** Index in {@code events} of the first event of the step being run. */
  public long eventBase;

  /** Index in {@code eventStarts} of pixel 0 of the step being run. */
  public long eventStartBase;

  /** What a population needs besides its spikes. */
  public record Needs(boolean current, boolean counts, boolean events, boolean words) {}

  /**
   * Allocates zeroed buffers.
   *
   * @param byPixel lanes are pixels
   * @param slots steps of a block whose spikes are kept
   * @param accumulator shared row buffer of at least width * 64 * 4 bytes
   */
  public PopulationState(
      Arena arena,
      int channels,
      int height,
      int width,
      boolean wide,
      boolean byPixel,
      int slots,
      Needs needs,
      MemorySegment accumulator) {
    this.channels = channels;
    this.height = height;
    this.width = width;
    this.wide = wide;
    this.byPixel = byPixel;
    this.blocks = (channels + BLOCK - 1) / BLOCK;
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
    this.wordsPerSlot = pixels * blocks;
    this.spikes = needs.words() ? arena.allocate(slots * wordsPerSlot * 8, 64) : null;
    this.counts = needs.counts() ? arena.allocate(neurons * 4, 64) : null;
    // A vector of slack: lists are written by whole vectors.
    this.eventsPerSlot = pixels * channels + 16;
    this.events = needs.events() ? arena.allocate(slots * eventsPerSlot * 4, 64) : null;
    this.eventStarts = needs.events() ? arena.allocate(slots * (pixels + 1) * 4, 64) : null;
    this.pixelSpikes = arena.allocate(pixels * 8, 64);
    this.pixelCounts = byPixel ? arena.allocate(channelStride * bytes, 64) : null;
  }

  private PopulationState(PopulationState s, MemorySegment accumulator, Arena arena) {
    channels = s.channels;
    height = s.height;
    width = s.width;
    wide = s.wide;
    byPixel = s.byPixel;
    blocks = s.blocks;
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

  /** Makes {@code slot} the step that kernels read and write. */
  public void slot(int slot) {
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

  /** The spike word of pixel {@code p} and block {@code b} in the step being run. */
  public long word(int p, int b) {
    return spikes.getAtIndex(JAVA_LONG, spikeBase + (long) p * blocks + b);
  }

  /** Stores a spike word, with statistics and counts, where lanes are channels. */
  void fire(int b, int p, long word) {
    spikes.setAtIndex(JAVA_LONG, spikeBase + (long) p * blocks + b, word);
    pixelSpikes.setAtIndex(
        JAVA_LONG, p, pixelSpikes.getAtIndex(JAVA_LONG, p) + Long.bitCount(word));
    if (counts != null) {
      count(b, p, word);
    }
  }

  /** Adds the spikes of a word to the neurons' counts, where lanes are channels. */
  void count(int b, int p, long word) {
    long row = (long) b * BLOCK * height * width + (long) p * lanes(b);
    for (long rest = word; rest != 0; rest &= rest - 1) {
      long at = row + Long.numberOfTrailingZeros(rest);
      counts.setAtIndex(JAVA_INT, at, counts.getAtIndex(JAVA_INT, at) + 1);
    }
  }

  /** Adds the spikes of {@code source} in the step it is at to this one's counts. */
  public void countWords(PopulationState source) {
    for (int p = 0; p < height * width; p++) {
      for (int b = 0; b < blocks; b++) {
        count(b, p, source.word(p, b));
      }
    }
  }

  /** Adds spikes of one channel to the neurons' counts, where lanes are pixels. */
  void countPixels(int channel, int firstPixel, long spikingPixels) {
    long first = channel * channelStride + firstPixel;
    for (long rest = spikingPixels; rest != 0; rest &= rest - 1) {
      int i = Long.numberOfTrailingZeros(rest);
      if (firstPixel + i < height * width) {
        counts.setAtIndex(JAVA_INT, first + i, counts.getAtIndex(JAVA_INT, first + i) + 1);
      }
    }
  }

  /**
   * Makes room in {@code pixelCounts} for the spikes of {@code steps} more steps; kernels that
   * count there call it first. At most 65535 / channels steps at once.
   */
  void makeRoomFor(int steps) {
    if ((long) (countedSteps + steps) * channels > (wide ? 0xffffffffL : 0xffff)) {
      addUpPixelCounts();
    }
    countedSteps += steps;
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

  /** Forgets the spikes of the image before; V is the caller's. */
  public void clearSpikes() {
    if (spikes != null) {
      spikes.fill((byte) 0);
    }
    if (counts != null) {
      counts.fill((byte) 0);
    }
    clearStatistics();
    for (int i = 0; i < twins.size(); i++) {
      twins.get(i).clearStatistics();
    }
  }

  private void clearStatistics() {
    if (pixelCounts != null) {
      pixelCounts.fill((byte) 0);
    }
    pixelSpikes.fill((byte) 0);
    countedSteps = 0;
  }
}
